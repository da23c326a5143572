"""What is told of the words of a sentence while it is put together: nothing, unless somebody listens.

`Phrase` and `Clause` hand every word that could be wrong to a `Notes`, with what they know of it, and write what they
get back. This one gives the words back as they are; `nmt.data.contrasts` has one that remembers.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nmt.data.clauses import Clause
    from nmt.data.inflection import Noun
    from nmt.data.nominals import Phrase

Verbs = tuple[str, str, str]  # operator, auxiliary, verb


class Notes:
    """Listens to nothing; every method returns the word or words it is given."""

    def head(self, word: str, phrase: "Phrase") -> str:
        """The noun, name or pronoun of a phrase."""
        return word

    def noun(self, word: str, phrase: "Phrase", case: str, near: tuple[str, ...]) -> str:
        """A noun beside verbs; a `case` of "" is English."""
        return word

    def article(self, word: str, phrase: "Phrase", case: str, near: tuple[str, ...]) -> str:
        """A German article or what stands in its place, beside verbs."""
        return word

    def contraction(self, word: str, noun: "Noun") -> str:
        """A German preposition with an article in it."""
        return word

    def adjective(self, word: str, phrase: "Phrase", case: str) -> str:
        """A German adjective before its noun."""
        return word

    def possessive(self, word: str, phrase: "Phrase") -> str:
        """An English "his" or "her"."""
        return word

    def pronoun(self, word: str, phrase: "Phrase", case: str) -> str:
        """A pronoun; the `case` of an English one is "subject" or "object"."""
        return word

    def link(self, word: str, phrase: "Phrase", case: str) -> str:
        """A relative pronoun; a `case` of "" is English."""
        return word

    def finite(self, word: str, clause: "Clause", prefix: str = "") -> str:
        """The German finite verb, behind a prefix where it stands at the end."""
        return word

    def last(self, word: str, clause: "Clause") -> str:
        """The German finite verb at the end of its clause, where it is the only verb."""
        return word

    def closing(self, word: str, clause: "Clause") -> str:
        """The German infinitive or participle that closes the bracket."""
        return word

    def prefix(self, word: str, clause: "Clause") -> str:
        """A German prefix that stands alone."""
        return word

    def infinitive(self, word: str, clause: "Clause") -> str:
        """The infinitive with "zu" or "to"."""
        return word

    def state(self, word: str, clause: "Clause") -> str:
        """What the subject of a German clause is."""
        return word

    def negation(self, word: str) -> str:
        """The German "nicht"."""
        return word

    def predicate(self, words: Verbs, clause: "Clause", question: bool) -> Verbs:
        """The English verbs of a clause."""
        return words


PLAIN = Notes()
