"""Bits per byte of held-out text: by hand, against decompressors, and where they are undefined."""

from __future__ import annotations

import lzma
import math
import zlib
from pathlib import Path

import numpy as np
import pytest
import zstandard
from numpy.typing import NDArray

from tests import toy_tokenizers
from tests.unit.core.test_held_out import Twin
from tests.unit.metrics.studied import context_of, flores, sample_of, value
from tokeval.core.held_out import Events, held_out_bits, unigram_bits
from tokeval.core.metric import Folds
from tokeval.core.study import Subject, Tally, pool_tallies
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics import held_out

CODES = ["unigram_bits_per_byte", "bigram_bits_per_byte"]
MARKERS = ["zlib_bits_per_byte", "xz_bits_per_byte", "zstd_bits_per_byte"]
SENTENCES = [f"the {animal} saw {n} birds" for n in range(4) for animal in ("cat", "dog", "cow")]


@pytest.mark.case(golden=CODES)
def test_five_equal_letters_by_hand() -> None:
    # Four texts teach: `a` four times, the end four times; no type once or twice, so D = 1/2.
    context = context_of(ByteTokenizer(), sample_of(["a"] * 5), held_out.CODES)
    p = (4 - 0.5) / 8
    assert value(held_out.unigram_bits_per_byte, context) == pytest.approx(-math.log2(p))
    in_context = (4 - 0.5) / 4 + 0.5 * 1 / 4 * p
    assert value(held_out.bigram_bits_per_byte, context) == pytest.approx(-math.log2(in_context))


@pytest.mark.case(golden=["zlib_bits_per_byte", "zstd_bits_per_byte"])
def test_two_bytes_by_the_formats_of_deflate_and_zstandard() -> None:
    # Deflate: 3 bits of header, two literals of 8, 7 bits for the end: 26 bits, 4 bytes.
    # Zstandard: 4 of magic number, 2 of frame header, 3 of block header, 2 literals: 11 bytes.
    context = context_of(ByteTokenizer(), sample_of(["a"] * 5), held_out.MARKERS)
    assert value(held_out.zlib_bits_per_byte, context) == 4 * 8 / 2
    assert value(held_out.zstd_bits_per_byte, context) == 11 * 8 / 2


@pytest.mark.case(golden=["xz_bits_per_byte"])
def test_lzma_stores_chance_as_it_is() -> None:
    chance = np.random.default_rng(1)
    assert held_out.xz_size(chance.bytes(1000), chance.bytes(500)) == 500
    tally = Tally(0, {"xz_bits": np.array([8 * 500]), "bytes": np.array([500])})
    context = context_of(ByteTokenizer(), sample_of(["a"] * 5), held_out.MARKERS, tally=tally)
    assert value(held_out.xz_bits_per_byte, context) == 8


@pytest.mark.case(oracle=CODES)
def test_every_document_costs_what_the_slow_twin_says_when_the_others_teach() -> None:
    tokenizer = adapt_tokenizers_object(
        toy_tokenizers.byte_level_bpe(SENTENCES), name="toy", source="toy"
    )
    ids = [tokenizer.encode_batch([text]).ids.tolist() for text in SENTENCES]
    bits = []
    for t, text in enumerate(ids):
        taught = [other for o, other in enumerate(ids) if o % 5 != t % 5]
        bits.append(Twin(taught, tokenizer.vocabulary.token_bytes).bits(text))
    sizes = np.array([len(text) + 1 for text in SENTENCES])
    context = context_of(tokenizer, sample_of(SENTENCES), held_out.CODES)
    for column, compute in enumerate(
        (held_out.unigram_bits_per_byte, held_out.bigram_bits_per_byte)
    ):
        costs = np.array(bits)[:, column]
        folds = compute(context)
        assert isinstance(folds, Folds)
        expected = [costs.sum() / sizes.sum()]
        expected += [
            np.delete(costs, t).sum() / np.delete(sizes, t).sum() for t in range(len(sizes))
        ]
        assert folds.values == pytest.approx(expected)


@pytest.mark.case(oracle=MARKERS)
def test_what_the_compressors_say_can_be_read_back() -> None:
    known, new = " ".join(SENTENCES[:9]).encode(), " ".join(SENTENCES[9:]).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=known)
    packed = packer.compress(new) + packer.flush()
    assert zlib.decompressobj(-15, zdict=known).decompress(packed) == new
    assert held_out.zlib_size(known, new) == len(packed) < len(new) / 2
    dictionary = zstandard.ZstdCompressionDict(known, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        19, write_content_size=False, write_dict_id=False
    )
    frame = zstandard.ZstdCompressor(dict_data=dictionary, compression_params=parameters).compress(
        new
    )
    reader = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
    assert reader.decompress(frame) == new
    assert held_out.zstd_size(known, new) == pytest.approx(len(frame), abs=3)
    stream = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=held_out.LZMA_FILTERS)
    both = stream.compress(known) + stream.compress(new) + stream.flush()
    alone = lzma.compress(known, lzma.FORMAT_RAW, filters=held_out.LZMA_FILTERS)
    assert held_out.xz_size(known, new) == len(both) - len(alone)


