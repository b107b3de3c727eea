"""Codebook usage by the six definitions that papers use, which are not the same number.

Beside them two that can be compared between dumps: used codes rarefied to equally many tokens, and
Chao's lower bound of the codes that more tokens would show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.metric import Folds
from tokeval.core.richness import chao1, rarefied_types
from tokeval.core.spectra import Spectra
from tokeval.document import Undefined

RAREFIED_TOKENS = 65_536
"""Used codes are rarefied to so many tokens, unless the dumps that are compared have fewer."""

AVERAGE_MARGIN = 0.08
"""VAR counts a code whose moving average is at least this share of its even share; Tian 2024."""

ORDERED = "of the order of the tokens, which leaving out images would change"


class CountedCodes(Protocol):
    """What the definitions need to know about a dump, a level or a scale.

    Attributes:
        codebook_size: K.
        types: counts by block and code.
        largest_id: the largest id that occurs.
        n_recent: how many of the last 65,536 tokens there are.
        n_recent_codes: distinct codes among these.
        averages: moving average of the share of each code that occurs, shape (n_types,); `None`
            where it was not kept.
    """

    @property
    def codebook_size(self) -> int: ...  # noqa: D102 - described above
    @property
    def types(self) -> TypeCounts: ...  # noqa: D102
    @property
    def largest_id(self) -> int: ...  # noqa: D102
    @property
    def n_recent(self) -> int: ...  # noqa: D102
    @property
    def n_recent_codes(self) -> int: ...  # noqa: D102
    @property
    def averages(self) -> NDArray[np.float64] | None: ...  # noqa: D102


def usage_definitions(
    codes: CountedCodes,
    levels: Sequence[CountedCodes] = (),
    *,
    rarefied_tokens: int = RAREFIED_TOKENS,
) -> dict[str, Folds | Undefined]:
    """The six definitions, the rarefied number of used codes and Chao's bound, by id.

    Args:
        codes: of all tokens, at least one.
        levels: of each level of a residual quantizer; empty where there are none.
        rarefied_tokens: m of the rarefied value.
    """
    return {
        "usage": share_of_codebook(codes),
        "usage_recent": share_of_recent_tokens(codes),
        "usage_average_above_even": share_of_averages(codes, 1.0),
        "usage_average_above_margin": share_of_averages(codes, AVERAGE_MARGIN),
        "usage_of_largest_id": share_of_ids(codes),
        "usage_over_levels": share_over_levels(levels),
        "used_codes_rarefied": rarefied_used_codes(codes, rarefied_tokens),
        "used_codes_chao1": bound_of_used_codes(codes),
    }


def share_of_codebook(codes: CountedCodes) -> Folds:
    """Used codes over K; it grows with the number of tokens."""
    return Folds(Spectra.of(codes.types).n_used() / codes.codebook_size)


def share_of_recent_tokens(codes: CountedCodes) -> Folds:
    """Distinct codes among the last 65,536 tokens, over K: the buffer of LlamaGen's training."""
    return Folds.constant(codes.n_recent_codes / codes.codebook_size, ORDERED)


def share_of_averages(codes: CountedCodes, margin: float) -> Folds | Undefined:
    """Codes whose moving average is a multiple of the even share 1/K, over K.

    Above it for a margin of 1, as codebook meters have it; at least it for a smaller one (VAR).
    """
    if codes.averages is None:
        return Undefined("the codebook is too large for a moving average of its codes")
    even = 1 / codes.codebook_size
    kept = codes.averages > even if margin == 1 else codes.averages >= margin * even
    return Folds.constant(int(kept.sum()) / codes.codebook_size, ORDERED)


def share_of_ids(codes: CountedCodes) -> Folds:
    """Used codes over the largest used id + 1: what is left when nobody says K."""
    types = codes.types
    occurring = [np.flatnonzero(counts) for counts in types.folds()]
    shares = [len(own) / (types.types[own[-1]] + 1) if len(own) else np.nan for own in occurring]
    return Folds(np.array(shares, dtype=np.float64))


def share_over_levels(levels: Sequence[CountedCodes]) -> Folds | Undefined:
    """Used pairs of level and code, over all of them: Σ used / Σ K."""
    if not levels:
        return Undefined("the dump has no levels")
    used = np.sum([Spectra.of(level.types).n_used() for level in levels], axis=0)
    return Folds(used / sum(level.codebook_size for level in levels))


def rarefied_used_codes(codes: CountedCodes, n_tokens: int) -> Folds | Undefined:
    """Used codes expected among so many tokens, drawn by token and not by image."""
    available = int(codes.types.counts.sum())
    if available < n_tokens:
        return Undefined(f"{available} tokens; used codes are rarefied to {n_tokens}")
    return Folds(rarefied_types(codes.types, n_tokens))


def bound_of_used_codes(codes: CountedCodes) -> Folds:
    """Codes that unlimited tokens would show, at least: Chao's bound, and K at most."""
    return Folds(np.minimum(chao1(codes.types), codes.codebook_size))
