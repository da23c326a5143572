"""How many faults `nmt data check` finds among those that were planted in real text, and what else it flags.

    python recipes/planted.py train.de.gz train.en.gz other.fr.gz --rate 0.02

Plants, at random places of the first file and its partner, as many faults as the rate says, a fourth of each kind: its
partner's text, a line of the third file, a line of UTF-8 read as Windows-1252, and a partner of which two thirds are
missing. Prints recall and precision of the finding that each is meant for. What was wrong before counts against
precision; what was planted for another finding does not.
"""

import argparse
import random
import tempfile
from pathlib import Path

import numpy as np

from nmt.data.check.kinds import BIT
from nmt.data.check.survey import survey
from nmt.data.check.text import of_files
from nmt.data.lines import read_lines


def main() -> None:
    """Plants, checks and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs=3, type=Path, metavar="FILE")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    own, other, third = (read_lines(path) for path in given.files)
    own, other = own[: given.lines], other[: given.lines]
    planted = plant(own, other, third, given.rate, random.Random(given.seed))
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / "src", Path(name) / "tgt"]
        for path, lines in zip(paths, (own, other), strict=True):
            path.write_text("".join(line + "\n" for line in lines), "utf-8")
        flags = survey(of_files(*paths)).flags[0]
    print(f"{len(own):,} lines, {sum(map(len, planted.values())):,} planted")
    spoilt = np.concatenate(list(planted.values()))
    for kind, where in planted.items():
        found = np.flatnonzero(flags & BIT[kind])
        right, wrong = len(np.intersect1d(found, where)), len(np.setdiff1d(found, spoilt))
        print(
            f"{kind}: {len(where):,} planted, recall {right / max(len(where), 1):.3f}, "
            f"precision {right / max(right + wrong, 1):.3f}, {wrong:,} others flagged"
        )


def plant(own: list[str], other: list[str], third: list[str], rate: float, rng: random.Random) -> dict[str, list[int]]:
    """Spoils the two texts -> the rows of each kind of fault."""
    rows = rng.sample(range(len(own)), int(rate * len(own)))
    planted = {kind: rows[place::4] for place, kind in enumerate(("other-language", "strange", "mojibake", "ratio"))}
    planted["mojibake"] = [row for row in planted["mojibake"] if not own[row].isascii()]
    for row in planted["other-language"]:
        own[row] = other[row]
    for row in planted["strange"]:
        own[row] = third[rng.randrange(len(third))]
    for row in planted["mojibake"]:
        own[row] = "".join(misread(char) for char in own[row])
    for row in planted["ratio"]:
        other[row] = other[row][: len(other[row]) // 3]
    return planted


def misread(char: str) -> str:
    """The bytes of a character as Windows-1252 has them, and those that it leaves open as Latin-1 does."""
    return "".join(
        bytes([byte]).decode("latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for byte in char.encode()
    )


if __name__ == "__main__":
    main()
