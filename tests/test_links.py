"""Links as files, their error rate, two directions made one, and tokenized text put together."""

import random
from pathlib import Path

import pytest

from nmt.data.given import Given, as_it_is, joined
from nmt.data.links import Gold, Links, Sizes, read_gold, read_links, written
from nmt.errors import DataError
from nmt.evaluation.alignment import SYMMETRIZATIONS, Agreement, agreement, grow_diag_final_and, turned


def links(text: str) -> Links:
    return frozenset((int(i), int(j)) for i, j in (word.split("-") for word in text.split()))


def file(folder: Path, *lines: str) -> Path:
    path = folder / "links"
    path.write_bytes("".join(line + "\n" for line in lines).encode())
    return path


def test_what_is_written_is_read_again_ordered_by_target(tmp_path: Path) -> None:
    found = [links("3-1 0-0 2-1"), links("")]
    assert [written(each) for each in found] == ["0-0 2-1 3-1", ""]
    assert read_links(file(tmp_path, *map(written, found)), Sizes("text", [(4, 2), (0, 0)])) == found


def test_a_gold_standard_counts_from_one_or_from_zero(tmp_path: Path) -> None:
    expected = [Gold(links("0-0"), links("0-0 1-2")), Gold(links(""), links(""))]
    assert read_gold(file(tmp_path, "1-1 2p3", ""), 1) == expected
    assert read_gold(file(tmp_path, "0-0 1p2", ""), 0) == expected
    assert read_gold(file(tmp_path, "2p3 2-3"), 1) == [Gold(links("1-2"), links("1-2"))]


@pytest.mark.parametrize(
    ("lines", "base", "message"),
    [
        (["1-1", "1-1 0p2"], 1, r"links:2: a link to token 0, so the file counts from 0; say so with --gold-base 0"),
        (["1-1", "2-1"], 0, r"links has no link to a token 0, so it counts from 1; say so with --gold-base 1"),
        (["1-1", "1:1"], 1, r"links:2: '1:1' is no link; a gold link is i-j \(sure\) or ipj \(possible\)"),
        (["", ""], 1, r"links has no link; there is nothing to measure against"),
        (
            ["1-1", "1p4"],
            1,
            r"links:2: a link of source token 1 and target token 4 in a pair of 2 and 3 tokens",
        ),
        (["0-0", "0-3"], 0, r"links:2: .*was read as counting from 0 \(--gold-base\)"),
        (["1-1"], 1, r"links has 1 lines and text has 2; line 2 is the first without a partner"),
    ],
)
def test_a_wrong_gold_standard_is_refused_by_line(tmp_path: Path, lines: list[str], base: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_gold(file(tmp_path, *lines), base, Sizes("text", [(2, 3), (2, 3)]))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0-0 1p1", "links:1: possible links \\(ipj\\) are a gold standard's"),
        ("0-0 -1-1", "links:1: '-1-1' is no link; a link is i-j, source and target token from 0"),
        (
            "2-0",
            "links:1: a link of source token 2 and target token 0 in a pair of 2 and 3 tokens; links count",
        ),
    ],
)
def test_wrong_links_are_refused_by_line(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_links(file(tmp_path, line), Sizes("text", [(2, 3)]))


def test_the_error_rate_is_that_of_the_formula_by_hand() -> None:
    gold = [Gold(links("0-0 1-1 2-2"), links("0-0 1-1 2-2 2-3 3-2")), Gold(links("0-1"), links("0-1"))]
    found = agreement([links("0-0 1-1 2-3 3-0"), links("0-1")], gold)
    assert found == Agreement(pairs=2, found=5, sure=4, possible=6, found_sure=3, found_possible=4)
    assert found.error_rate == pytest.approx(1 - (3 + 4) / (5 + 4))
    assert (found.precision, found.recall) == (4 / 5, 3 / 4)
    assert found.text == "AER 22.2  precision 80.0  recall 75.0  (2 pairs, 5 links, 4 sure and 6 possible)"


def test_the_sure_links_have_no_error_and_no_link_at_all_is_all_error() -> None:
    gold = [Gold(links("0-0 1-1"), links("0-0 1-1 0-1"))]
    assert agreement([gold[0].sure], gold).error_rate == 0.0
    assert agreement([links("0-0 1-1 0-1")], gold).error_rate == 0.0  # what is possible is no mistake
    assert agreement([links("")], gold).error_rate == 1.0


def test_directions_are_turned_joined_and_grown() -> None:
    forward, backward = links("0-0 1-1 2-3 5-5"), links("0-0 1-1 2-2 1-2 4-0")
    assert turned(links("0-1 2-3")) == links("1-0 3-2")
    assert SYMMETRIZATIONS["intersection"](forward, backward) == links("0-0 1-1")
    assert SYMMETRIZATIONS["union"](forward, backward) == links("0-0 1-1 2-3 5-5 2-2 1-2 4-0")
    # From 1-1: its neighbour 1-2 has a free target word, and so has 2-2 a free source word; from there 2-3. 4-0 touches
    # nothing, and its target word has a link; 5-5 touches nothing, but both its words are free.
    assert grow_diag_final_and(forward, backward) == links("0-0 1-1 1-2 2-2 2-3 5-5")


def test_growing_stays_between_intersection_and_union() -> None:
    forward, backward = links("0-0 3-0 1-1 2-1 4-4"), links("0-0 1-2 2-1 3-3 4-3")
    grown = grow_diag_final_and(forward, backward)
    assert forward & backward <= grown <= forward | backward
    assert grow_diag_final_and(forward, forward) == forward


def grown_on_paper(forward: Links, backward: Links, size: int) -> Links:
    """Grow-diag and final-and over a table of words, in the steps of the figure (Koehn et al. 2005)."""
    table = [[(i, j) in forward & backward for j in range(size)] for i in range(size)]

    def free(i: int, j: int) -> tuple[bool, bool]:
        return not any(table[i]), not any(line[j] for line in table)

    grows = True
    while grows:
        grows = False
        for i in range(size):
            for j in range(size):
                if not table[i][j]:
                    continue
                for a, b in ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)):
                    new = i + a, j + b
                    if (new in forward or new in backward) and any(free(*new)):
                        table[new[0]][new[1]] = grows = True
    for direction in (forward, backward):
        for i in range(size):
            for j in range(size):
                if (i, j) in direction and all(free(i, j)):
                    table[i][j] = True
    return frozenset((i, j) for i in range(size) for j in range(size) if table[i][j])


