"""Median training speed of runs, in target tokens/s: python recipes/speed.py RUN..."""

import statistics
import sys
from pathlib import Path

from nmt.runs import Run

for folder in map(Path, sys.argv[1:]):
    # The first report has the start-up in it.
    reports = [row["tokens_per_second"] for row in Run(folder).metrics() if row["kind"] == "train"][1:]
    print(f"{folder}: {statistics.median(reports):,.0f} target tokens/s, median of {len(reports)} reports")
