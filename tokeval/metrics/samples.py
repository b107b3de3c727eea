"""Samples: sentences cut by each tokenizer, and frequent words that are cut badly."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tokeval.core.alignment import byte_spans
from tokeval.core.corpus import Slice
from tokeval.core.evidence import Evidence
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Sample, SplitWord, TokenSpan

MAX_SAMPLE_CHARACTERS = 280
MAX_SAMPLES = 40
MAX_WORDS = 10
MAX_LOOKED_AT = 16


def sample_texts(slices: Sequence[Slice]) -> list[tuple[str, str]]:
    """Slice name and a text of it, for the first MAX_SAMPLES slices.

    The first text that is short enough to be shown whole, else the beginning of the first one.
    """
    found = []
    for part in slices[:MAX_SAMPLES]:
        texts = (text for document in part.documents() for text in document)
        head = list(itertools.islice(texts, MAX_LOOKED_AT))
        short = [text for text in head if 0 < len(text) <= MAX_SAMPLE_CHARACTERS]
        if head:
            found.append((part.name, (short or head)[0][:MAX_SAMPLE_CHARACTERS]))
    return found


def cut_samples(tokenizers: Sequence[Tokenizer], texts: Sequence[tuple[str, str]]) -> list[Sample]:
    """Each text with the byte spans of its tokens, for every tokenizer.

    Args:
        tokenizers: what cuts.
        texts: slice name and text.
    """
    plain = [text for _, text in texts]
    cut: list[dict[str, tuple[TokenSpan, ...]]] = [{} for _ in texts]
    for tokenizer in tokenizers:
        encoded, spans = byte_spans(tokenizer, plain)
        rows = zip(encoded.ids.tolist(), *spans.T.tolist(), strict=True)
        tokens = [TokenSpan(i, start, end) for i, start, end in rows]
        for t, place in enumerate(cut):
            begin, end = encoded.offsets[t : t + 2]
            place[tokenizer.name] = tuple(tokens[begin:end])
    return [Sample(name, text, tokens) for (name, text), tokens in zip(texts, cut, strict=True)]


def split_words(name: str, slice_name: str, evidence: Evidence) -> list[SplitWord]:
    """The most frequent words that a tokenizer cuts on a slice."""
    return [
        SplitWord(name, slice_name, word, tuple(shown_piece(piece) for piece in pieces), n)
        for (word, pieces), n in evidence.split_words.most_frequent(MAX_WORDS)
    ]


def shown_piece(piece: bytes) -> str:
    """The text of a token, or its bytes in hexadecimal where they are not valid UTF-8.

    >>> shown_piece(b" a"), shown_piece(bytes([0xE2, 0x82]))
    (' a', '⟨E2 82⟩')
    """
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return f"⟨{piece.hex(' ').upper()}⟩"
