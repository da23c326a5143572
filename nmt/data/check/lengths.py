"""Lengths that are out of proportion, by statistics that a few odd pairs do not move."""

import numpy as np
from numpy.typing import NDArray

MAD = 1.4826
"""Median absolute deviation times this is the standard deviation, where a distribution is normal."""
RATIO_DEVIATIONS = 4.0
RATIO_AT_LEAST = 2.0
"""A pair is out of proportion if one side is also this many times longer than the corpus has it. Both were chosen on
Multi30k: nine tenths of the pairs are found of which two thirds of a side are missing."""
LONG_DEVIATIONS = 4.0
LONG_AT_LEAST = 500
"""Characters below which nothing is very long."""


def ratio_outliers(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> NDArray[np.float64]:
    """(pairs,) two times characters -> how far a pair is beyond what lengths usually do; 0 for one that is not.

    As in Gale and Church (1993), the difference of lengths is measured by the root of the length, here of both sides
    together so that either may be the one that lacks something; what is usual are the median and the median absolute
    deviation of the text itself, so that no language needs numbers of its own. Empty sides are not judged.
    """
    beyond = np.zeros(len(src))
    full = (src > 0) & (tgt > 0)
    if full.sum() < 10:
        return beyond
    log_ratio = np.log(tgt[full] / src[full])
    expected = src[full] * np.exp(np.median(log_ratio))
    log_ratio -= np.median(log_ratio)
    deviation = (tgt[full] - expected) / np.sqrt(tgt[full] + expected)
    spread = max(float(np.median(np.abs(deviation))) * MAD, 1e-9)
    far = np.abs(deviation) / spread
    beyond[full] = np.where((far > RATIO_DEVIATIONS) & (np.abs(log_ratio) > np.log(RATIO_AT_LEAST)), far, 0.0)
    return beyond


def long_lines(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """(lines,) characters -> those of lines that are very long for their text; 0 for all others."""
    full = np.log(lengths[lengths > 0])
    if not len(full):
        return np.zeros_like(lengths)
    middle = float(np.median(full))
    spread = float(np.median(np.abs(full - middle))) * MAD
    limit = max(LONG_AT_LEAST, float(np.exp(middle + LONG_DEVIATIONS * spread)))
    return np.where(lengths > limit, lengths, 0)
