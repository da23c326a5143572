"""In which numbers the matrix products of a training are made."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch


class Precision:
    """Autocast, and the gradient scaler that fp16 needs."""

    def __init__(self, name: str, device: torch.device) -> None:
        if name == "auto":
            able = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            name = "bf16" if able else "fp32"
        self.dtype = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
        self.device = device
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")

    def autocast(self) -> AbstractContextManager[Any]:
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)
