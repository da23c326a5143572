"""Training: `run.train` builds the parts, `loop.fit` steps through them."""
