"""Text in, batches out: corpora, tokenizers, the embedded grammar."""
