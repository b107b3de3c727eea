"""Conformance: what a tokenizer or a metric of your own must do for tokeval's numbers to be right.

Call `check_tokenizer` and `check_metric` in the tests of a plugin. They return nothing, or raise
`ConformanceError` with a sentence that says what is wrong with which text or slice.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Tokenizer, Vocabulary
from tokeval.loaders.baselines import spans_of_bytes
from tokeval.loaders.factory import MEMBERS
from tokeval.metrics.conformance import ConformanceError, check_metric

__all__ = ["TEXTS", "ConformanceError", "check_metric", "check_tokenizer"]

TEXTS = (
    "",
    " ",
    "The town is new.",
    "  two  spaces, a\ttab\n\nand lines \r\n",
    "don't 12345 x=y+1; // [a](b)",
    "Bugün hava çok güzel, değil mi?",
    "日本語のテスト 中文 한국어 ไทย हिन्दी العربية",
    "e\u0301 \ufb01 ½ \u200d \u00a0 \u3000",
    "👩‍👩‍👧 🇹🇷 👍🏽",
    "\0 \x1b \ufeff \U0010ffff",
    "<s> </s> <|endoftext|> ▁ ## <0x41>",
)
"""What tokenizers are tried on: white space, scripts, sequences, controls, texts like markers."""


def check_tokenizer(tokenizer: Tokenizer, texts: Sequence[str] | None = None) -> None:
    """Checks that a tokenizer keeps the contract of `tokeval.core.tokenizer.Tokenizer`.

    Args:
        tokenizer: what is checked.
        texts: what it is tried on; TEXTS when absent. Texts with lone surrogates are no texts.

    Raises:
        ConformanceError: it does not; the message says with which text.
    """
    tried = list(TEXTS if texts is None else texts)
    _check_members(tokenizer)
    _check_vocabulary(tokenizer.vocabulary)
    with _no_error("encode_batch"):
        encoded = tokenizer.encode_batch(tried)
    _check_flat(encoded, len(tried), "encode_batch")
    _check_ids(encoded, tokenizer.vocabulary)
    _check_singles(tokenizer, tried, encoded)
    _check_bytes(tokenizer, tried, encoded)
    _check_spans(tokenizer, tried, encoded)
    _check_merges(tokenizer)
    _check_copies(tokenizer, tried, encoded)


def _require(condition: bool, sentence: str) -> None:
    """Raises ConformanceError with the sentence where the condition does not hold."""
    if not condition:
        raise ConformanceError(sentence)


@contextmanager
def _no_error(what: str) -> Iterator[None]:
    """Turns an exception of the code that is checked into a sentence."""
    try:
        yield
    except ConformanceError:
        raise
    except Exception as error:
        raise ConformanceError(f"{what} raised {type(error).__name__}: {error}") from error


def _check_members(tokenizer: Tokenizer) -> None:
    """All that `Tokenizer` names is there and of the right kind."""
    missing = [key for key in MEMBERS if not hasattr(tokenizer, key)]
    _require(not missing, f"the tokenizer lacks {', '.join(missing)}")
    for key in ("name", "source", "fingerprint", "loader", "model"):
        value = getattr(tokenizer, key)
        _require(isinstance(value, str) and value != "", f"`{key}` is {value!r}, no text")
    _require(
        re.fullmatch(r"[0-9a-f]{64}", tokenizer.fingerprint) is not None,
        f"`fingerprint` is {tokenizer.fingerprint!r}, no sha256 in 64 hexadecimal digits",
    )
    for key in ("added_texts", "notes"):
        value = getattr(tokenizer, key)
        is_texts = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
        _require(is_texts, f"`{key}` is no tuple of texts")
    _require(isinstance(tokenizer.vocabulary, Vocabulary), "`vocabulary` is no Vocabulary")
    n_ids = len(tokenizer.vocabulary.token_bytes)
    for key in ("bos_id", "eos_id"):
        number = getattr(tokenizer, key)
        _require(number is None or 0 <= number < n_ids, f"`{key}` is {number}, no id")


def _check_vocabulary(vocabulary: Vocabulary) -> None:
    """Special, byte and unknown ids have tokens of the right form."""
    table = vocabulary.token_bytes
    for i in (*vocabulary.special, *vocabulary.byte_tokens):
        _require(0 <= i < len(table) and table[i] is not None, f"the id {i} has no token")
    for i in vocabulary.byte_tokens:
        _require(len(table[i] or b"") == 1, f"the byte token {i} spells {table[i]!r}")
    unknown = vocabulary.unknown_id
    if unknown is not None:
        _require(0 <= unknown < len(table), f"the unknown id {unknown} has no token")
        _require(table[unknown] == b"", f"the unknown token spells {table[unknown]!r}, not nothing")


def _check_flat(encoded: Any, n_texts: int, what: str) -> None:
    """Flat int32 ids, and int64 offsets that rise from 0 to the number of tokens."""
    ids: Any = getattr(encoded, "ids", None)
    offsets: Any = getattr(encoded, "offsets", None)
    _require(
        isinstance(ids, np.ndarray) and ids.dtype == np.int32 and ids.ndim == 1,
        f"{what} returned no flat int32 array of ids",
    )
    _require(
        isinstance(offsets, np.ndarray) and offsets.dtype == np.int64 and offsets.ndim == 1,
        f"{what} returned no flat int64 array of offsets",
    )
    _require(
        len(offsets) == n_texts + 1, f"{what} returned {len(offsets)} offsets for {n_texts} texts"
    )
    _require(offsets[0] == 0, f"the offsets of {what} begin at {offsets[0]}, not at 0")
    _require(bool((np.diff(offsets) >= 0).all()), f"the offsets of {what} fall")
    _require(
        offsets[-1] == len(ids),
        f"the offsets of {what} end at {offsets[-1]}; there are {len(ids)} ids",
    )


def _check_ids(encoded: Encoded, vocabulary: Vocabulary) -> None:
    """Every id that is emitted has a token."""
    table = vocabulary.token_bytes
    for i in np.unique(encoded.ids).tolist():
        _require(0 <= i < len(table) and table[i] is not None, f"it emits {i}, which has no token")


def _of_text(encoded: Encoded, t: int) -> NDArray[np.int32]:
    """The ids of text t."""
    return encoded.ids[encoded.offsets[t] : encoded.offsets[t + 1]]


def _check_singles(tokenizer: Tokenizer, texts: Sequence[str], encoded: Encoded) -> None:
    """A text has the same ids alone, in a batch, and after other texts."""
    with _no_error("encode_batch"):
        empty = tokenizer.encode_batch([])
        turned = tokenizer.encode_batch(texts[::-1])
    _check_flat(empty, 0, "encode_batch of no texts")
    for t, text in enumerate(texts):
        with _no_error(f"encode_batch of {text!r} alone"):
            alone = tokenizer.encode_batch([text])
        same = np.array_equal(alone.ids, _of_text(encoded, t))
        _require(same, f"{text!r} has other ids alone than in a batch")
        same = np.array_equal(_of_text(turned, len(texts) - 1 - t), alone.ids)
        _require(same, f"{text!r} has other ids when the batch is in another order")


def _check_bytes(tokenizer: Tokenizer, texts: Sequence[str], encoded: Encoded) -> None:
    """The bytes of a text's tokens are its normalised text, unless some token is unknown."""
    for t, text in enumerate(texts):
        ids = _of_text(encoded, t)
        with _no_error(f"decode or normalize of {text!r}"):
            decoded, normalized = tokenizer.decode(ids), tokenizer.normalize(text)
        joined = tokenizer.vocabulary.join(ids)
        _require(
            decoded == joined, f"decode gives {decoded!r} for {text!r}; its tokens are {joined!r}"
        )
        if tokenizer.vocabulary.unknown_id in ids.tolist():
            continue
        expected = normalized if tokenizer.keeps_whitespace else "".join(normalized.split())
        _require(
            joined == expected.encode(),
            f"the tokens of {text!r} spell {joined!r}; normalised it is {expected.encode()!r}",
        )


