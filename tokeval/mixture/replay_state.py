"""What a replay starts from: words as rows of symbols, known pairs in a table, room for more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay_kernels import (
    DELTAS,
    N_PLACE_COLUMNS,
    State,
    add_keys,
    find_rows,
    index_keys,
    lay_out,
)

_N_CODE_POINTS = 0x110000
_Rows = TypeVar("_Rows", np.int32, np.int64)


def spelled_places(
    words: Sequence[bytes], merges: MergeList
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The words before any merge, as `State.places` has them, and how many pairs each word has."""
    text = b"".join(words)
    units = np.frombuffer(text, dtype=np.uint8)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    if merges.starts_from == "characters":
        begins = np.append(0, np.cumsum((units & 0xC0) != 0x80))
        ends = np.cumsum(lengths)
        lengths = begins[ends] - begins[ends - lengths]
        units = np.frombuffer(text.decode().encode("utf-32-le"), dtype=np.uint32)
    if len(units) > np.iinfo(np.int32).max:
        raise TokevalError(
            f"a category has {len(units):,} symbols in distinct words, more than 2**31",
            "give a smaller sample of it",
        )
    places = np.empty((len(units), N_PLACE_COLUMNS), dtype=np.int32)
    n_pairs = np.empty(len(words), dtype=np.int64)
    lay_out(units, _symbol_of(merges), lengths, places, n_pairs)
    return places, n_pairs


def _symbol_of(merges: MergeList) -> NDArray[np.int32]:
    """The initial symbol that each byte, or each code point, is; -1 where it is none."""
    initial = merges.symbols[: merges.n_initial]
    if merges.starts_from == "bytes":
        symbol_of = np.full(256, -1, dtype=np.int32)
        spelled = {symbol[0]: i for i, symbol in enumerate(initial) if len(symbol) == 1}
    else:
        symbol_of = np.full(_N_CODE_POINTS, -1, dtype=np.int32)
        spelled = {ord(c): i for i, symbol in enumerate(initial) if (c := _character(symbol))}
    symbol_of[list(spelled)] = list(spelled.values())
    return symbol_of


def _character(symbol: bytes) -> str:
    """The one character that a symbol is; empty when it is something else, such as a lone byte."""
    try:
        text = symbol.decode()
    except UnicodeDecodeError:
        return ""
    return text if len(text) == 1 else ""


def initial_state(
    places: NDArray[np.int32],
    weights: NDArray[np.int64],
    merged: NDArray[np.int64],
    others: NDArray[np.int64],
) -> tuple[State, NDArray[np.int32]]:
    """Words of which no pair is counted yet, and the pairs that are known beforehand.

    The second is the row of the pair that each step joins. Rows are in the order of the steps,
    since pairs that are merged at about the same time are used at the same time.
    """
    capacity = len(merged) + len(others) + len(places) // 4 + 1
    n_columns = weights.shape[1]
    pairs = np.empty((capacity, DELTAS + n_columns), dtype=np.int64)
    slots = _free_slots(capacity)
    n_merged = add_keys(pairs, slots, merged, 0)
    n_pairs = add_keys(pairs, slots, others, n_merged)
    rows = np.empty(len(merged), dtype=np.int32)
    find_rows(pairs, slots, merged, rows)
    state = State(
        places=places,
        pairs=pairs,
        slots=slots,
        lists=np.tile(np.array([-1, 0], dtype=np.int32), (n_merged, 1)),
        changes=np.empty((capacity, 2), dtype=np.int32),
        deltas=np.empty((capacity, n_columns), dtype=np.int64),
        n_used=np.array([n_pairs, 0]),
        n_needed=np.zeros(2, dtype=np.int64),
        weights=weights,
    )
    return state, rows


def _free_slots(capacity: int) -> NDArray[np.int32]:
    """A hash table that is at most half full when all pairs are in it."""
    return np.full(1 << (2 * capacity - 1).bit_length(), -1, dtype=np.int32)


def with_room(state: State) -> State:
    """The same with twice the room that a kernel asked for, where it had too little."""
    n_pairs, n_changes = state.n_used.tolist()
    needs_pairs, needs_changes = state.n_needed.tolist()
    if needs_pairs > len(state.pairs):
        pairs, slots = (
            _enlarged(state.pairs, n_pairs, 2 * needs_pairs),
            _free_slots(2 * needs_pairs),
        )
        index_keys(pairs, slots, n_pairs)
        state = state._replace(pairs=pairs, slots=slots)
    if needs_changes > len(state.changes):
        state = state._replace(
            changes=_enlarged(state.changes, n_changes, 2 * needs_changes),
            deltas=_enlarged(state.deltas, n_changes, 2 * needs_changes),
        )
    return state


def _enlarged(rows: NDArray[_Rows], n_used: int, capacity: int) -> NDArray[_Rows]:
    """The rows that are used, with room for more."""
    larger = np.empty((capacity, rows.shape[1]), dtype=rows.dtype)
    larger[:n_used] = rows[:n_used]
    return larger
