"""Cutting text into pre-tokens as a tokenizer does, and encoding each distinct one once."""
