"""How good links between words are, and links of two directions made into one; on sets, whoever found them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nmt.data.links import Gold, Links

_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


@dataclass(frozen=True)
class Agreement:
    """Links of a text against a gold standard: counts over all its pairs (Och and Ney 2003, section 5)."""

    pairs: int
    found: int
    sure: int
    possible: int
    """The sure ones among them."""
    found_sure: int
    found_possible: int

    @property
    def error_rate(self) -> float:
        """Alignment error rate, 1 - (|A and S| + |A and P|) / (|A| + |S|); 0 is perfect."""
        return 1.0 - _share(self.found_sure + self.found_possible, self.found + self.sure)

    @property
    def precision(self) -> float:
        """Share of the found links that are possible."""
        return _share(self.found_possible, self.found)

    @property
    def recall(self) -> float:
        """Share of the sure links that were found."""
        return _share(self.found_sure, self.sure)

    @property
    def text(self) -> str:
        """All of it on one line, shares in per cent."""
        return (
            f"AER {100 * self.error_rate:.1f}  precision {100 * self.precision:.1f}  recall {100 * self.recall:.1f}  "
            f"({self.pairs:,} pairs, {self.found:,} links, {self.sure:,} sure and {self.possible:,} possible)"
        )


def agreement(found: Sequence[Links], gold: Sequence[Gold]) -> Agreement:
    """The counts for links and gold standard of as many pairs."""
    both = list(zip(found, gold, strict=True))
    return Agreement(
        pairs=len(both),
        found=sum(len(links) for links, _ in both),
        sure=sum(len(each.sure) for _, each in both),
        possible=sum(len(each.possible) for _, each in both),
        found_sure=sum(len(links & each.sure) for links, each in both),
        found_possible=sum(len(links & each.possible) for links, each in both),
    )


def _share(part: int, whole: int) -> float:
    """Nothing of nothing is all of it: where nobody sees a link, finding none is right."""
    return part / whole if whole else 1.0


def intersection(forward: Links, backward: Links) -> Links:
    """Links that both directions have: few, and seldom wrong."""
    return forward & backward


def union(forward: Links, backward: Links) -> Links:
    """Links that either direction has."""
    return forward | backward


def grow_diag_final_and(forward: Links, backward: Links) -> Links:
    """The intersection, grown by links of the union (Koehn, Och and Marcu 2003; Koehn et al. 2005, figure 1).

    First by those that touch a link, diagonally too, and whose source or target word has none yet, in the order of
    source and target, again and again until none is left; then by those, of `forward` before those of `backward`,
    whose words both have none.
    """
    links, either = set(forward & backward), forward | backward
    order = sorted(either)
    src, tgt = {i for i, _ in links}, {j for _, j in links}

    def take(link: tuple[int, int]) -> None:
        links.add(link)
        src.add(link[0])
        tgt.add(link[1])

    before = -1
    while before < len(links):
        before = len(links)
        for i, j in (link for link in order if link in links):  # those taken on the way count too
            for down, right in _NEIGHBOURS:
                link = i + down, j + right
                if link in either and link not in links and (link[0] not in src or link[1] not in tgt):
                    take(link)
    for direction in (forward, backward):
        for link in sorted(direction):
            if link[0] not in src and link[1] not in tgt:
                take(link)
    return frozenset(links)


SYMMETRIZATIONS: dict[str, Callable[[Links, Links], Links]] = {
    "intersection": intersection,
    "union": union,
    "grow-diag-final-and": grow_diag_final_and,
}


def turned(links: Iterable[tuple[int, int]]) -> Links:
    """Links of the other direction, source and target exchanged."""
    return frozenset((j, i) for i, j in links)
