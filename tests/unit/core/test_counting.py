"""Counting chunks: what each column counts, by hand and by plain Python, blocks and special ids."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import toy_tokenizers as toy
from tokeval.core.corpus import Chunk, Document
from tokeval.core.counting import ChunkCounter, CutRefutedError
from tokeval.core.evidence import Evidence, pool, total
from tokeval.core.features import UnitFeatures
from tokeval.core.pretokens import Cut, choose_cut, cut_before_spaces
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.tokenizer import Tokenizer
from tokeval.core.unit_table import UnitTable
from tokeval.core.wordforms import MAX_SPLIT_WORDS
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

TRAINING = ["the lowest of the newer and the wider, 123 times", "don't say it's low"] * 5
DOCUMENTS: list[Document] = [
    ("the low", "the newer\nthe wider"),
    ("",),
    ("low low low\n", "é\N{GRINNING FACE} 日本"),
    ("the low",),
]
BLOCKS = [0, 1, 2, 0]


def counted(
    tokenizer: Tokenizer,
    documents: Sequence[Document] = DOCUMENTS,
    blocks: Sequence[int] = BLOCKS,
    *,
    cut: Cut = Cut.TEXT,
    special: Sequence[str] = (),
) -> Evidence:
    chunk = Chunk("part", tuple(documents), tuple(blocks), 3, b"")
    return ChunkCounter([(tokenizer, cut)], special=special)(chunk)[0]


@pytest.fixture(scope="module")
def word_pieces() -> Tokenizer:
    return adapt_tokenizers_object(toy.lowercase_wordpiece(TRAINING), name="w", source="test")


@pytest.fixture(scope="module")
def byte_level() -> Tokenizer:
    return adapt_tokenizers_object(toy.byte_level_bpe(TRAINING), name="b", source="test")


def test_the_columns_of_the_text_by_hand() -> None:
    """Blocks: documents 0 and 3, document 1, document 2. An empty text is one line."""
    totals = {name: column.tolist() for name, column in counted(ByteTokenizer()).totals.items()}
    assert totals["documents"] == [2, 1, 1]
    assert totals["texts"] == [3, 1, 2]
    assert totals["lines"] == [4, 1, 2]
    assert totals["characters"] == [7 + 19 + 7, 0, 12 + 5]
    assert totals["bytes"] == [33, 0, 12 + 2 + 4 + 1 + 6]
    assert totals["graphemes"] == [33, 0, 17]
    assert totals["words"] == [8, 0, 3 + 1 + 1]
    assert totals["letters"] == [6 + 8 + 8 + 6, 0, 9 + 3]
    assert totals["spaceless_letters"] == [0, 0, 2]
    assert totals["tokens"] == totals["bytes"]
    assert totals["split_characters"] == [0, 0, 4]


def test_ids_lengths_and_digests_by_plain_python(byte_level: Tokenizer) -> None:
    evidence = counted(byte_level, cut=choose_cut(byte_level, TRAINING))
    ids: Counter[tuple[int, int]] = Counter()
    lengths: Counter[tuple[int, int]] = Counter()
    all_ids: list[int] = []
    all_lengths: list[int] = []
    for document, block in zip(DOCUMENTS, BLOCKS, strict=True):
        for text in document:
            of_text = byte_level.encode_batch([text]).ids.tolist()
            ids.update((block, i) for i in of_text)
            lengths[block, len(of_text)] += 1
            all_ids += of_text
            all_lengths.append(len(of_text))
    assert as_counter(evidence.token_counts) == ids
    assert as_counter(evidence.text_lengths) == lengths
    expected = hashlib.sha256(np.array(all_lengths, "<i8").tobytes())
    expected.update(np.array(all_ids, "<i4").tobytes())
    assert evidence.digests == (expected.digest(),)


def as_counter(counts: SparseCounts) -> Counter[tuple[int, int]]:
    """Occurrences by (block, type)."""
    pairs = zip(counts.blocks.tolist(), counts.types.tolist(), strict=True)
    return Counter(dict(zip(pairs, counts.counts.tolist(), strict=True)))


def test_special_tokens_are_counted_once_for_each_text(word_pieces: Tokenizer) -> None:
    """An empty text gets them too; a tokenizer without such a token counts none."""
    bare = counted(word_pieces)
    around = counted(word_pieces, special=("bos", "eos"))
    texts = np.array([3, 1, 2])
    assert around.totals["special_tokens"].tolist() == (2 * texts).tolist()
    assert (around.totals["tokens"] - bare.totals["tokens"]).tolist() == (2 * texts).tolist()
    extra = as_counter(around.token_counts)
    extra.subtract(as_counter(bare.token_counts))
    assert +extra == Counter({(b, i): int(texts[b]) for b in range(3) for i in (2, 3)})
    assert (around.text_lengths.types - 2).tolist() == bare.text_lengths.types.tolist()
    assert around.digests == bare.digests
    assert counted(ByteTokenizer(), special=("bos",)).totals["special_tokens"].tolist() == [0] * 3


def test_lossy_and_broken_texts_are_counted_by_text() -> None:
    """Two broken units in one text are one broken text."""
    tokenizer = adapt_tokenizers_object(toy.word_level(TRAINING), name="w", source="test")
    documents = [("the \u2603 \u2603 low \u2603", "the low"), ("\u2603",), ("the",)]
    for cut in (Cut.TEXT, choose_cut(tokenizer, TRAINING)):
        evidence = counted(tokenizer, documents, [0, 1, 2], cut=cut)
        assert evidence.totals["broken_texts"].tolist() == [1, 1, 0]


def test_tokens_per_word_and_split_words(byte_level: Tokenizer) -> None:
    """`qqqq` has no merges: four tokens alone, four behind a space with the space apart."""
    evidence = counted(byte_level, [("the qqqq qqqq",), ("x" * 40,)], [0, 1])
    assert evidence.tokens_per_word.tolist() == [0, 1, 0, 0, 2, *[0] * 10, 1]
    assert evidence.split_words.counts["qqqq", (b"q", b"q", b"q", b"q")] == 2
    assert evidence.totals["continued_words"].tolist() == [2, 1, 0]


def test_split_words_do_not_depend_on_what_was_counted_before(byte_level: Tokenizer) -> None:
    """More split words than are held, all as frequent: a worker that has met some of them before,
    in another order, holds the same ones."""
    words = [f"q{a}{b}q" for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrst"]
    chunk, before = (
        Chunk("part", ((" ".join(some),),), (0,), 1, b"") for some in (words, words[::-3])
    )
    fresh = ChunkCounter([(byte_level, Cut.SPACE)])(chunk)[0].split_words
    counter = ChunkCounter([(byte_level, Cut.SPACE)])
    counter(before)
    assert counter(chunk)[0].split_words == fresh
    assert len(fresh.counts) == MAX_SPLIT_WORDS


def test_a_wrong_cut_is_refuted_and_not_counted() -> None:
    """Units cut at spaces give other ids than texts where tokens cross spaces."""
    tokenizer = adapt_tokenizers_object(toy.sentencepiece_bpe(TRAINING), name="s", source="test")
    with pytest.raises(CutRefutedError) as caught:
        counted(tokenizer, cut=Cut.SPACE)
    assert caught.value.args == (0,)


def test_full_tables_are_begun_anew_without_a_trace(
    byte_level: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = [
        Chunk("part", tuple((f"{line} {n}",) for n in range(9)), tuple([0] * 9), 1, b"")
        for line in TRAINING[:3]
    ]
    expected = total([ChunkCounter([(byte_level, Cut.SPACE)])(chunk)[0] for chunk in chunks])
    monkeypatch.setattr("tokeval.core.features.MAX_UNITS", 4)
    monkeypatch.setattr("tokeval.core.features.BATCH_CHARACTERS", 16)
    counter = ChunkCounter([(byte_level, Cut.SPACE)])
    found = total([counter(chunk)[0] for chunk in chunks])
    assert isinstance(counter._features[True], UnitFeatures)
    assert found.digests == expected.digests
    assert as_counter(found.token_counts) == as_counter(expected.token_counts)
    for column in expected.totals:
        assert found.totals[column].tolist() == expected.totals[column].tolist()
    assert found.word_forms.kept.tolist() == expected.word_forms.kept.tolist()


def test_evidence_with_other_blocks_does_not_add() -> None:
    one = counted(ByteTokenizer(), [("a",)], [0])
    with pytest.raises(ValueError, match="blocks are the same"):
        total([one, one.regrouped(1)])
    assert pool([one, one.regrouped(1)]).totals["texts"].tolist() == [2]


@PATIENT
@given(
    st.lists(
        st.text("ab \n\t\u00a0\u0600<", max_size=12) | st.just("a<s> <s>b"),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([(), ("<s>",), ("a b",), ("b", " <")]),
)
def test_units_are_those_of_the_exact_rule(texts: list[str], added: tuple[str, ...]) -> None:
    """The quick numbering equals cutting every text by the rule; texts with added tokens whole."""
    table = UnitTable(cuts_at_spaces=True, added_texts=added)
    units = table.number(texts)
    parts = np.split(units.numbers, units.text_starts[1:])
    for text, numbers in zip(texts, parts, strict=True):
        found = [table.units[n] for n in numbers]
        assert [table.is_first[n] for n in numbers] == [True] + [False] * (len(found) - 1)
        expected = cut_before_spaces(text)
        if any(a in text for a in added) or any(u.endswith("\u0600") for u in expected[:-1]):
            expected = [text]
        assert found == expected


@PATIENT
@given(st.text("ab \n\t\u00a0", max_size=15))
def test_a_unit_begins_at_a_space_between_text(text: str) -> None:
    """The rule, position by position."""
    cuts = [
        i
        for i in range(1, len(text))
        if text[i] == " " and not text[i - 1].isspace() and text[i:].strip()
    ]
    edges = [0, *cuts, len(text)]
    assert cut_before_spaces(text) == [text[a:b] for a, b in pairwise(edges)]
