"""Lines that no text should have, to every command that reads lines."""

from collections.abc import Iterator

from malformed.case import Case

GOOD = b"A dog runs.\n"
ODD: dict[str, bytes] = {
    "nothing": b"",
    "one line feed": b"\n",
    "three line feeds": b"\n\n\n",
    "no line feed at the end": b"A dog",
    "spaces": b"   \n\t\n",
    "carriage returns": b"A dog\r\nTwo cats\r\n",
    "a carriage return inside": b"A\rdog\n",
    "nothing but carriage returns": b"\r\r\r\n",
    "U+2028": "A\u2028dog\n".encode(),
    "U+2029 alone": "\u2029\n".encode(),
    "U+0085": "A\u0085dog\n".encode(),
    "form feed and vertical tab": b"A\x0cdog\x0b\n",
    "NUL": b"A\x00dog\n\x00\n",
    "every control character": bytes(range(1, 10)) + bytes(range(11, 32)) + b"\n",
    "a byte order mark": "\ufeffA dog\n\ufeff\n".encode(),
    "zero width": "A\u200bdog\u2060\n\u200b\n".encode(),
    "right to left": "\u202eשלום\u202c\n".encode(),
    "emoji": "🤖👩‍👩‍👧‍👦\n".encode(),
    "combining marks": ("a" + "\u0301" * 200 + "\n").encode(),
    "the last code point": "\U0010ffff\ufffe\uffff\n".encode(),
    "a word of 20,000 letters": b"x" * 20_000 + b"\n",
    "3,000 words": b"dog " * 3_000 + b"\n",
    "special tokens": b"<s> </s> <pad> <unk> \xe2\x9f\xa8pad\xe2\x9f\xa9\n",
    "moses separators": b"a ||| b ||| c\n",
    "format characters": b"%s %d {0} {bench} $HOME `id` \\n\n",
    "HTML": b"<script>alert(1)</script> &amp; &#0; &#x110000;\n",
    "no-break spaces": "\u00a0\u202f\n".encode(),
}
BROKEN: dict[str, bytes] = {
    "a stray byte": b"\xff",
    "Latin-1": b"fa\xe7ade",
    "UTF-16": "dog".encode("utf-16"),
    "a character cut short": b"\xe2\x82",
    "an overlong slash": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "beyond the last code point": b"\xf4\x90\x80\x80",
    "gzip on a pipe": b"\x1f\x8b\x08\x00\x00",
}
IDS = {
    "words": b"eins zwei\n",
    "a negative id": b"-1\n",
    "an id beyond the vocabulary": b"99999\n",
    "a huge number": b"9" * 400 + b"\n",
    "superscripts": "²³\n".encode(),
    "other digits": "٣\n".encode(),
    "an underscore": b"1_0\n",
    "a fraction": b"5.0\n",
    "not UTF-8": b"\xff\n",
}
FILTERS = {
    "translate": ("translate", "-m", "{bench}/run", "--device", "cpu", "--beam", "1"),
    "encode": ("tokenizer", "encode", "-m", "{bench}/bpe.json"),
    "encode --pieces": ("tokenizer", "encode", "--pieces", "-m", "{bench}/word.json"),
}


def count(text: bytes) -> int:
    """Lines of a text; a last one without a line feed is one."""
    return text.count(b"\n") + (not text.endswith(b"\n") and text != b"")


def cases() -> Iterator[Case]:
    """All of them."""
    for name, command in FILTERS.items():
        torch = name == "translate"
        for title, text in ODD.items():
            yield Case(f"{name}, {title}", command, 0, stdin=text, lines=count(text), torch=torch)
        for title, text in BROKEN.items():
            given = GOOD * 2 + text + b"\n" + GOOD
            says = "standard input:3: not UTF-8"
            yield Case(f"{name}, {title}", command, 3, stdin=given, lines=2, torch=torch, says=says)
    for title, text in IDS.items():
        yield Case(f"decode, {title}", ("tokenizer", "decode", "-m", "{bench}/bpe.json"), 3, stdin=b"5 6\n" + text)
    for title, text in ODD.items():
        if text.strip(b" \t\n"):
            hyp = {"hyp": text, "ref": b"A dog.\n" * count(text)}
            yield Case(f"eval, {title}", ("eval", "--hyp", "hyp", "--ref", "ref"), 0, hyp)
    for title, text in BROKEN.items():
        files = {"src": GOOD * count(text + b"\n"), "tgt": text + b"\n"}
        both = ("--src", "src", "--tgt", "tgt")
        yield Case(f"score, {title}", ("score", "-m", "{bench}/run", *both, "--device", "cpu"), 3, files, torch=True)
        says = "gzip" if title.startswith("gzip") else "not UTF-8"
        yield Case(f"data check, {title}", ("data", "check", *both), 3, files, says=says)
