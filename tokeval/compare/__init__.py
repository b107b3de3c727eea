"""Comparison of two tokenizers: paired differences, where they come from, and what carries over."""

import sys

from tokeval import CallableModule

sys.modules[__name__].__class__ = CallableModule
