"""Search and force decoding over the seam of `nmt.models.base`; nothing here knows an architecture or a text."""
