"""The replay, its readable twin and a recount of every word at every step agree exactly."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tokeval.mixture import replay_reference
from tokeval.mixture.history import PairChanges, combine, counts_at, pair_keys, winner_counts
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay import replay, replay_tracked
from tokeval.mixture.word_table import N_BLOCKS, WordTable

N_CATEGORIES = 3


@st.composite
def merge_lists(draw: st.DrawFn) -> MergeList:
    """Merges in any order, over letters of one to four bytes; many never apply."""
    starts_from = draw(st.sampled_from(["bytes", "characters"]))
    letters = [b"a", b"b", b"c"] if starts_from == "bytes" else [b"a", "é".encode(), "😀".encode()]
    symbols, pairs, results = list(letters), [], []
    for _ in range(draw(st.integers(0, 12))):
        left, right = (draw(st.integers(0, len(symbols) - 1)) for _ in range(2))
        joined = symbols[left] + symbols[right]
        if joined not in symbols:
            symbols.append(joined)
        pairs.append((left, right))
        results.append(symbols.index(joined))
    return MergeList(
        tuple(symbols),
        len(letters),
        np.array(pairs, dtype=np.int32).reshape(-1, 2),
        np.array(results, dtype=np.int32),
        starts_from,
    )


@st.composite
def word_tables(draw: st.DrawFn) -> WordTable:
    letters = st.text(st.sampled_from("aabcéx😀"), max_size=14)
    runs = st.builds(str.__mul__, st.sampled_from(["a", "ab", "é", "aé"]), st.integers(0, 20))
    words = sorted({word.encode() for word in draw(st.lists(letters | runs, max_size=8))})
    numbers = st.sampled_from([0, 0, 1, 2, 5, 1000])
    by_block = draw(
        st.lists(st.tuples(*[numbers] * N_BLOCKS), min_size=len(words), max_size=len(words))
    )
    counts = np.array(by_block, dtype=np.int64).reshape(-1, N_BLOCKS)
    return WordTable(tuple(words), counts, np.zeros(N_BLOCKS, dtype=np.int64))


def recounted(words: dict[bytes, int], merges: MergeList) -> Iterator[Counter[int]]:
    """The counts by key at each step, all words spelled and counted anew; what is unknown is -1."""
    initial = list(merges.symbols[: merges.n_initial])
    spelled = []
    for word, weight in words.items():
        units = (
            [word[i : i + 1] for i in range(len(word))]
            if merges.starts_from == "bytes"
            else [character.encode() for character in word.decode()]
        )
        spelled.append(([initial.index(u) if u in initial else -1 for u in units], weight))
    for step in range(len(merges) + 1):
        found: Counter[int] = Counter()
        for symbols, weight in spelled:
            for i in range(len(symbols) - 1):
                if min(symbols[i : i + 2]) >= 0 and weight:
                    found[symbols[i] * 2**32 + symbols[i + 1]] += weight
        yield found
        if step < len(merges):
            pair, result = merges.pairs[step].tolist(), int(merges.results[step])
            for symbols, _ in spelled:
                i = 0
                while i < len(symbols) - 1:
                    if symbols[i : i + 2] == pair:
                        symbols[i : i + 2] = [result]
                    i += 1


def weights(table: WordTable, block: int | None = None) -> dict[bytes, int]:
    kept = [b for b in range(N_BLOCKS) if b != block]
    return dict(zip(table.words, table.counts[:, kept].sum(axis=1).tolist(), strict=True))


def counts(changes: PairChanges, step: int) -> Counter[int]:
    """The counts at a step, summed up change by change."""
    found: Counter[int] = Counter()
    for i, key in enumerate(changes.keys.tolist()):
        row = slice(changes.starts[i], changes.starts[i + 1])
        if count := int(changes.deltas[row][changes.steps[row] <= step].sum()):
            found[key] = count
    return found


@given(word_tables(), merge_lists(), st.none() | st.integers(0, N_BLOCKS - 1))
def test_kernel_twin_and_recount_agree(table, merges, block):
    for n_steps in {len(merges), len(merges) // 2}:
        fast = replay(table, merges, n_steps=n_steps, block=block)
        slow = replay_reference.replay(table, merges, n_steps=n_steps, block=block)
        for name in ("keys", "starts", "steps", "deltas"):
            np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), strict=True)
        assert fast.n_pairs_initially == slow.n_pairs_initially
        steps = list(recounted(weights(table, block), merges))[: n_steps + 1]
        assert [counts(fast, step) for step in range(n_steps + 1)] == steps
        assert fast.n_pairs_initially == steps[0].total()


@given(word_tables(), merge_lists())
def test_changes_are_canonical(table, merges):
    changes = replay(table, merges, n_steps=len(merges))
    assert (np.diff(changes.keys) > 0).all()
    assert (np.diff(changes.starts) > 0).all()
    assert changes.deltas.all()
    for i in range(len(changes.keys)):
        assert (np.diff(changes.steps[changes.starts[i] : changes.starts[i + 1]]) > 0).all()


@given(word_tables(), merge_lists(), st.data())
def test_tracked_blocks_are_what_leaving_them_out_takes_away(table, merges, data):
    whole = replay(table, merges, n_steps=len(merges))
    known = [*whole.keys.tolist(), 5, 2**40]
    keys = np.array(data.draw(st.lists(st.sampled_from(known), max_size=9)), dtype=np.int64)
    tracked = replay_tracked(table, merges, keys, n_steps=len(merges))
    assert tracked.keys.tolist() == sorted(set(keys.tolist()))
    assert tracked.n_pairs_initially.sum() == whole.n_pairs_initially
    block = data.draw(st.integers(0, N_BLOCKS - 1))
    rest = replay(table, merges, n_steps=len(merges), block=block)
    assert whole.n_pairs_initially - tracked.n_pairs_initially[block] == rest.n_pairs_initially
    for step in range(len(merges) + 1):
        found = tracked.counts(tracked.keys, np.full(len(tracked.keys), step))
        everything, without = counts(whole, step), counts(rest, step)
        for key, by_block in zip(tracked.keys.tolist(), found.tolist(), strict=True):
            assert sum(by_block) == everything[key]
            assert by_block[block] == everything[key] - without[key]


@settings(max_examples=60)
@given(st.lists(word_tables(), min_size=1, max_size=N_CATEGORIES), merge_lists(), st.integers(0, 3))
def test_a_history_has_every_count(tables, merges, n_unused):
    n_steps = max(0, len(merges) - n_unused)
    changes = [replay(table, merges, n_steps=len(merges)) for table in tables]
    names = [f"category {i}" for i in range(len(tables))]
    history = combine(names, changes, merges, n_steps=n_steps)
    steps = [list(recounted(weights(table), merges))[:n_steps] for table in tables]
    row_of = {key: row for row, key in enumerate(history.keys.tolist())}
    winners = pair_keys(merges)[:n_steps].tolist()
    for step, winner in enumerate(winners):
        found = [of_category[step] for of_category in steps]
        assert winner_counts(history)[step].tolist() == [of[winner] for of in found]
        keys = set().union(*found) & set(row_of)
        rows = np.array([row_of[key] for key in sorted(keys)], dtype=np.int64)
        at = counts_at(history, np.full(len(rows), step), rows)
        assert at.tolist() == [[of[key] for of in found] for key in sorted(keys)]
    occurring = {key for of_category in steps for of in of_category for key in of}
    assert set(row_of) == occurring
    assert history.winners.tolist() == [row_of.get(key, -1) for key in winners]
