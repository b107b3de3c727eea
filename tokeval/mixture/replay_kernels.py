"""The compiled part of the replay: words as one row of symbols, pairs in a hash table.

Every symbol has a place; a pair is at the place of its left symbol. Only what a merge touches is
visited: the places of each pair that will be merged are a doubly linked list, so that none is ever
out of date. What is used together lies together, one row each. Nothing is allocated here: a kernel
that has no room left says what it needs and stops between two steps, and the caller makes room and
calls again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import inlined, lean_kernel

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]

# 2**64 divided by the golden ratio, as a signed number: Knuth's multiplicative hash.
_MULTIPLIER = -7046029254386353131
# Columns of `State.places`.
SYMBOL, WORD, FOLLOWING, PRECEDING, PAIR, NEXT, PREVIOUS = range(N_PLACE_COLUMNS := 7)
# Columns of `State.pairs`, followed by the deltas at that step.
KEY, STEP = range(DELTAS := 2)
# Columns of `State.lists`.
FIRST, LENGTH = range(2)


class State(NamedTuple):
    """All words, all pairs and what has changed so far; -1 stands for none.

    Attributes:
        places: a row for each symbol of each word, shape (n_places, 7): the symbol; its word; the
            place after and the place before with which it makes a pair; the row in `pairs` of the
            pair that begins here; the place after and the place before in the list of that pair.
            What remains of a place that was joined to another is undefined.
        pairs: a row for each pair that was met, those that will be merged first, shape (capacity,
            2 + n_columns): the key, left · 2**32 + right; the step of the latest change; deltas.
        slots: an open-addressing hash table of rows in `pairs`; its size is a power of two.
        lists: of the pairs that will be merged, shape (n_to_merge, 2): first place, length.
        changes: those that are over, in order, shape (capacity, 2): row in `pairs`, step.
        deltas: of those changes, shape (capacity, n_columns).
        n_used: the number of pairs, and of changes.
        n_needed: the number of rows in `pairs` and in `changes` that allow to go on.
        weights: occurrences of each word, shape (n_words, n_columns).
    """

    places: Int32s
    pairs: Int64s
    slots: Int32s
    lists: Int32s
    changes: Int32s
    deltas: Int64s
    n_used: Int64s
    n_needed: Int64s
    weights: Int64s


@lean_kernel
def lay_out(
    units: NDArray[np.uint8] | NDArray[np.uint32],
    symbol_of: Int32s,
    lengths: Int64s,
    places: Int32s,
    n_pairs: Int64s,
) -> None:
    """Fills `State.places` with words of which no pair is counted yet.

    Args:
        units: bytes or code points of all words.
        symbol_of: the initial symbol that each is, -1 where it is none.
        lengths: how many each word has, shape (n_words,).
        places: what is filled.
        n_pairs: likewise, with how many pairs each word has, shape (n_words,).
    """
    end = 0
    for word in range(len(lengths)):
        begin, end = end, end + lengths[word]
        n_pairs[word] = 0
        before, symbol_before = -1, np.int32(-1)
        for place in range(begin, end):
            symbol = symbol_of[units[place]]
            places[place, SYMBOL] = symbol
            places[place, WORD] = word
            for column in (FOLLOWING, PRECEDING, PAIR, NEXT, PREVIOUS):
                places[place, column] = -1
            if symbol >= 0 and symbol_before >= 0:
                places[before, FOLLOWING] = place
                places[place, PRECEDING] = before
                n_pairs[word] += 1
            before, symbol_before = place, symbol


@inlined
def _find(pairs: Int64s, slots: Int32s, key: int) -> int:
    """The slot of a pair, or the free one where it belongs."""
    last = len(slots) - 1
    slot = ((key * _MULTIPLIER) >> 32) & last
    while slots[slot] >= 0 and pairs[slots[slot], KEY] != key:
        slot = (slot + 1) & last
    return slot


@inlined
def _begin(pairs: Int64s, row: int, key: int) -> None:
    """Makes a row for a pair that has not occurred."""
    for column in range(pairs.shape[1]):
        pairs[row, column] = 0
    pairs[row, KEY] = key


@lean_kernel
def add_keys(pairs: Int64s, slots: Int32s, keys: Int64s, n_pairs: int) -> int:
    """The number of pairs after those of the keys that are not there have been added."""
    for key in keys:
        slot = _find(pairs, slots, key)
        if slots[slot] < 0:
            slots[slot] = n_pairs
            _begin(pairs, n_pairs, key)
            n_pairs += 1
    return n_pairs


@lean_kernel
def find_rows(pairs: Int64s, slots: Int32s, keys: Int64s, rows: Int32s) -> None:
    """Writes the rows of pairs that are there into `rows`."""
    for index in range(len(keys)):
        rows[index] = slots[_find(pairs, slots, keys[index])]


@lean_kernel
def index_keys(pairs: Int64s, slots: Int32s, n_pairs: int) -> None:
    """Puts the pairs into a hash table that is free."""
    for row in range(n_pairs):
        slots[_find(pairs, slots, pairs[row, KEY])] = row


@inlined
def _close(state: State, row: int) -> None:
    """Writes the latest change of a pair down, unless it came to nothing."""
    n_changes = state.n_used[1]
    changed = False
    for column in range(state.deltas.shape[1]):
        delta = state.pairs[row, DELTAS + column]
        changed |= delta != 0
        state.deltas[n_changes, column] = delta
        state.pairs[row, DELTAS + column] = 0
    if changed:
        state.changes[n_changes, 0] = row
        state.changes[n_changes, 1] = state.pairs[row, STEP]
        state.n_used[1] = n_changes + 1


@inlined
def _record(state: State, row: int, step: int, place: int, sign: int) -> None:
    """Notes that a pair occurs more or less often from a step on, by the weight of a place."""
    if state.pairs[row, STEP] != step:
        _close(state, row)
        state.pairs[row, STEP] = step
    word = state.places[place, WORD]
    for column in range(state.weights.shape[1]):
        state.pairs[row, DELTAS + column] += sign * state.weights[word, column]


@inlined
def _vanish(state: State, place: int, step: int) -> None:
    """Notes that the pair at a place is there no longer."""
    row = state.places[place, PAIR]
    if row >= 0:
        state.places[place, PAIR] = -1
        _record(state, row, step, place, -1)
        if row < len(state.lists):
            after, before = state.places[place, NEXT], state.places[place, PREVIOUS]
            if before >= 0:
                state.places[before, NEXT] = after
            else:
                state.lists[row, FIRST] = after
            if after >= 0:
                state.places[after, PREVIOUS] = before
            state.lists[row, LENGTH] -= 1


@inlined
def _appear(state: State, place: int, step: int, takes_new: bool) -> None:
    """Notes the pair that is at a place now. A new pair is left out unless `takes_new`."""
    following = state.places[place, FOLLOWING]
    key = (np.int64(state.places[place, SYMBOL]) << 32) | state.places[following, SYMBOL]
    slot = _find(state.pairs, state.slots, key)
    row = state.slots[slot]
    if row < 0 and takes_new:
        row = state.n_used[0]
        state.n_used[0] += 1
        state.slots[slot] = row
        _begin(state.pairs, row, key)
    state.places[place, PAIR] = row
    if row >= 0:
        _record(state, row, step, place, 1)
        if row < len(state.lists):
            first = state.lists[row, FIRST]
            state.places[place, NEXT] = first
            state.places[place, PREVIOUS] = -1
            if first >= 0:
                state.places[first, PREVIOUS] = place
            state.lists[row, FIRST] = place
            state.lists[row, LENGTH] += 1


@lean_kernel
def count_pairs(state: State, end: int, takes_new: bool) -> int:
    """The place before which counting stopped, backwards from `end`: 0 when all is counted.

    Backwards, because lists grow at their front and are best walked in the order of the text.
    """
    for place in range(end - 1, -1, -1):
        if state.n_used[0] == len(state.pairs):
            state.n_needed[0] = state.n_used[0] + 1
            return place + 1
        if state.places[place, FOLLOWING] >= 0:
            _appear(state, place, 0, takes_new)
    return 0


@inlined
def _run_start(state: State, place: int) -> int:
    """The leftmost place of the run of equal symbols that a place is in."""
    symbol = state.places[place, SYMBOL]
    before = state.places[place, PRECEDING]
    while before >= 0 and state.places[before, SYMBOL] == symbol:
        place = before
        before = state.places[place, PRECEDING]
    return place


@inlined
def _join(state: State, place: int, result: int, step: int, takes_new: bool) -> int:
    """The place after the symbol that is made of the pair at a place."""
    before, joined = state.places[place, PRECEDING], state.places[place, FOLLOWING]
    after: int = state.places[joined, FOLLOWING]
    if before >= 0:
        _vanish(state, before, step + 1)
    _vanish(state, place, step + 1)
    if after >= 0:
        _vanish(state, joined, step + 1)
    state.places[place, SYMBOL] = result
    state.places[place, FOLLOWING] = after
    if after >= 0:
        state.places[after, PRECEDING] = place
    if before >= 0:
        _appear(state, before, step + 1, takes_new)
    if after >= 0:
        _appear(state, place, step + 1, takes_new)
    return after


@lean_kernel
def make_merges(
    state: State, first_step: int, rows: Int32s, results: Int32s, takes_new: bool
) -> int:
    """The step before which merging stopped: the number of steps when all merges are made.

    Args:
        state: changed in place.
        first_step: where merging stopped before, or 0.
        rows: in `pairs`, of the pair that each step joins.
        results: the symbol that each step makes.
        takes_new: whether to follow pairs that are not in the table.
    """
    for step in range(first_step, len(rows)):
        row = rows[step]
        # Each join ends three pairs and begins two.
        state.n_needed[0] = state.n_used[0] + 2 * state.lists[row, LENGTH]
        state.n_needed[1] = state.n_used[1] + 5 * state.lists[row, LENGTH]
        if state.n_needed[0] > len(state.pairs) or state.n_needed[1] > len(state.changes):
            return step
        in_runs = state.pairs[row, KEY] >> 32 == state.pairs[row, KEY] & 0xFFFFFFFF
        while state.lists[row, FIRST] >= 0:
            place = state.lists[row, FIRST]
            if in_runs:  # merged from the left end
                place = _run_start(state, place)
            while place >= 0 and state.places[place, PAIR] == row:
                place = _join(state, place, results[step], step, takes_new)
    return results.size


@lean_kernel
def close_all(state: State) -> None:
    """Writes the latest change of every pair down."""
    for row in range(state.n_used[0]):
        _close(state, row)
