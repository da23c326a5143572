"""What the sections of a report are called: a table and the figures of the same numbers stand under one title."""

LEARNING = "Learning curves"
ATTENTION = "Attention"


def trainings(source: str, target: str) -> str:
    """The title over sizes and efforts."""
    return f"Training, {source}-{target}"


def scores(test: str) -> str:
    """The title over BLEU and chrF."""
    return f"Scores on {test}"


def lengths(test: str) -> str:
    """The title over BLEU by source length."""
    return f"BLEU by source length on {test}"


def tokens(test: str) -> str:
    """The title over what each tokenizer makes of the text, and BLEU where words are new."""
    return f"Tokens on {test}"


def sizes(test: str) -> str:
    """The title over BLEU by the size of the training text."""
    return f"BLEU by training pairs on {test}"


def phenomena(test: str) -> str:
    """The title over what contrasts tell."""
    return f"Accuracy by phenomenon on {test}"


def distances(family: str, test: str) -> str:
    """The title over what contrasts of one family tell."""
    return f"Accuracy by distance on {test}: {family}"


def labels(test: str) -> str:
    """The title over BLEU of the lines with each label."""
    return f"BLEU of the lines with a label on {test}"


def gradient(test: str, trained: bool) -> str:
    """The title over what a source word moves at an output, by the distance between them."""
    return f"Gradient against distance on {test}" + ("" if trained else ", before the first update")


def extrapolation(test: str) -> str:
    """The title over BLEU up to and beyond the longest training sentence."""
    return f"Beyond the longest training sentence on {test}"


def cost(longest: int) -> str:
    """The title over time and memory by sentence length."""
    return f"Time and memory against length, up to {longest:,} tokens"


def all_distances(test: str) -> str:
    """The title over accuracy by distance, all families together."""
    return f"Accuracy by distance on {test}"
