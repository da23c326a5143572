"""Indices of the four special tokens, the same in every vocabulary and every model."""

PAD, BOS, EOS, UNK = range(4)
SPECIALS = ("⟨pad⟩", "⟨s⟩", "⟨/s⟩", "⟨unk⟩")
"""Their names in a vocabulary, in the order of their indices.

No tokenizer can produce one from text: byte-level pieces are spelled in an alphabet that lacks the
angle brackets, and character-level pieces are one character long. So a line that contains "<s>" is
text like any other.
"""
