"""How many lines of a wrong language `nmt data check` finds among those that were planted, and what else it flags.

    python recipes/planted.py train.en.gz train.de.gz other.fr.gz --rate 0.01

Puts, at random places of the first file, as many lines of the second (its own partner's) and of the third as the rate
says, half each, and checks the two: recall and precision of "the other side's language" over the former, and of "like
neither side's language" over the latter. What was wrong before counts against precision.
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
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    own, other, third = (read_lines(path) for path in given.files)
    own, other = own[: given.lines], other[: given.lines]
    rng = random.Random(given.seed)
    rows = np.array(rng.sample(range(len(own)), int(given.rate * len(own))))
    planted = {"other-language": rows[::2], "strange": rows[1::2]}
    for row in planted["other-language"]:
        own[row] = other[row]
    for row in planted["strange"]:
        own[row] = third[rng.randrange(len(third))]
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / "src", Path(name) / "tgt"]
        for path, lines in zip(paths, (own, other), strict=True):
            path.write_text("".join(line + "\n" for line in lines), "utf-8")
        flags = survey(of_files(*paths)).flags[0]
    print(f"{len(own):,} lines, {len(rows):,} planted")
    for kind, where in planted.items():
        found = np.flatnonzero(flags & BIT[kind])
        right = len(np.intersect1d(found, where))
        print(
            f"{kind}: recall {right / max(len(where), 1):.3f}, precision {right / max(len(found), 1):.3f}, "
            f"{len(found) - right:,} others flagged"
        )


if __name__ == "__main__":
    main()