def test_a_compressor_has_not_seen_what_it_is_given() -> None:
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("abcdefgh"), 200)) for _ in range(5)]
    tally = held_out.measure_markers(Subject(ByteTokenizer(), sample_of(texts)))
    assert isinstance(tally, Tally)
    written = [f"{text}\n".encode() for text in texts]
    for name, size in held_out.COMPRESSORS.items():
        sizes = [size(b"".join(written[:t] + written[t + 1 :]), written[t]) for t in range(5)]
        assert tally.columns[f"{name}_bits"].tolist() == [8 * sum(sizes)]
        assert sum(sizes) > 5 * 200 * 3 / 8  # three bits a letter, for they are drawn evenly


def test_markers_are_the_same_for_every_tokenizer_and_have_no_interval() -> None:
    sample = sample_of(SENTENCES)
    lossy = adapt_tokenizers_object(
        toy_tokenizers.lowercase_wordpiece(SENTENCES), name="lossy", source="lossy"
    )
    first = held_out.measure_markers(Subject(lossy, sample))
    second = held_out.measure_markers(Subject(ByteTokenizer(), sample))
    assert isinstance(first, Tally)
    assert isinstance(second, Tally)
    assert first.columns == second.columns
    context = context_of(lossy, sample, held_out.MARKERS)
    folds = held_out.xz_bits_per_byte(context)
    assert isinstance(folds, Folds)
    assert folds.no_interval
    assert "as a whole" in folds.no_interval


@pytest.mark.case(undefined=CODES)
def test_a_tokenizer_that_loses_text_has_no_code() -> None:
    lossy = adapt_tokenizers_object(
        toy_tokenizers.lowercase_wordpiece(SENTENCES), name="lossy", source="lossy"
    )
    context = context_of(lossy, sample_of(SENTENCES), held_out.CODES)
    for compute in (held_out.unigram_bits_per_byte, held_out.bigram_bits_per_byte):
        found = compute(context)
        assert isinstance(found, Undefined)
        assert "12 of 12 sampled texts are not spelled byte for byte" in found.reason


def test_a_lossy_slice_leaves_the_whole_corpus_without_a_code() -> None:
    lossy = adapt_tokenizers_object(
        toy_tokenizers.lowercase_wordpiece(SENTENCES), name="lossy", source="lossy"
    )
    tallies = [
        held_out.measure_codes(Subject(ByteTokenizer(), sample_of(SENTENCES))),
        held_out.measure_codes(Subject(lossy, sample_of(SENTENCES))),
    ]
    pooled = pool_tallies(tallies)
    assert isinstance(pooled, Tally)
    context = context_of(lossy, sample_of(SENTENCES), held_out.CODES, tally=pooled)
    found = held_out.unigram_bits_per_byte(context)
    assert isinstance(found, Undefined)
    assert "12 of 24 sampled texts" in found.reason


@pytest.mark.case(undefined=[*CODES, *MARKERS])
def test_four_documents_cannot_be_split_in_five() -> None:
    sample = sample_of(SENTENCES[:4])
    for study in (held_out.CODES, held_out.MARKERS):
        context = context_of(ByteTokenizer(), sample, study)
        for metric in held_out.METRICS:
            if metric.study is study:
                found = metric.compute(context)
                assert isinstance(found, Undefined)
                assert "fewer than 5 documents" in found.reason


def test_a_space_before_the_text_is_no_loss() -> None:
    tokenizer = adapt_tokenizers_object(
        toy_tokenizers.sentencepiece_bpe(SENTENCES), name="llama", source="llama"
    )
    encoded = tokenizer.encode_batch(SENTENCES)
    assert not held_out.lossy_texts(tokenizer, SENTENCES, encoded).any()
    assert held_out.lossy_texts(tokenizer, [*SENTENCES[1:], "x"], encoded).all()


def test_adding_one_would_reverse_a_ranking(shared: Path) -> None:
    lines = flores(shared, "fi")[::3]
    splits = np.arange(len(lines)) % 5
    folder = shared / "data" / "tokenizers"
    cost: dict[str, tuple[float, float]] = {}
    for name in ("dolly-v2-12b.json", "phi-3-medium-4k-instruct.json"):
        tokenizer = load_tokenizer(str(folder / name))
        events = Events.of(tokenizer.encode_batch(lines), tokenizer.vocabulary)
        n_types = len(tokenizer.vocabulary) + 1

        def add_one(
            events: Events, teaches: NDArray[np.bool_], n_types: int = n_types
        ) -> NDArray[np.float64]:
            counts = np.bincount(events.symbols[teaches], minlength=events.end + 1)
            p = (counts + 1) / (counts.sum() + n_types)
            bits: NDArray[np.float64] = -np.log2(p[events.symbols])
            return bits

        cost[name] = (
            held_out_bits(events, splits, unigram_bits).sum(),
            held_out_bits(events, splits, add_one).sum(),
        )
    gpt_neox, llama_2 = cost.values()
    assert gpt_neox[0] < llama_2[0]
    assert gpt_neox[1] > llama_2[1]
