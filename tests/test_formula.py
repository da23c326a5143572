"""Arithmetic that keeps its text, against Python's own; and the formulas of parts that torch has too."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nmt.models.attention import CrossAttention, SelfAttention
from nmt.models.cells import GRU, LSTM, Tanh
from nmt.models.formula import Formula, letter
from nmt.models.norms import LayerNorm, RMSNorm

NUMBERS = st.integers(0, 5)
LETTERS = st.sampled_from([letter("D", 8), letter("E", 6), letter("V", 1_234)])
FORMULAS = st.recursive(
    LETTERS,
    lambda inner: st.tuples(inner, inner | NUMBERS, st.booleans()).map(lambda t: t[0] + t[1] if t[2] else t[0] * t[1]),
    max_leaves=8,
)


def worked_out(formula: Formula, text: str) -> int:
    """What the text comes to, by Python's own arithmetic."""
    code = re.sub("([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "**" + unicodedata.normalize("NFKC", found[1]), text)
    code = code.replace(",", "").replace("·", "*")
    code = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", code)
    return int(eval(code, {}, formula.letters))


def numbers(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@given(FORMULAS)
def test_a_formula_comes_to_what_its_text_and_its_numbers_say(formula: Formula) -> None:
    assert worked_out(formula, formula.text) == worked_out(formula, formula.numbers) == formula.value


def test_a_formula_is_written_as_on_paper() -> None:
    dim, width = letter("D", 8), letter("E", 6_000)
    formula = 2 * (4 * dim * dim + dim) + 3 * dim * (width + dim) + 0 * dim
    assert formula.text == "2 (4 D² + D) + 3 D (E + D)"
    assert formula.numbers == "2·(4·8² + 8) + 3·8·(6,000 + 8)"
    assert formula.letters == {"D": 8, "E": 6_000}


def test_formulas_are_those_of_torchs_own_modules() -> None:
    inputs, dim = letter("I", 7), letter("D", 6)
    for cell, theirs in ((Tanh, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)):
        assert cell.parameter_formula(inputs, dim).value == numbers(theirs(7, 6))
    for attention in (SelfAttention, CrossAttention):
        assert attention.parameter_formula(dim).value == numbers(nn.MultiheadAttention(6, 2))
    assert LayerNorm.parameter_formula(dim).value == numbers(nn.LayerNorm(6))
    assert RMSNorm.parameter_formula(dim).value == numbers(nn.RMSNorm(6))
