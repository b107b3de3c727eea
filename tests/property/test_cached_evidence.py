"""Evidence from the cache: whatever of it is there, lost or damaged, the numbers are the same."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy_tokenizers import byte_level_bpe, sentencepiece_bpe, unigram
from tokeval.core import corpus
from tokeval.core.cache import Cache, damaged, entries
from tokeval.core.cache_evidence import pack_evidence, unpack_evidence
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Parameters
from tokeval.core.pretokens import Cut
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics import chunk_counts, encoding_paths, evaluate
from tokeval.metrics.evaluate import Measurement, measure

WORDS = ("a", "naïve", "wolf", "don't", "Straße", "東京", "ที่", "\u0301", "12", "👩‍👩‍👧", "  ")
TRAINING = [" ".join(WORDS[n % 5 :]) + f" {n}\n" for n in range(60)]
LINES = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join), min_size=1, max_size=40
)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizers")
    for name, make in (("a", byte_level_bpe), ("b", sentencepiece_bpe), ("c", unigram)):
        make(TRAINING).save(str(folder / f"{name}.json"))
    return load_tokenizers([str(folder / f"{name}.json") for name in "abc"])


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(corpus, "CHUNK_CHARACTERS", 150)


def same_arrays(left, right) -> bool:
    return left.dtype == right.dtype and np.array_equal(left, right)


def same(left: Evidence, right: Evidence) -> bool:
    """Whether two pieces of evidence agree in every value, type and order."""
    pairs = [(left.tokens_per_word, right.tokens_per_word)]
    pairs += [(left.totals[column], right.totals[column]) for column in left.totals]
    for part, names in (
        ("token_counts", ("starts", "types", "counts")),
        ("text_lengths", ("starts", "types", "counts")),
        ("word_forms", ("keys", "occurrences", "kept", "single")),
    ):
        of_both = getattr(left, part), getattr(right, part)
        pairs += [tuple(getattr(one, name) for one in of_both) for name in names]
    return (
        all(same_arrays(*pair) for pair in pairs)
        and list(left.totals) == list(right.totals)
        and (left.n_blocks, left.digests) == (right.n_blocks, right.digests)
        and left.word_forms.threshold == right.word_forms.threshold
        and list(left.split_words.counts.items()) == list(right.split_words.counts.items())
    )


def same_measurement(left: Measurement, right: Measurement) -> bool:
    assert (left.corpus, left.cuts) == (right.corpus, right.cuts)
    return all(
        same(evidence, right.evidence[name][part])
        for name, by_slice in left.evidence.items()
        for part, evidence in by_slice.items()
    )


def slices_of(folder: Path, texts: dict[str, list[str]], unit: str):
    for name, lines in texts.items():
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines))
    places = [f"{name}={folder / name}.txt" for name in texts]
    return read_corpus(places, ReadOptions(unit=unit))


@settings(max_examples=25)
@given(LINES, LINES, LINES, st.sampled_from(["line", "lines", "file"]), st.data())
def test_any_part_of_the_evidence_may_be_there_already(tokenizers, one, more, two, unit, data):
    chosen = data.draw(st.lists(st.sampled_from([0, 1, 2]), unique=True, min_size=1))
    special = data.draw(st.sampled_from([(), ("bos",)]))
    usable = [t for t in tokenizers if not special or t.bos_id is not None]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cache = Cache("evidence", folder / "evidence")
        earlier = [tokenizers[t] for t in chosen]
        measure(earlier, slices_of(folder, {"x": one}, unit), Parameters(), cache=cache)
        found = entries(folder)
        for entry in data.draw(st.lists(st.sampled_from(found), unique=True)):
            content = bytearray(entry.path.read_bytes())
            at = data.draw(st.integers(0, len(content) - 1))
            if data.draw(st.booleans()):
                content[at] ^= data.draw(st.integers(1, 255))
            else:
                del content[at:]
            entry.path.write_bytes(content)
        slices = slices_of(folder, {"x": one + more, "y": two, "z": one}, unit)
        parameters = Parameters(special=special)
        plain = measure(usable, slices, parameters)
        for _ in range(2):
            assert same_measurement(measure(usable, slices, parameters, cache=cache), plain)
        for t in usable:
            for part in slices:
                evidence = plain.evidence[t.name][part.name]
                back, note = unpack_evidence(pack_evidence(evidence, "note"))
                assert note == "note"
                assert same(back, evidence)


@pytest.fixture
def counted(monkeypatch):
    """The chunks that were counted: slice, and numbers of tokenizers."""
    calls = []
    original = chunk_counts.CountChunks._counted

    def noted(self, chunk, missing):
        calls.append((chunk.slice, missing))
        return original(self, chunk, missing)

    monkeypatch.setattr(chunk_counts.CountChunks, "_counted", noted)
    return calls


def test_of_a_grown_corpus_only_the_new_chunks_are_counted(tokenizers, tmp_path, counted):
    cache = Cache("evidence", tmp_path / "evidence")
    # From 1024 documents on there are 64 blocks, and what is there stays where it is.
    lines = [f"wolf {n} don't naïve" for n in range(1200)]
    measure(tokenizers, slices_of(tmp_path, {"x": lines}, "line"), Parameters(), cache=cache)
    n_before = len(counted)
    counted.clear()
    grown = slices_of(tmp_path, {"x": [*lines, *lines[:20]]}, "line")
    again = measure(tokenizers, grown, Parameters(), cache=cache)
    assert n_before > 100
    assert 1 <= len(counted) <= 5
    assert same_measurement(again, measure(tokenizers, grown, Parameters()))


def test_processes_read_and_fill_the_cache_too(tokenizers, tmp_path, counted):
    cache = Cache("evidence", tmp_path / "evidence")
    slices = slices_of(tmp_path, {"x": [*WORDS] * 40, "y": [*WORDS]}, "line")
    plain = measure(tokenizers, slices, Parameters())
    first = measure(tokenizers, slices, Parameters(), cache=cache, engine="processes", jobs=2)
    counted.clear()
    assert same_measurement(first, plain)
    assert damaged(entries(tmp_path)) == []
    assert same_measurement(measure(tokenizers, slices, Parameters(), cache=cache), plain)
    assert counted == []


def test_a_cut_that_is_refuted_is_refuted_again(tokenizers, tmp_path, monkeypatch):
    cache = Cache("evidence", tmp_path / "evidence")
    slices = slices_of(tmp_path, {"x": ["a wolf a naïve wolf"] * 9, "y": ["12 wolf"]}, "line")
    # A Llama-like tokenizer puts a space before each unit: that cut is wrong for it.
    monkeypatch.setattr(encoding_paths, "choose_cut", lambda *_arguments: Cut.SPACE)
    plain = measure(tokenizers, slices, Parameters())
    assert set(plain.cuts.values()) == {Cut.SPACE, Cut.TEXT}
    for _ in range(2):
        assert same_measurement(measure(tokenizers, slices, Parameters(), cache=cache), plain)


def test_a_file_that_changes_while_it_is_read_is_not_kept(tokenizers, tmp_path, monkeypatch):
    cache = Cache("evidence", tmp_path / "evidence")
    slices = slices_of(tmp_path, {"x": ["a wolf", "12"]}, "line")
    measure(tokenizers[:1], slices, Parameters(), cache=cache)
    original, written = evaluate.chunks, []

    def changed_first(part):
        if not written:
            written.append((tmp_path / "x.txt").write_text("another text\n"))
        return original(part)

    monkeypatch.setattr(evaluate, "chunks", changed_first)
    # The first tokenizer knows the old text, the second one reads the new text.
    found = measure(tokenizers[:2], slices, Parameters(), cache=cache)
    assert written
    assert same_measurement(found, measure(tokenizers[:2], slices, Parameters()))
    (tmp_path / "x.txt").write_text("a wolf\n12\n")
    assert same_measurement(
        measure(tokenizers, slices, Parameters(), cache=cache),
        measure(tokenizers, slices, Parameters()),
    )


def test_the_same_chunk_in_other_blocks_is_another_chunk(tokenizers, tmp_path, counted):
    cache = Cache("evidence", tmp_path / "evidence")
    lines = [f"wolf {n} don't naïve" for n in range(30)]
    measure(tokenizers, slices_of(tmp_path, {"x": lines}, "line"), Parameters(), cache=cache)
    counted.clear()
    # 40 documents make 40 blocks, 30 made 30: the first chunks differ in nothing else.
    grown = slices_of(tmp_path, {"x": lines + lines[:10]}, "line")
    again = measure(tokenizers, grown, Parameters(), cache=cache)
    assert counted
    assert same_measurement(again, measure(tokenizers, grown, Parameters()))
    # A slice that begins one document later has the same chunks from then on, in other blocks.
    many = [f"{n:04d} wolf" for n in range(1200)]
    measure(tokenizers, slices_of(tmp_path, {"x": many}, "line"), Parameters(), cache=cache)
    later = slices_of(tmp_path, {"x": many[15:] + many[:15]}, "line")
    again = measure(tokenizers, later, Parameters(), cache=cache)
    assert same_measurement(again, measure(tokenizers, later, Parameters()))


def test_special_tokens_are_part_of_the_key(tokenizers, tmp_path):
    cache = Cache("evidence", tmp_path / "evidence")
    with_bos = [tokenizer for tokenizer in tokenizers if tokenizer.bos_id is not None]
    slices = slices_of(tmp_path, {"x": ["a wolf", "12"]}, "line")
    assert with_bos
    for special in ((), ("bos",), ()):
        parameters = Parameters(special=special)
        plain = measure(with_bos, slices, parameters)
        assert same_measurement(measure(with_bos, slices, parameters, cache=cache), plain)
