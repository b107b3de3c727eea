"""Word counts by block, against `Counter` and blocks laid out by hand."""

import random
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokeval.errors import TokevalError
from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer
from tokeval.loaders.tiktoken_files import PATTERNS
from tokeval.mixture import word_counting
from tokeval.mixture.word_counting import WordCounter, count_words, parts_in_blocks
from tokeval.mixture.word_table import N_BLOCKS, WordTable
from tokeval.pretokenization.pretokenizing import Pretokenizer, pretokenizer_of


def pretokenizer(pattern: str = PATTERNS["gpt2"]) -> Pretokenizer:
    ranks = {bytes([byte]): byte for byte in range(256)}
    made = RankedTokenizer(RankedDefinition(ranks, pattern), name="r", source="test")
    return pretokenizer_of(made)


def documents(n: int, *, seed: int = 0) -> list[str]:
    choose = random.Random(seed)  # noqa: S311 - no secret
    words = ["the", "cat", "Ünïcode", "日本語", "12", "x1", "  ", "\n", "don't", "!?"]
    return [
        " ".join(choose.choices([*words, str(choose.random())], k=choose.randint(5, 60)))
        for _ in range(n)
    ]


def as_counters(table: WordTable) -> list[Counter[bytes]]:
    return [
        Counter({w: int(c) for w, c in zip(table.words, table.counts[:, b], strict=True) if c})
        for b in range(N_BLOCKS)
    ]


def by_counter(texts: list[str], cutter: Pretokenizer) -> list[Counter[bytes]]:
    """The same with `Counter`, each document in the block of its middle."""
    sizes = [len(text.encode()) for text in texts]
    counters: list[Counter[bytes]] = [Counter() for _ in range(N_BLOCKS)]
    at = 0
    for text, size in zip(texts, sizes, strict=True):
        block = int(N_BLOCKS * (at + size / 2) / sum(sizes))
        counters[block].update(cutter.pretokens(text))
        at += size
    return counters


@pytest.mark.parametrize("pattern", [PATTERNS["gpt2"], PATTERNS["o200k"], r"\w+|\W"])
def test_is_counter_by_block(pattern: str) -> None:
    texts, cutter = documents(200), pretokenizer(pattern)
    table = count_words(texts, cutter, name="x")
    assert as_counters(table) == by_counter(texts, cutter)
    assert list(table.words) == sorted(set(table.words))
    assert int(table.n_bytes.sum()) == sum(len(text.encode()) for text in texts)


def test_blocks_are_about_equal_in_bytes() -> None:
    table = count_words(documents(1000), pretokenizer(), name="x")
    assert table.n_bytes.max() < 1.05 * table.n_bytes.min()


def test_one_pass_over_a_stream_of_known_size() -> None:
    texts, cutter = documents(150), pretokenizer()
    whole = count_words(texts, cutter, name="x")
    read: list[int] = []

    def stream() -> Iterator[str]:
        for number, text in enumerate(texts):
            read.append(number)
            yield text

    size = sum(len(text.encode()) for text in texts)
    streamed = count_words(stream(), cutter, name="x", n_bytes=size)
    assert read == list(range(150))
    assert streamed.words == whole.words
    assert np.array_equal(streamed.counts, whole.counts)


def test_shards_add_up_and_processes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, cutter = documents(300), pretokenizer()
    whole = count_words(texts, cutter, name="x", engine="serial")
    monkeypatch.setattr(word_counting, "CHUNK_BYTES", 9000)
    for engine in ("serial", "processes"):
        parts = count_words(texts, cutter, name="x", engine=engine, jobs=2)
        assert parts.words == whole.words
        assert np.array_equal(parts.counts, whole.counts)
        assert np.array_equal(parts.n_bytes, whole.n_bytes)


def test_the_hash_table_grows_over_words_slots_and_pool() -> None:
    counter = WordCounter(pretokenizer())
    numbers = [str(number) for number in range(40_000)]
    counter.add([(0, " ".join(numbers)), (3, "x" * 300_000), (3, " ".join(numbers[:10]))])
    table = counter.table()
    counters = as_counters(table)
    assert counters[0] == Counter({b"0": 1} | {b" %d" % n: 1 for n in range(1, 40_000)})
    assert counters[3] == Counter(
        {b"x" * 300_000: 1, b"0": 1} | {b" %d" % n: 1 for n in range(1, 10)}
    )
    assert len(table) == 40_001


def test_ten_documents_of_equal_size_are_the_ten_blocks() -> None:
    texts = [str(number) * 2000 for number in range(10)]
    assert list(parts_in_blocks(texts, 20_000, name="x")) == list(enumerate(texts))


def test_a_long_document_is_cut_at_line_ends_behind_the_borders() -> None:
    lines = [f"{number:02}\n" for number in range(50)]  # 150 bytes: 15 to a block, 5 lines
    parts = list(parts_in_blocks(["".join(lines)], 150, name="x"))
    assert parts == [(b, "".join(lines[5 * b : 5 * b + 5])) for b in range(10)]


def test_borders_inside_lines_are_moved_to_the_line_end() -> None:
    text = "aaaaaaa\nbbbbbbb\n" + "c\n" * 12  # 40 bytes: borders at 4, 8, 12, …
    parts = dict(parts_in_blocks([text], 40, name="x"))
    assert parts[0] == "aaaaaaa\n"
    assert 1 not in parts
    assert parts[2] == "bbbbbbb\n"
    assert "".join(parts.values()) == text


def test_a_document_without_line_ends_is_cut_before_spaces() -> None:
    text = "ab cd ef gh ij kl mn op qr st uv wx y"
    parts = list(parts_in_blocks([text], len(text), name="x"))
    assert [block for block, _ in parts] == list(range(10))
    assert "".join(part for _, part in parts) == text
    assert all(part.startswith(" ") for _, part in parts[1:])


@given(
    st.lists(
        st.text(st.sampled_from("aé日\n 😀b"), min_size=1, max_size=60), min_size=1, max_size=30
    )
)
@settings(max_examples=300)
def test_parts_are_the_texts_in_order_of_blocks(texts: list[str]) -> None:
    parts = list(parts_in_blocks(texts, sum(len(text.encode()) for text in texts), name="x"))
    assert "".join(part for _, part in parts) == "".join(texts)
    blocks = [block for block, _ in parts]
    assert blocks == sorted(blocks)
    assert set(blocks) <= set(range(N_BLOCKS))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "category tr has no text"),
        (["", ""], "category tr has no text"),
        (["word " * 200], "category tr has 1000 bytes of text, too few"),
        (["x" * 20_000], "category tr: block 2 of 10 is empty"),
        (["a b\n" * 5000, "\ud800"], "lone surrogate"),
    ],
)
def test_what_cannot_be_counted_is_refused(texts: list[str], message: str) -> None:
    with pytest.raises(TokevalError, match=message):
        count_words(texts, pretokenizer(), name="tr")


def test_a_wrong_size_is_refused() -> None:
    with pytest.raises(TokevalError, match="have 20000 bytes, not 20001"):
        count_words(["ab c\n" * 400] * 10, pretokenizer(), name="tr", n_bytes=20_001)
