"""The run as all processes but the first have it: they read nothing in its folder and write nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from nmt.data.tokenizer import TokenizerPair
from nmt.run_folder import Run


class Onlooker(Run):
    """What the first process does with the folder is done once; this one has the tokenizers from it."""

    def __init__(self, folder: Path, tokenizer: str) -> None:
        super().__init__(folder)
        self._tokenizer = TokenizerPair.from_json(tokenizer)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The first process sees to that."""
        yield

    def tokenizer(self) -> TokenizerPair:
        """The first process's."""
        return self._tokenizer

    def manifest(self, *needed: str) -> dict[str, Any]:
        """Nothing; what it would be asked for, it is not asked for here."""
        return {}

    def save_manifest(self, facts: dict[str, Any]) -> None:
        """Nothing."""

    def log(self, numbers: dict[str, Any]) -> None:
        """Nothing."""

    def save_weights(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Nothing."""

    def save_diverged(self, model: nn.Module) -> None:
        """Nothing."""

    def save_checkpoint(self, model: nn.Module, step: int, keep: int) -> None:
        """Nothing."""

    def save_state(self, model: nn.Module, tensors: dict[str, Tensor], numbers: dict[str, Any], keep: int) -> None:
        """Nothing."""

    def checkpoints(self) -> list[Path]:
        """None."""
        return []