def _check_spans(tokenizer: Tokenizer, texts: Sequence[str], encoded: Encoded) -> None:
    """Spans lie in their text in order; they are exact where the tokens spell the text."""
    with _no_error("encode_with_spans"):
        spanned = tokenizer.encode_with_spans(texts)
    _check_flat(spanned, len(texts), "encode_with_spans")
    _require(
        np.array_equal(spanned.ids, encoded.ids)
        and np.array_equal(spanned.offsets, encoded.offsets),
        "encode_with_spans gives other ids than encode_batch",
    )
    spans = getattr(spanned, "spans", None)
    _require(
        isinstance(spanned, EncodedSpans)
        and isinstance(spans, np.ndarray)
        and spans.shape == (len(encoded.ids), 2)
        and spans.dtype == np.int64,
        "encode_with_spans returned no int64 spans of shape (n_tokens, 2)",
    )
    for t, text in enumerate(texts):
        own = spanned.spans[encoded.offsets[t] : encoded.offsets[t + 1]]
        inside = (own[:, 0] >= 0) & (own[:, 0] <= own[:, 1]) & (own[:, 1] <= len(text))
        _require(bool(inside.all()), f"a span leaves {text!r} or ends before it begins")
        _require(bool((np.diff(own[:, 0]) >= 0).all()), f"the spans of {text!r} go back")
        _check_exact(tokenizer, text, ids=_of_text(encoded, t), spans=own)


def _check_exact(
    tokenizer: Tokenizer, text: str, *, ids: NDArray[np.int32], spans: NDArray[np.int64]
) -> None:
    """Where the tokens spell the text byte for byte, each covers just the characters it touches."""
    if tokenizer.vocabulary.join(ids) != text.encode():
        return
    n_bytes = tokenizer.vocabulary.n_bytes[ids]
    expected = spans_of_bytes([text.encode()], n_bytes, np.array([0, len(ids)], dtype=np.int64))
    wrong = np.flatnonzero((spans != expected).any(axis=1))
    if len(wrong):
        j = int(wrong[0])
        said, meant = spans[j].tolist(), expected[j].tolist()
        raise ConformanceError(f"token {j} of {text!r} has the span {said}; it covers {meant}")


def _check_merges(tokenizer: Tokenizer) -> None:
    """Each merge joins two parts into a token."""
    with _no_error("merges"):
        merges = tokenizer.merges
    if merges is None:
        return
    tokens = set(tokenizer.vocabulary.token_bytes)
    for place, pair in enumerate(merges):
        is_pair = len(pair) == 2 and all(isinstance(part, bytes) and part for part in pair)
        _require(is_pair, f"merge {place} is {pair!r}, no pair of bytes")
        _require(
            pair[0] + pair[1] in tokens, f"merge {place} makes {pair[0] + pair[1]!r}, no token"
        )


def _check_copies(tokenizer: Tokenizer, texts: Sequence[str], encoded: Encoded) -> None:
    """A copy in another process encodes alike and has the same fingerprint."""
    with _no_error("pickling, by which worker processes get the tokenizer,"):
        copy = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - made here, by the caller's code
        again = copy.encode_batch(texts)
    _require(np.array_equal(again.ids, encoded.ids), "an unpickled copy gives other ids")
    _require(copy.fingerprint == tokenizer.fingerprint, "an unpickled copy has another fingerprint")
