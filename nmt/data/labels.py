"""Stub until the grammar's labels land."""

from dataclasses import dataclass

from nmt.data.corpus import Split


@dataclass(frozen=True)
class Contrast:
    """One word and its wrong variants."""

    phenomenon: str
    side: str
    index: int
    word: str
    variants: tuple[str, ...]
    distance: int | None

    def replaced(self, sentence: str, variant: str) -> str:
        """The sentence with the word alone replaced."""
        words = sentence.split(" ")
        words[self.index] = words[self.index].replace(self.word, variant)
        return " ".join(words)


@dataclass(frozen=True)
class Labelled:
    """What is in a sentence pair."""

    labels: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


def load(where: str, split: Split) -> list[Labelled] | None:
    """The labels of a corpus."""
    return None
