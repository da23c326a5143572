"""Where the words stand of which there is something to say, and what contrasts that makes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nmt.data.inflection import GENDERS
from nmt.data.labels import Contrast, Side, bare
from nmt.data.nominals import Phrase, column, human
from nmt.data.phrases import fits

FIRST_SIGN = 0xE000
SIGNS = re.compile("[\ue000-\uf8ff]")
KEPT = 2  # contrasts of a side of a sentence, those of which there are fewest: all of them would be megabytes
ANIMALS = ("animal", "beast", "ostrich")


@dataclass(frozen=True, slots=True)
class Draft:
    """A contrast that has no place yet; `controller` is the phrase that decides."""

    phenomenon: str
    variants: tuple[str, ...]
    controller: Phrase | None = None
    pronoun: Phrase | None = None


class Places:
    """Where in a sentence the words with signs are."""

    def __init__(self, text: str, told: list[Draft | Phrase], impersonal: Sequence[Phrase]) -> None:
        self.impersonal = impersonal
        self.drafts: list[tuple[int, Draft]] = []
        self.heads: list[tuple[int, Phrase]] = []
        tokens = text.split(" ")
        for index, token in enumerate(tokens):
            for one in SIGNS.findall(token):
                note = told[ord(one) - FIRST_SIGN]
                if isinstance(note, Draft):
                    self.drafts.append((index, note))
                else:
                    self.heads.append((index, note))
        self.words = [bare(word) for word in unsigned(text).split(" ")]

    def contrasts(self, side: Side) -> Iterator[Contrast]:
        """The drafts with their places."""
        for index, draft in self.drafts:
            at = self.place(draft, index)
            variants = self.wrong_pronouns(draft, side) if draft.pronoun else draft.variants
            if index == 0:
                variants = tuple(variant[0].upper() + variant[1:] for variant in variants)
            word = self.words[index]
            variants = tuple(variant for variant in variants if variant != word)
            name = draft.phenomenon
            if name.startswith("agreement") and at is not None:
                name = self.kind_of_agreement(draft, at, index)
            yield Contrast(name, side, index, word, variants, None if at is None else abs(index - at))

    def place(self, draft: Draft, index: int) -> int | None:
        """Where the word stands that decides: the nearest of its phrase, or the last one before a pronoun."""
        if draft.controller is None:
            return None
        at = [place for place, phrase in self.heads if phrase is draft.controller]
        if draft.pronoun:
            at = [place for place in at if place < index]
            return at[-1] if at else None
        return min(at, key=lambda place: abs(place - index)) if at else None

    def kind_of_agreement(self, draft: Draft, at: int, index: int) -> str:
        """What stands between the subject and the verb after it."""
        subject = draft.controller
        if at > index or subject is None:
            return "agreement"
        if draft.phenomenon != "agreement":
            return draft.phenomenon
        between = [phrase for place, phrase in self.heads if at < place < index]
        return "agreement, attractor" if any(other.plural != subject.plural for other in between) else "agreement"

    def wrong_pronouns(self, draft: Draft, side: Side) -> tuple[str, ...]:
        """The pronouns that cannot stand for anything else in the sentence: "it" must not be the mouse, nor she."""
        assert draft.controller is not None
        feels = sort(draft.controller) != "thing"
        others = [phrase for _, phrase in self.heads if phrase is not draft.controller and not phrase.plural]
        others = [phrase for phrase in others if not phrase.pronouns[0] and not (feels and sort(phrase) == "thing")]
        if side == "de":
            taken = {gender_of(phrase) for phrase in others if sort(phrase) != "person"}
            taken |= {"n" for phrase in self.impersonal if phrase is draft.pronoun}
            return tuple(word for word, gender in zip(draft.variants, "mfn", strict=True) if gender not in taken)
        same = {sort(phrase) for phrase in others if gender_of(phrase) == gender_of(draft.controller)}
        people, things = draft.variants[:2], draft.variants[2:]
        return (() if "person" in same else people) + (() if same - {"person"} else things)


def balanced(contrasts: Iterable[Contrast], tally: Counter[tuple[object, ...]]) -> list[Contrast]:
    """The few contrasts of a side of which `tally` has the fewest, by phenomenon, distance and word; counts them in."""

    def keys(contrast: Contrast) -> list[tuple[object, ...]]:
        kind = (contrast.phenomenon, contrast.side)
        return [(*kind, contrast.distance), kind, (*kind, "word", contrast.word)]

    kept: dict[str, Contrast] = {}
    for contrast in sorted(contrasts, key=lambda contrast: [tally[key] for key in keys(contrast)]):
        if contrast.phenomenon not in kept and len(kept) < KEPT:
            kept[contrast.phenomenon] = contrast
    for contrast in kept.values():
        tally.update(keys(contrast))
    return sorted(kept.values(), key=lambda contrast: contrast.index)


def unsigned(text: str) -> str:
    """The text without signs."""
    return SIGNS.sub("", text)


def sort(phrase: Phrase) -> str:
    """Whether it is a person, an animal or a thing."""
    return "person" if human(phrase) else "animal" if phrase.noun and fits(phrase.noun.kinds, ANIMALS) else "thing"


def gender_of(phrase: Phrase) -> str:
    """The German gender."""
    return GENDERS[column(phrase)]
