"""Tokenizer objects of `tokenizers` and `transformers`, as tokeval sees them."""

from __future__ import annotations

import json
from typing import Any

from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.slow_tokenizers import adapt_slow
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object, tokenizer_from_definition


def adapt_library_object(tokenizer: Any, *, name: str, source: str) -> Tokenizer:
    """A tokenizer object of `tokenizers` or `transformers`, whichever it is.

    Args:
        tokenizer: a `tokenizers.Tokenizer`, or a tokenizer of transformers.
        name: the label in tables.
        source: where it comes from.

    Raises:
        TokevalError: it is neither, or its tokens cannot be given exact bytes, or it has parts
            written in Python, which have no definition.
    """
    if hasattr(tokenizer, "convert_tokens_to_ids"):
        return adapt_transformers_object(tokenizer, name=name, source=source)
    return adapt_tokenizers_object(tokenizer, name=name, source=source)


def adapt_transformers_object(
    tokenizer: Any,
    *,
    name: str,
    source: str,
    notes: tuple[str, ...] = (),
) -> Tokenizer:
    """A tokenizer of transformers: by its backend where it is a fast one, else as it is.

    Raises:
        TokevalError: it is a slow one whose tokens cannot be given exact bytes.
    """
    import transformers

    loader = f"transformers-{transformers.__version__}"
    backend = getattr(tokenizer, "backend_tokenizer", None)
    kind = type(tokenizer).__name__
    if backend is None:
        said = f"made by {kind} of transformers, in Python"
        return adapt_slow(tokenizer, name=name, source=source, notes=(*notes, said), loader=loader)
    text = backend.to_str()
    return tokenizer_from_definition(
        text,
        json.loads(text),
        name=name,
        source=source,
        beside={"bos_token": tokenizer.bos_token, "eos_token": tokenizer.eos_token},
        notes=(*notes, f"made by {kind} of transformers, which may differ from a published file"),
        loader=loader,
    )
