"""Overlap: which tokens a vocabulary shares with the others of the run, byte for byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric
from tokeval.core.token_kinds import Identity
from tokeval.document import MetricInfo, Series, Undefined

FAMILY = "vocabulary"

NO_PEERS = Undefined("there is no other tokenizer to compare with")
NO_TOKENS = Undefined("a vocabulary of the run has no tokens but special ones")


@dataclass(frozen=True)
class Overlap:
    """How the tokens of one vocabulary occur in others; only distinct bytes count.

    Attributes:
        n_tokens: of the vocabulary itself.
        n_everywhere: of these, in all others.
        n_nowhere: of these, in no other.
        jaccard: by place of the other vocabulary, shared tokens / tokens of either.
    """

    n_tokens: int
    n_everywhere: int
    n_nowhere: int
    jaccard: tuple[float, ...]


@lru_cache(maxsize=32)
def spelled(key: Identity) -> frozenset[bytes]:
    """The distinct bytes that the tokens of a vocabulary spell, special tokens left out."""
    vocabulary = key.vocabulary
    return frozenset(
        token
        for i, token in enumerate(vocabulary.token_bytes)
        if token and i not in vocabulary.special
    )


@lru_cache(maxsize=256)
def n_shared(pair: frozenset[Identity]) -> int:
    """How many tokens two vocabularies have in common."""
    first, *rest = (spelled(key) for key in pair)
    return len(first.intersection(*rest))


@lru_cache(maxsize=32)
def overlap(own: Identity, others: tuple[Identity, ...]) -> Overlap:
    """How the tokens of a vocabulary occur in others, of which there is at least one.

    Each vocabulary has tokens.
    """
    tokens = spelled(own)
    n_holders = Counter(token for key in others for token in spelled(key) & tokens)
    jaccard = []
    for key in others:
        n_both = n_shared(frozenset((own, key)))
        jaccard.append(n_both / (len(tokens) + len(spelled(key)) - n_both))
    everywhere = sum(n == len(others) for n in n_holders.values())
    return Overlap(len(tokens), everywhere, len(tokens) - len(n_holders), tuple(jaccard))


def _overlap(context: Context) -> Overlap | Undefined:
    """The overlap of the tokenizer of a context with its peers, in their order."""
    others = tuple(Identity(peer) for name, peer in context.peers.items() if name != context.name)
    own = Identity(context.vocabulary)
    if not others:
        return NO_PEERS
    if not all(spelled(key) for key in (own, *others)):
        return NO_TOKENS
    return overlap(own, others)


def _constant(value: Callable[[Overlap], float]) -> Callable[[Context], Folds | Undefined]:
    """A function that computes a number of the overlap."""

    def compute(context: Context) -> Folds | Undefined:
        found = _overlap(context)
        if isinstance(found, Undefined):
            return found
        return Folds.constant(value(found), "a constant of the tokenizers")

    return compute


def series(name: str, whole: Context) -> list[Series]:
    """The row of the overlap matrix that belongs to a tokenizer."""
    found = _overlap(whole)
    if isinstance(found, Undefined):
        return []
    others = [peer for peer in whole.peers if peer != name]
    by_name = {name: 1.0, **dict(zip(others, found.jaccard, strict=True))}
    return [
        Series(
            id="vocabulary_overlap",
            title="Overlap of vocabularies",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="tokenizer",
            y_label="shared tokens / tokens of either",
            x=tuple(whole.peers),
            y=tuple(by_name[peer] for peer in whole.peers),
            kind="heat",
            family=FAMILY,
            reading="How much two vocabularies have in common: tokens in both, divided by tokens "
            "in at least one. 1 is the same vocabulary; a small vocabulary cannot come near 1 with "
            "a large one.",
        )
    ]


def _entry(
    metric_id: str, value: Callable[[Overlap], float], *, title: str, formula: str, reading: str
) -> Metric:
    """The catalogue entry of a share of the overlap."""
    info = MetricInfo(
        id=metric_id,
        title=title,
        family=FAMILY,
        unit="share",
        direction="none",
        formula=formula,
        source="Chelombitko et al. 2024, arXiv 2410.12989 (core tokens); Jaccard 1901. On distinct "
        "bytes, special tokens left out",
        docs=f"docs/metrics.md#{metric_id}",
        reading=reading,
        lower_bound=0,
        upper_bound=1,
    )
    return Metric(info, _constant(value), scope="corpus")


METRICS = (
    _entry(
        "core_tokens",
        lambda found: found.n_everywhere / found.n_tokens,
        title="Core tokens",
        formula="tokens that all other vocabularies of the run have too / tokens",
        reading="The part of the vocabulary on which the compared tokenizers agree. It depends on "
        "which these are, and small vocabularies have more of it: all of the smallest, such as one "
        "of single bytes, may be in the others.",
    ),
    _entry(
        "mean_jaccard",
        lambda found: sum(found.jaccard) / len(found.jaccard),
        title="Mean overlap",
        formula="mean over the other vocabularies of (tokens in both / tokens in at least one)",
        reading="How alike the vocabulary is to the others of the run, all of them weighing the "
        "same.",
    ),
    _entry(
        "exclusive_tokens",
        lambda found: found.n_nowhere / found.n_tokens,
        title="Tokens of its own",
        formula="tokens that no other vocabulary of the run has / tokens",
        reading="What sets the vocabulary apart from those it is compared with: other languages, "
        "other kinds of text, or only another mark for spaces.",
    ),
)
