"""The shared model: tokenizers, text, additive evidence, metrics with intervals, and the engine."""
