"""tokeval: tokenizer analysis and evaluation, with every number explained."""

__version__ = "0.1.0"
