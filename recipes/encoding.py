"""Which encodes faster, the `tokenizers` library's own threads or processes:

python recipes/encoding.py SRC TGT TOKENIZER

SRC and TGT are files of as many lines, TOKENIZER is what `nmt train` writes. Prints pairs/s of each way, and the share
of one thread's time in which it hands out ids, when no other thread can. Medians of three.
"""

import os
import statistics
import sys
import time
from itertools import islice
from pathlib import Path

from nmt.data.corpus import read_parallel
from nmt.data.encoding import cores, encoded_chunks
from nmt.data.tokenizer import TokenizerPair

PAIRS = 30_000


def seconds(pairs: list[tuple[str, str]], tokenizer: TokenizerPair, processes: int, threads: str) -> float:
    os.environ["TOKENIZERS_PARALLELISM"] = threads
    begun = time.monotonic()
    for _ in encoded_chunks(pairs, tokenizer, processes):
        pass
    return time.monotonic() - begun


def handing_out(lines: list[str], tokenizer: TokenizerPair) -> float:
    """Seconds of a core for ids, of those for encoding and ids."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    begun = time.process_time()
    found = tokenizer.source._library.encode_batch_fast(lines, add_special_tokens=False)
    encoded = time.process_time()
    for encoding in found:
        encoding.ids  # noqa: B018
    ended = time.process_time()
    return (ended - encoded) / (ended - begun)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    corpus, tokenizer = read_parallel(Path(sys.argv[1]), Path(sys.argv[2])), TokenizerPair.load(Path(sys.argv[3]))
    pairs = list(islice(zip(corpus.src, corpus.tgt, strict=True), PAIRS))
    shares = [handing_out(corpus.src[:PAIRS], tokenizer) for _ in range(3)]
    print(f"ids: {statistics.median(shares):.0%} of one thread's time")
    for name, processes, threads in (
        ("one thread", 1, "false"),
        ("the library's threads", 1, "true"),
        (f"{cores()} processes", cores(), "false"),
    ):
        times = [seconds(pairs, tokenizer, processes, threads) for _ in range(3)]
        print(f"{name}: {len(pairs) / statistics.median(times):,.0f} pairs/s on {cores()} cores")
