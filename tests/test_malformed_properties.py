"""Whatever the input, a command ends with a documented exit code and counts lines right: hypothesis draws it."""

import contextlib
import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed.case import Ended, in_this_process
from malformed.tokenizers import ENCODE

from nmt import recipe
from nmt.data.tokenizer import FORMAT, Tokenizer, TokenizerPair
from nmt.errors import DataError, UsageError

CODES = {0, 1, 2, 3}
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SETTINGS = [
    f"{section}.{key}"
    for section, part in (
        ("training", recipe.TrainingConfig),
        ("data", recipe.DataConfig),
        ("decoding", recipe.SearchConfig),
    )
    for key in part.model_fields
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    TokenizerPair(Tokenizer.train(["a b c ä"], level="bpe", vocab_size=270)).save(folder / "t.json")
    return folder


@pytest.fixture(scope="module", autouse=True)
def elsewhere(place: Path) -> Iterator[None]:
    """What a command that was drawn may write does not go into the checkout."""
    (place / "cwd").mkdir()
    with contextlib.chdir(place / "cwd"):
        yield


def well_ended(ended: Ended) -> bool:
    """A documented exit code, and one line for a failure."""
    err = ended.err.decode("utf-8", "replace")
    return ended.code in CODES and "Traceback" not in err and (ended.code == 0) == (not err.startswith("nmt: "))


@given(text=st.binary(max_size=200))
def test_a_filter_gives_a_line_for_each_line_until_one_is_not_utf_8(place: Path, text: bytes) -> None:
    ended = in_this_process([*ENCODE[:-1], str(place / "t.json")], text)
    lines = text.split(b"\n")[:-1] + ([text.split(b"\n")[-1]] if not text.endswith(b"\n") and text else [])
    good = 0
    for line in lines:
        try:
            line.decode()
        except UnicodeDecodeError:
            break
        good += 1
    assert ended.code == (0 if good == len(lines) else 3)
    assert ended.out.count(b"\n") == good
    assert well_ended(ended)


@given(src=st.binary(max_size=120), tgt=st.binary(max_size=120))
@settings(max_examples=20)
def test_a_check_of_any_two_files_ends_well_and_its_fix_is_parallel(place: Path, src: bytes, tgt: bytes) -> None:
    (place / "src").write_bytes(src)
    (place / "tgt").write_bytes(tgt)
    out = place / "out"
    for name in ("src", "tgt", "log.jsonl"):
        (out / name).unlink(missing_ok=True)
    both = ["data", "check", "--src", str(place / "src"), "--tgt", str(place / "tgt")]
    checked = in_this_process([*both, "--format", "json"], b"")
    assert checked.code in (0, 3)
    if b"gzip" in checked.err:  # by its first two bytes, and then no more
        return
    found = json.loads(checked.out)
    assert found["source"]["lines"] == src.count(b"\n") + (src != b"" and not src.endswith(b"\n"))
    assert found["refused"] == (checked.code == 3)
    fixed = in_this_process([*both, "--fix", str(out)], b"")
    assert fixed.code in (0, 3)
    assert (out / "src").exists() == (fixed.code == 0)
    if fixed.code == 0:
        sides = [(out / name).read_bytes().decode().split("\n") for name in ("src", "tgt")]
        assert len(sides[0]) == len(sides[1]) <= found["pairs"] + 1
        assert all(line.strip() for side in sides for line in side[:-1])


@given(content=st.dictionaries(st.sampled_from(["format", "source", "target", "x"]), JSON | st.just(FORMAT)))
def test_a_tokenizer_of_any_json_is_refused(place: Path, content: dict[str, Any]) -> None:
    (place / "drawn.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match="is no tokenizer of nmt"):
        TokenizerPair.load(place / "drawn.json")


@given(
    key=st.sampled_from(["level", "model"]), inner=st.sampled_from(["vocab", "merges", "type", "unk_token"]), value=JSON
)
def test_a_tokenizer_with_anything_in_one_place_is_refused_or_works(
    place: Path, key: str, inner: str, value: Any
) -> None:
    content = json.loads((place / "t.json").read_bytes())
    if key == "level":
        content["source"]["level"] = value
    else:
        content["source"]["model"][inner] = value
    (place / "drawn.json").write_text(json.dumps(content))
    try:
        tokenizer = TokenizerPair.load(place / "drawn.json").source
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - or else it works
    else:
        ids = tokenizer.encode(["a b xyz", ""])
        assert all(0 <= index < len(tokenizer) for index in ids[0])


@given(key=st.sampled_from(SETTINGS), value=JSON)
@settings(max_examples=150)
def test_a_setting_of_any_value_is_taken_or_refused_in_one_line(key: str, value: Any) -> None:
    section, _, name = key.partition(".")
    try:
        found = recipe.load(None, "rnn", (), {section: {name: value}})
    except UsageError as error:
        said = str(error)
        assert section in said
        assert len(said) < 2_000
    else:
        assert recipe.dump(found)


@given(key=st.sampled_from(SETTINGS), text=st.text(string.printable + "é\u2028\0", max_size=30))
@settings(max_examples=150)
def test_a_setting_of_any_words_is_taken_or_refused(key: str, text: str) -> None:
    try:
        found = recipe.load(None, "rnn", [f"{key}={text}"])
    except UsageError as error:
        assert key.split(".")[0] in str(error)  # noqa: PT017 - or else it is a recipe
    else:
        assert recipe.dump(found)


@given(text=st.text(string.printable, max_size=60))
def test_any_text_is_a_recipe_or_refused(place: Path, text: str) -> None:
    (place / "drawn.toml").write_text(text, "utf-8", newline="\n")
    try:
        recipe.load(place / "drawn.toml")
    except UsageError as error:
        assert "drawn.toml" in str(error)  # noqa: PT017


COMMANDS = (
    "train translate eval data check make tokenizer encode info -m -o --set --beam --src --tgt --ref --hyp --arch"
)
WORDS = st.sampled_from([*COMMANDS.split(), "nowhere", "x=1", "0", "-1", "", "--", "ä", "rnn", "--help"])


@given(words=st.lists(WORDS, max_size=5))
@settings(max_examples=150)
def test_any_words_are_a_command_or_refused(words: list[str]) -> None:
    if words[:1] == ["train"] or words[:2] == ["data", "make"]:  # which would make something
        words = [*words, "--no-such-flag"]
    ended = in_this_process(words, b"")
    err = ended.err.decode()
    assert ended.code in CODES
    assert "Traceback" not in err
    assert ended.code == 0 or err.startswith(("nmt: ", "Usage: "))
