"""The transformers library, imported without its advice on what else could be installed."""

from __future__ import annotations

import os
from typing import Any

_NO_ADVICE = "TRANSFORMERS_NO_ADVISORY_WARNINGS"

FAILURES = (
    OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError,
)  # fmt: skip
"""What the library raises for files that it makes no tokenizer of."""


def import_transformers() -> Any:
    """The module, untyped in part.

    While it is imported, its advice is off: it tells everyone without PyTorch that models cannot
    be run, and tokenizers need none. Warnings and errors are printed as ever, and a value that the
    user gave the variable stays.

    Raises:
        ImportError: it is not installed.
    """
    given = os.environ.get(_NO_ADVICE)
    os.environ.setdefault(_NO_ADVICE, "1")
    try:
        import transformers
    finally:
        if given is None:
            del os.environ[_NO_ADVICE]
    return transformers
