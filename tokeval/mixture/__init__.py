"""Data-mixture inference: what a BPE tokenizer was trained on, read from its merges."""
