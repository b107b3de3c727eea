"""A dump in memory gives what the same tokens give from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.toy_tokenizers import byte_level_bpe
from tokeval.core.corpus import Slice
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.visual.counting import count
from tokeval.visual.dump import Layout
from tokeval.visual.memory_dump import MemoryDump
from tokeval.visual.reading import read_dump
from tokeval.visual.text_reference import text_dump


def test_grids_count_as_they_do_from_a_file(tmp_path: Path) -> None:
    grids = np.random.default_rng(1).integers(0, 50, (2100, 3, 4)).astype(np.uint8)
    np.save(tmp_path / "d.npy", grids)
    stored = read_dump(str(tmp_path / "d.npy"), name="d", layout=Layout.NHW, codebook_size=50)
    memory = MemoryDump.of_grids("d", "here", grids, 50)
    one, two = count(stored), count(memory)
    assert one.sha256 == two.sha256
    assert np.array_equal(one.whole.types.counts, two.whole.types.counts)
    assert np.array_equal(one.whole.types.pair_counts, two.whole.types.pair_counts)
    ours, theirs = memory.sample(600), stored.sample(600)
    assert np.array_equal(ours.tokens, theirs.tokens)
    assert np.array_equal(ours.array(), theirs.array())


def test_text_is_one_sequence_for_each_document_with_tokens() -> None:
    tokenizer = adapt_tokenizers_object(
        byte_level_bpe(["the quick brown fox"] * 9), name="toy", source="toy"
    )
    texts = [("the quick", "fox"), ("",), ("the",)]
    part = Slice("en", lambda: iter(texts), "line")
    dump = text_dump(tokenizer, [part])
    expected = [
        np.concatenate([tokenizer.encode_batch([text]).ids for text in document])
        for document in texts
    ]
    assert dump.layout is Layout.NL
    assert dump.n_samples == 2
    assert dump.codebook_size == len(tokenizer.vocabulary)
    assert np.array_equal(dump.take(np.array([0])).tokens, expected[0])
    assert np.array_equal(dump.take(np.array([1])).tokens, expected[2])
