"""Delete-one-block jackknife: a value with its interval, and paired differences of two cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tokeval.document.metrics import Cell
from tokeval.document.parts import Measured, Undefined, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_BLOCKS = 10
CONFIDENCE = 0.95


def jackknifed(
    value: float,
    left_out: NDArray[np.float64],
    *,
    no_interval: str | None = None,
    confidence: float = CONFIDENCE,
) -> Measured:
    """The value with its delete-one-block jackknife standard error and interval.

    stderr² = (G − 1)/G · Σ (θ₋g − mean θ₋)²; interval: value ± t(G − 1) · stderr. Efron and
    Stein 1981; Busing, Meijer and van der Leeden 1999 for groups.

    Args:
        value: the statistic of all blocks.
        left_out: the statistic without each block in turn, shape (n_blocks,), float64.
        no_interval: why there is no interval although there may be blocks.
        confidence: of the interval, between 0 and 1.
    """
    import numpy as np

    n_blocks = len(left_out)
    if no_interval is not None:
        return Measured(value, n_blocks, stderr_reason=no_interval)
    if n_blocks < MIN_BLOCKS:
        blocks = "block" if n_blocks == 1 else "blocks"
        reason = f"only {n_blocks} {blocks} of text; an interval needs {MIN_BLOCKS}"
        return Measured(value, n_blocks, stderr_reason=reason)
    if not np.isfinite(left_out).all():
        return Measured(value, n_blocks, stderr_reason="undefined when one block is left out")
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(np.square(left_out - left_out.mean()).sum())
    stderr = float(np.sqrt((n_blocks - 1) / n_blocks * spread))
    half = half_width(stderr, n_blocks, confidence)
    if not np.isfinite([stderr, value - half, value + half]).all():
        return Measured(value, n_blocks, stderr_reason="its interval is too large for a number")
    return Measured(value, n_blocks, stderr, value - half, value + half)


def half_width(stderr: float, n_blocks: int, confidence: float = CONFIDENCE) -> float:
    """Half of the interval: t quantile with n_blocks − 1 degrees of freedom times stderr."""
    from scipy.special import stdtrit  # slow to import; not before it is needed

    return float(stdtrit(n_blocks - 1, (1 + confidence) / 2)) * stderr


def paired_cells(
    before: Cell, after: Cell, *, relative: bool = False, confidence: float = CONFIDENCE
) -> Value:
    """The difference after − before with an interval from the blocks that both share.

    With `relative`, after / before − 1, block by block. Without intervals on either side the
    difference has none, and the reason of the side that lacks it. Undefined when a side is
    undefined, when the two do not have the same blocks, or when `before` is 0 for a relative one.
    """
    import numpy as np

    old, new = before.value, after.value
    if isinstance(old, Undefined):
        return old
    if isinstance(new, Undefined):
        return new
    left = np.array([old.value, *before.leave_one_out], dtype=np.float64)
    right = np.array([new.value, *after.leave_one_out], dtype=np.float64)
    missing = old.stderr_reason or new.stderr_reason
    if missing:  # then one of the two may have no blocks to leave out
        n_common = min(len(left), len(right))
        left, right = left[:n_common], right[:n_common]
    if len(left) != len(right):
        return Undefined("the two values do not share their blocks")
    if relative and left[0] == 0:
        return Undefined("the value before is 0, so that there is no relative difference")
    change: Callable[..., NDArray[np.float64]] = _relative if relative else np.subtract
    with np.errstate(over="ignore"):
        folds = change(right, left)
    if not np.isfinite(folds[0]):
        return Undefined("the difference is too large for a number")
    return jackknifed(float(folds[0]), folds[1:], no_interval=missing, confidence=confidence)


def _relative(after: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """After / before − 1, not finite where `before` is 0."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: NDArray[np.float64] = after / before - 1.0
    return quotient
