"""nmt: the history of neural machine translation, as a tool people use."""

__version__ = "0.1.0"
