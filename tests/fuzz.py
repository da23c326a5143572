"""Every malformed input of the suite as a process of its own: `python tests/fuzz.py` (`make soak`), some minutes.

Prints how many of each kind there were, and what was wrong with any; the exit code is 1 if something was.
"""

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from malformed import Bench, Case, all_cases
from malformed.case import faults, in_a_process


def main() -> int:
    """Runs all cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, default=cpu_count(), help="Processes; as many as cores without it.")
    given = parser.parse_args()
    cases = all_cases()
    wrong: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench").mkdir()
        bench = Bench(folder / "bench")

        def run(numbered: tuple[int, Case]) -> tuple[Case, list[str]]:
            number, case = numbered
            place = folder / str(number)
            place.mkdir()
            arguments = bench.lay_out(case, place)
            found = faults(case, in_a_process(arguments, case.stdin, place))
            return case, found + (["it ran foreign code"] if (place / "harmed").exists() else [])

        with ThreadPoolExecutor(given.at_once) as pool:
            for case, found in pool.map(run, enumerate(cases)):
                kind = case.name.partition(":")[0]
                seen[kind] += 1
                if not seen.total() % 50:
                    print(f"{seen.total()} of {len(cases)}", file=sys.stderr, flush=True)
                wrong[kind] += bool(found)
                for fault in found:
                    print(f"{case.name}: {fault}", flush=True)
    for kind, number in seen.items():
        print(f"{kind}: {number} inputs, {wrong[kind]} wrong")
    print(f"all: {seen.total()} inputs, {wrong.total()} wrong")
    return 1 if wrong.total() else 0


if __name__ == "__main__":
    sys.exit(main())
