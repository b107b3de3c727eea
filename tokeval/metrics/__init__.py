"""Tokenizer quality: one file for each family of metrics, one catalogue, one evaluation.

compression, words, information, fairness, integrity and vocabulary are here. Morphology, numbers
and code, robustness and domain terms are rooms for later: a new family is a file with a `METRICS`
tuple and a line in `catalogue.py`.
"""
