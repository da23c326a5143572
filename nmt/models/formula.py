"""How many numbers a part has, as arithmetic that can be read: in letters, and with the numbers put in."""

from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import Union

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Letter:
    """A size with a name, such as D = 128."""

    name: str
    value: int


@dataclass(frozen=True)
class Term:
    """A whole number times letters and sums in brackets."""

    count: int
    factors: tuple[Union[Letter, "Formula"], ...] = ()

    def text(self, numbers: bool) -> str:
        """ "2 D² (E + D)", or with numbers "2·3²·(4 + 3)"."""
        parts = [str(self.count)] if self.count != 1 or not self.factors else []
        for factor, power in Counter(self.factors).items():
            raised = "" if power == 1 else str(power).translate(RAISED)
            if isinstance(factor, Letter):
                parts.append((f"{factor.value:,}" if numbers else factor.name) + raised)
            else:
                parts.append(f"({factor.numbers if numbers else factor.text}){raised}")
        return ("·" if numbers else " ").join(parts)


@dataclass(frozen=True)
class Formula:
    """A sum of terms; sums and products of formulas, and of whole numbers with them, are formulas.

    Of the letters D = 3 and E = 4, `2 * D * (E + D) + D` is the text "2 D (E + D) + D", the numbers "2·3·(4 + 3) + 3"
    and the value 45. What is written is what is counted, so the two cannot differ.
    """

    terms: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        """In letters."""
        return " + ".join(term.text(numbers=False) for term in self.terms) or "0"

    @property
    def numbers(self) -> str:
        """With the letters' values in their places."""
        return " + ".join(term.text(numbers=True) for term in self.terms) or "0"

    @property
    def value(self) -> int:
        """What it comes to."""
        return sum(term.count * prod(factor.value for factor in term.factors) for term in self.terms)

    @property
    def letters(self) -> dict[str, int]:
        """The letters in it with their values, in the order of the text."""
        found: dict[str, int] = {}
        for factor in (factor for term in self.terms for factor in term.factors):
            found |= {factor.name: factor.value} if isinstance(factor, Letter) else factor.letters
        return found

    def __add__(self, other: Union["Formula", int]) -> "Formula":
        return Formula(self.terms + _formula(other).terms)

    def __mul__(self, other: Union["Formula", int]) -> "Formula":
        sides = [side for side in (self, _formula(other)) if side.terms != (Term(1),)]
        if len(sides) < 2:
            return sides[0] if sides else self
        count, factors = 1, tuple[Letter | Formula, ...]()
        for side in sides:
            if len(side.terms) == 1:
                count, factors = count * side.terms[0].count, factors + side.terms[0].factors
            else:
                factors += (side,)
        return Formula((Term(count, factors),) if all(side.terms for side in sides) else ())

    __rmul__ = __mul__


def letter(name: str, value: int) -> Formula:
    """The formula that is one letter."""
    return Formula((Term(1, (Letter(name, value),)),))


def _formula(value: Formula | int) -> Formula:
    if isinstance(value, Formula):
        return value
    return Formula((Term(value),) if value else ())
