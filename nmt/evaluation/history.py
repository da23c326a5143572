"""What each architecture was a step to: its year, its paper, and what it changed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Landmark:
    """A step of the history."""

    year: int
    paper: str
    change: str
    """What it does that the one before does not."""


LANDMARKS = {
    "lexical": Landmark(
        1993, "Brown et al. 1993", "a table of words: each source word is translated by itself, in its own place"
    ),
    "rnn-initial": Landmark(
        2014,
        "Sutskever et al. 2014",
        "an encoder squeezes the sentence into one vector, with which a decoder begins to write the translation",
    ),
    "rnn": Landmark(
        2014,
        "Cho et al. 2014",
        "an encoder squeezes the sentence into one vector, which a decoder reads at every step of the translation",
    ),
    "attention": Landmark(
        2015, "Bahdanau et al. 2015", "every step of the decoder looks at every source state, by weights it computes"
    ),
    "luong": Landmark(
        2015,
        "Luong et al. 2015",
        "every step of the decoder, once it is taken, looks at every source state",
    ),
    "reservoir": Landmark(
        2001, "Jaeger 2001", "the recurrence is random and stays as it is; only what reads its states is trained"
    ),
    "transformer": Landmark(
        2017, "Vaswani et al. 2017", "no recurrence: all positions look at each other at once, in several heads"
    ),
    "decoder": Landmark(
        2018, "Liu et al. 2018", "no encoder either: one causal Transformer reads source and target as one sequence"
    ),
}
"""By the name of the architecture; one vector is read in two ways, and attention has two fathers."""
