"""Words of two meanings, what tells them apart, and the pairs of words that are right for one of them each."""

from nmt.data.inflection import Noun, Slot, slot

# A noun of these kinds comes with its whole, which tells what is meant: the trunk of the elephant, of the tree.
WHOLES: dict[str, Slot] = {
    "shore": slot("gen/of:river"),
    "nose": slot("gen/of:elephant"),
    "stem": slot("gen/of:tree"),
    "bulb": slot("in+dat/in:lit"),
    "ceiling": slot("gen/of:room"),
    "lock": slot("an+dat/on:locked"),
    "figures": slot("in+dat/in:printed"),
}

# Of nouns that are written alike in one language: the verbs beside which it can only be this one.
DECIDED = {
    ("Bank", "bench"): "sitzen springen reparieren stellen legen",
    ("Bank", "bank"): "arbeiten abheben warten",
    ("Birne", "pear"): "essen fressen pflücken schneiden",
    ("Decke", "blanket"): "liegen sitzen springen legen",
    ("Schloss", "castle"): "besuchen tanzen spielen singen arbeiten gehen zurückgehen fahren",
    ("Strauß", "ostrich"): "laufen füttern weglaufen",
    ("Strauß", "bouquet"): "schenken",
    ("Schlange", "snake"): "schlafen füttern fangen",
    ("Schlange", "queue"): "stehen warten",
    ("Hahn", "rooster"): "füttern fangen",
    ("Hahn", "tap"): "zudrehen aufdrehen",
    ("Gericht", "dish"): "essen kochen bestellen",
    ("Gericht", "court"): "arbeiten warten",
    ("Kranich", "crane"): "fliegen füttern fangen",
    ("Kran", "crane"): "reparieren benutzen ausschalten",
    ("Fledermaus", "bat"): "fliegen füttern fangen",
    ("Schläger", "bat"): "leihen einpacken reparieren",
    ("Schlüssel", "key"): "verlieren leihen holen einpacken",
    ("Taste", "key"): "drücken",
    ("Spiel", "match"): "gewinnen vorbereiten",
    ("Streichholz", "match"): "anzünden",
    ("Tisch", "table"): "legen stellen springen putzen reparieren liegen",
    ("Siegel", "seal"): "brechen",
    ("Robbe", "seal"): "schwimmen füttern",
}

# English "eat", "know", "miss", "save".
VERBS_ALIKE = (("essen", "fressen"), ("kennen", "wissen"), ("vermissen", "verpassen"), ("retten", "speichern"))


def decided(noun: Noun, near: tuple[str, ...]) -> bool:
    """Whether what stands beside a noun tells which of its meanings it has."""
    verbs = DECIDED.get((noun.german, noun.english), "").split()
    return noun.kinds[0] in WHOLES or any(verb in verbs for verb in near)
