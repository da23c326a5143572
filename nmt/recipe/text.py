"""The sections of a recipe that say what is read, and in which pieces: `[data]` and `[tokenizer]`."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from nmt.recipe.section import Positive, Section, Share


class CorpusConfig(Section):
    """`[data.train.NAME]`: one of several corpora to train on."""

    path: str
    """Where it is, in the notation of data.train."""
    weight: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None
    """Its share of the pairs of an epoch, divided by the sum of all weights; without any, each pair is seen once."""


def _one_or_several(train: Any) -> str:
    return "several" if isinstance(train, dict) else "one"


Train = Annotated[
    Annotated[str, Tag("one")] | Annotated[dict[str, CorpusConfig], Tag("several")], Discriminator(_one_or_several)
]


class DataConfig(Section):
    """`[data]`: where the text is."""

    train: Train = "grammar"
    """Training text: "grammar" (embedded), a prefix, a .tsv or .jsonl file (each plain or gzipped), or hub:NAME.
    Several are a table: [data.train.NAME] with `path` and `weight`. An epoch has as many pairs as all of them."""
    dev: str | None = None
    """Development text, in the same notation; for the embedded corpus its own dev part is taken."""
    test: dict[str, str] = Field(default={})
    """Test sets by name, for comparisons; training never opens them."""
    max_tokens: Positive = 256
    """Training pairs with more tokens than this on either side are left out, and counted."""
    max_ratio: Annotated[float, Field(ge=1.0)] = 5.0
    """Training pairs of over 10 tokens whose longer side has more than this many times the shorter's are left out."""
    cache: Literal["auto", "always", "never"] = "auto"
    """Whether training text is encoded once, into a file mapped into memory: auto is from 16 MiB of files on."""
    cache_folder: str | None = None
    """Where that file is kept; without it, the folder in NMT_CACHE, or else nmt in the system's folder of caches."""
    stream: bool = False
    """Read hub:NAME one of its files (a shard) after the other as training goes on; an epoch is a shard."""

    @property
    def corpora(self) -> dict[str, CorpusConfig]:
        """The training text by name, also where it is one."""
        return self.train if isinstance(self.train, dict) else {self.train: CorpusConfig(path=self.train)}

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the training text is."""
        return tuple(corpus.path for corpus in self.corpora.values())

    @property
    def title(self) -> str:
        """What the training text is called in messages."""
        return " + ".join(self.corpora)

    @property
    def embedded(self) -> bool:
        """Whether it is the embedded corpus alone."""
        return all(path.partition(":")[0] == "grammar" for path in self.paths)

    @model_validator(mode="after")
    def _consistent(self) -> "DataConfig":
        faults = []
        weights = [corpus.weight for corpus in self.corpora.values()]
        if not weights:
            faults.append("train is a table without a corpus; add [data.train.NAME] with a path")
        if None in weights and any(weights):
            faults.append("some corpora of data.train have a weight and some have none; give all of them one, or none")
        if self.stream and isinstance(self.train, dict):
            faults.append("data.stream reads one data set; name it by data.train = hub:NAME")
        if self.stream and self.cache == "never":
            faults.append(
                "data.stream keeps encoded shards in the cache, so data.cache = never leaves it nowhere to go"
            )
        if faults:
            raise ValueError("; ".join(faults))
        return self


class TokenizerConfig(Section):
    """`[tokenizer]`: how text becomes tokens."""

    level: Literal["bpe", "word", "char"] = "bpe"
    """Byte-level BPE (no token is ever unknown), whole words (the rest is <unk>), or characters."""
    vocab_size: Positive = 2_000
    """Types in a vocabulary, the four special ones counted; a small corpus may yield fewer."""
    joint: bool = True
    """One vocabulary for both languages, or one for each."""
    sample: Positive = 1_000_000
    """Pairs that the vocabulary is made from, evenly spread over a training text that has more."""
    dropout: Share = 0.0
    """BPE dropout (Provilkov et al. 2020): the share of merges skipped when a training pair is read."""

    @model_validator(mode="after")
    def _dropout_needs_merges(self) -> "TokenizerConfig":
        if self.dropout and self.level != "bpe":
            raise ValueError(f"dropout skips BPE merges, and level {self.level} has none; leave it out")
        return self
