"""The verbs of a clause, from its verb, its tense and its subject."""

from typing import TYPE_CHECKING

from nmt.data import inflection
from nmt.data.inflection import MODALS

if TYPE_CHECKING:
    from nmt.data.clauses import Clause


def german_verbs(clause: "Clause", person: str = "") -> tuple[str, str]:
    """The finite verb and what closes the bracket, without the prefix of a finite verb.

    A `person` takes the place of that of the subject.
    """
    verb, person = clause.verb, person or clause.subject.person
    infinitive = verb.prefix + verb.infinitive
    if clause.modal:
        if clause.tense == "past":
            return inflection.preterite(inflection.PRETERITES[clause.modal], person), infinitive
        return inflection.present(clause.modal, "", person), infinitive
    if clause.tense == "future":
        return inflection.present("werden", "", person), infinitive
    if clause.tense == "perfect":
        return inflection.present(verb.perfect, "", person), verb.participle
    if clause.tense == "past":
        return inflection.preterite(verb.preterite, person), ""
    return inflection.present(verb.infinitive, verb.present, person), ""


def english_verbs(clause: "Clause", question: bool, person: str = "") -> tuple[str, str, str]:
    """The operator (what "not" and a question need), other auxiliaries, and the verb; `person` as in German."""
    base, person, past = clause.verb.english, person or clause.subject.person, clause.tense in ("past", "perfect")
    operator, auxiliary, verb, lexical = "", "", base, base
    if clause.modal and clause.progressive:
        operator, auxiliary = inflection.english_finite("be", "was" if past else "", person), "letting"
    elif clause.modal:
        able = clause.modal == "können" and past and not clause.negative  # "could water" is no single event
        lexical, past_form, rest, supported = MODALS["konnten" if able else clause.modal]
        form = (
            inflection.english_finite(lexical, past_form if past else "", person)
            if supported or lexical == "be"
            else ""
        )
        form = form or (past_form if past else lexical)
        operator, auxiliary = ("", f"{form} {rest}") if supported else (form, rest)
    elif clause.tense == "future":
        operator = "will"
    elif base == "be":
        operator, verb = inflection.english_finite("be", "was" if past else "", person), ""
    elif clause.progressive:
        operator, verb = inflection.english_finite("be", "was" if past else "", person), inflection.ing(base)
    else:
        verb = inflection.english_finite(base, clause.verb.past if past else "", person)
    if not operator and (question or clause.negative):
        operator = inflection.english_finite("do", "did" if past else "", person)
        auxiliary, verb = (f"{lexical} {MODALS[clause.modal][2]}", base) if clause.modal else ("", base)
    if clause.negative:
        operator = {"can": "can't", "will": "won't", "am": "am not"}.get(operator, operator + "n't")
    return operator, auxiliary.strip(), verb
