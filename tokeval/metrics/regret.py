"""Regret: how many tokens an inference wastes that the same vocabulary would have spared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, ratio
from tokeval.core.pretokens import cut_before_spaces, may_cross_a_space
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import MetricInfo, Series, Undefined
from tokeval.metrics.decomposition import cut_out_added, pretokens

FAMILY = "compression"

MAX_VOCABULARY = 1_000_000


@dataclass(frozen=True)
class Lexis:
    """The spellings of a vocabulary, ready for a search.

    Attributes:
        tokens: bytes of every token that may stand in text.
        continued: proper prefixes of tokens; what begins with none of them goes no further.
    """

    tokens: frozenset[bytes]
    continued: frozenset[bytes]

    @staticmethod
    def of(vocabulary: Vocabulary) -> Lexis:
        """The tokens of a vocabulary, special ones left out."""
        special = vocabulary.special
        tokens = {t for i, t in enumerate(vocabulary.token_bytes) if t and i not in special}
        prefixes = {token[:n] for token in tokens for n in range(1, len(token))}
        return Lexis(frozenset(tokens), frozenset(prefixes))


def fewest_tokens(piece: bytes, lexis: Lexis) -> int | None:
    """The least number of tokens that spell a piece, `None` where no tokens do.

    Shortest path over the positions of the piece, left to right; tokens that begin at a position
    are tried while what they have in common is a prefix of any token.

    >>> fewest_tokens(b"abab", Lexis(frozenset({b"a", b"b", b"bab"}), frozenset({b"b", b"ba"})))
    2
    """
    n = len(piece)
    if piece in lexis.tokens:
        return 1
    unreached = n + 1
    best = [0] + [unreached] * n
    for start in range(n):
        reached = best[start] + 1
        if reached > unreached:
            continue
        for end in range(start + 1, n + 1):
            part = piece[start:end]
            if part in lexis.tokens and reached < best[end]:
                best[end] = reached
            if part not in lexis.continued:
                break
    return best[n] if best[n] < unreached else None


def measure(subject: Subject) -> Tally | Undefined:
    """Tokens and fewest tokens of the texts of the sample that cut and tokens both spell."""
    sample, tokenizer = subject.sample, subject.tokenizer
    if sample is None:
        return Undefined("there is no text")
    reason = _no_search(tokenizer)
    if reason:
        return reason
    pieces = _pieces(tokenizer, sample.texts)
    if isinstance(pieces, Undefined):
        return pieces
    lexis = _lexis(tokenizer.vocabulary)
    distinct = {piece for of_text in pieces for piece in of_text}
    fewest = {piece: fewest_tokens(piece, lexis) for piece in distinct}
    encoded = tokenizer.encode_batch(sample.texts)
    lengths = tokenizer.vocabulary.n_bytes[encoded.ids]
    columns = {
        "tokens": np.zeros(sample.n_blocks, np.int64),
        "fewest": np.zeros(sample.n_blocks, np.int64),
    }
    bounds = encoded.offsets.tolist()
    for text, (of_text, block) in enumerate(zip(pieces, sample.text_blocks.tolist(), strict=True)):
        own = slice(bounds[text], bounds[text + 1])
        spelled = tokenizer.vocabulary.join(encoded.ids[own])
        total = _total(of_text, fewest)
        if total is None or spelled != b"".join(of_text) or not _nested(of_text, lengths[own]):
            continue
        columns["tokens"][block] += own.stop - own.start
        columns["fewest"][block] += total
    if not columns["fewest"].any():
        return Undefined("no sampled text is spelled by tokens that keep inside the pre-tokens")
    return Tally(sample.n_blocks, columns)


def _no_search(tokenizer: Tokenizer) -> Undefined | None:
    """Why the fewest tokens are not defined for a tokenizer, `None` where they are."""
    if tokenizer.model == "WordPiece":
        return Undefined("WordPiece has other tokens at the beginning of a word than inside it")
    if len(tokenizer.vocabulary.token_bytes) > MAX_VOCABULARY:
        return Undefined(f"the vocabulary has more than {MAX_VOCABULARY:,} entries")
    return None


def _pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[bytes]] | Undefined:
    """What tokens may not cross: pre-tokens, or units between spaces where there are none."""
    if tokenizer.pretokenization is not None and tokenizer.pretokenization.patterns:
        cut = pretokens(tokenizer, texts)
        if isinstance(cut, Undefined):
            return cut
    elif may_cross_a_space(tokenizer):
        return Undefined("the tokenizer has no pre-tokenizer, and its tokens go across spaces")
    else:
        cut = [
            [
                unit
                for p, piece in enumerate(pieces)
                if piece
                for unit in ([piece] if p % 2 else cut_before_spaces(tokenizer.normalize(piece)))
            ]
            for pieces in cut_out_added(tokenizer, texts)
        ]
    return [[piece.encode() for piece in of_text] for of_text in cut]


@lru_cache(maxsize=16)
def _lexis(vocabulary: Vocabulary) -> Lexis:
    """The spellings of a vocabulary, made once."""
    return Lexis.of(vocabulary)


def _total(pieces: Sequence[bytes], fewest: Mapping[bytes, int | None]) -> int | None:
    """Σ fewest tokens of a text, `None` where a piece cannot be spelled."""
    total = 0
    for piece in pieces:
        n = fewest[piece]
        if n is None:
            return None
        total += n
    return total


def _nested(pieces: Sequence[bytes], lengths: NDArray[np.int32]) -> bool:
    """Whether no token crosses the end of a piece, both spelling the same bytes."""
    ends = np.cumsum([len(piece) for piece in pieces])
    return bool(np.isin(ends, np.cumsum(lengths)).all())


STUDY = Study("segmentation_regret", measure)


def segmentation_regret(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ fewest tokens − 1."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    quotient = ratio(tally.sums("tokens"), tally.sums("fewest"), "tokens")
    return quotient if isinstance(quotient, Undefined) else Folds(quotient.values - 1)


def slice_series(name: str, by_slice: Mapping[str, Context]) -> list[Series]:
    """The regret of every slice where it is defined."""
    found = {part: segmentation_regret(context) for part, context in by_slice.items()}
    known = {part: float(f.values[0]) for part, f in found.items() if isinstance(f, Folds)}
    if not known:
        return []
    return [
        Series(
            id="segmentation_regret",
            title="Segmentation regret by slice",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="slice",
            y_label="tokens beyond the fewest possible / fewest",
            x=tuple(known),
            y=tuple(known.values()),
            kind="bars",
            family=FAMILY,
            reading="How many more tokens the slice takes than the vocabulary needs. A long bar "
            "blames the way of cutting; where bars are short, only another vocabulary would help.",
        )
    ]


METRICS = (
    Metric(
        MetricInfo(
            id="segmentation_regret",
            title="Segmentation regret",
            family=FAMILY,
            unit="ratio",
            direction="lower",
            formula="Σ tokens / Σ fewest tokens of the same vocabulary that spell each pre-token − "
            "1",
            source="tokeval; shortest paths over distinct pre-tokens, or over what stands between "
            "spaces where there is no pre-tokenizer",
            docs="docs/metrics.md#segmentation_regret",
            reading="What is lost by the way of cutting rather than by the vocabulary: 0.03 means "
            "that 3% more tokens are used than the vocabulary needs. Fewest is not best, and 0 "
            "says nothing of the vocabulary itself: tokenizers of bytes have no regret.",
            lower_bound=0,
        ),
        segmentation_regret,
        parameters=("sample",),
        study=STUDY,
    ),
)