def test_growing_is_that_of_the_published_steps() -> None:
    rng = random.Random(1)
    for _ in range(300):
        size, density = rng.randint(1, 8), rng.random()
        places = [(i, j) for i in range(size) for j in range(size)]
        forward, backward = (frozenset(place for place in places if rng.random() < density) for _ in range(2))
        assert grow_diag_final_and(forward, backward) == grown_on_paper(forward, backward, size)


@pytest.mark.parametrize(
    ("language", "tokenized", "text"),
    [
        ("fr", "de les élections , à le heure de le an", "des élections, à l'heure de l'an"),
        ("fr", "à les accusations de le ministre à le Sénat", "aux accusations du ministre au Sénat"),
        ("fr", "ce ne est pas de les traiter", "ce n'est pas de les traiter"),
        ("fr", "la hausse de Halifax , le onze", "la hausse d'Halifax, le onze"),
        ("fr", "puis - je aller , est - ce un homme", "puis-je aller, est-ce un homme"),
        ("fr", "comme se il le savait aujourd' hui", "comme s'il le savait aujourd'hui"),
        ("fr", "25 % en le an : « ici »", "25 % en l'an: «ici»"),
        ("en", "the member 's $ 100 million ( 25 % ) hang - up .", "the member's $100 million (25%) hang-up."),
        ("en", '" let us " , they say -- now', '"let us", they say -- now'),
        ("de", "das ist , so er , gut !", "das ist, so er, gut!"),
    ],
)
def test_tokenized_text_is_put_together_as_it_is_written(language: str, tokenized: str, text: str) -> None:
    (found,) = joined([tokenized.lower() if language == "de" else tokenized], language)
    assert found.text in (text, text[0].upper() + text[1:])
    assert found.tokens == tuple(tokenized.split())
    assert {owner for owner in found.owners if owner is not None} == set(range(len(found.tokens)))
    assert len(found.owners) == len(found.text)


def test_beginnings_get_their_capitals_back_where_the_text_has_any() -> None:
    assert [each.text for each in joined(["( la motion", "le Canada"], "fr")] == ["(La motion", "Le Canada"]
    assert [each.text for each in joined(["la motion", "le canada"], "fr")] == ["la motion", "le canada"]


def test_a_contraction_belongs_to_both_its_tokens() -> None:
    (found,) = joined(["de les oeufs"], "fr")
    assert found.membership([(0, 3), (4, 6), (6, 9)]).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_a_space_in_a_piece_of_its_own_is_of_the_token_behind_it() -> None:
    pieces = as_it_is(" a b  c ").membership([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 7), (7, 8)])
    assert pieces.tolist() == [[1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0]]


def test_a_line_as_it_is_has_the_tokens_between_white_space() -> None:
    found = as_it_is("  l'été  a\u2028b ")
    assert found == Given(
        ("l'été", "a", "b"), "  l'été  a\u2028b ", (None,) * 2 + (0,) * 5 + (None,) * 2 + (1, None, 2, None)
    )
    assert as_it_is(" \t ").membership([(0, 3)]).shape == (0, 1)
