"""Faults seen in tools of this kind, each with a test of its name."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests import toy_tokenizers
from tokeval.core.corpus import Document, Slice
from tokeval.core.metric import Parameters
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Cell, Measured, Report, Undefined, dump, load
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpora import ReadOptions, check_parallel, read_corpus
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer, load_tokenizers
from tokeval.metrics.report import evaluate

TEXT = ["the quick brown fox jumps over the lazy dog", "a dog and a fox, a quick one"] * 20


def toy(name: str = "toy") -> Tokenizer:
    """A byte-level tokenizer of the texts above."""
    return adapt_tokenizers_object(toy_tokenizers.byte_level_bpe(TEXT), name=name, source=name)


def lines(name: str, texts: Sequence[str], parallel: str | None = None) -> Slice:
    """A slice in which every line is a document."""
    return Slice(name, lambda: iter([(text,) for text in texts]), "line", parallel=parallel)


def cell(report: Report, metric: str, *, tokenizer: str = "toy", part: str = "all") -> Cell:
    """One cell of a report."""
    wanted = (metric, tokenizer, part)
    return next(c for c in report.results[0].cells if (c.metric, c.tokenizer, c.slice) == wanted)


def test_overwriting_the_users_input_file(tmp_path: Path) -> None:
    path = tmp_path / "vocab.json"
    path.write_text('{"a": 0, "b": 1}', encoding="utf-8")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(TokevalError):
        load_tokenizer(str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [place.name for place in tmp_path.iterdir()] == ["vocab.json"]


def test_zero_where_nothing_was_measured() -> None:
    report = evaluate([toy()], [lines("signs", ["... !!! ???"] * 12)])
    for metric in ("fertility", "strr_types", "strr_occurrences", "continued_words"):
        value = cell(report, metric, part="signs").value
        assert value == Undefined("the slice has no words")


def test_a_missing_language_that_still_exits_0(tmp_path: Path) -> None:
    (tmp_path / "tr.txt").write_text("bir\n", encoding="utf-8")
    with pytest.raises(TokevalError, match=r"fi\.txt"):
        read_corpus([f"tr={tmp_path}/tr.txt", f"fi={tmp_path}/fi.txt"])


def test_a_parallel_language_with_a_line_too_few(tmp_path: Path) -> None:
    (tmp_path / "tr.txt").write_text("bir\niki\n", encoding="utf-8")
    (tmp_path / "en.txt").write_text("one\n", encoding="utf-8")
    slices = read_corpus([f"{tmp_path}/tr.txt", f"{tmp_path}/en.txt"], ReadOptions(parallel=True))
    with pytest.raises(TokevalError, match="tr"):
        check_parallel(slices)


def test_parallel_slices_share_their_blocks_even_when_one_is_much_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokeval.core.corpus.LOOKAHEAD_CHARACTERS", 2000)
    (tmp_path / "en.txt").write_text("a word\n" * 100, encoding="utf-8")
    (tmp_path / "xx.txt").write_text("a much longer sentence of words\n" * 100, encoding="utf-8")
    places = [f"{tmp_path}/en.txt", f"{tmp_path}/xx.txt"]
    slices = read_corpus(places, ReadOptions(unit="line", parallel=True))
    report = evaluate([toy()], check_parallel(slices))
    premium = cell(report, "premium", part="xx").value
    assert isinstance(premium, Measured)
    assert premium.n_blocks == 50
    with pytest.raises(TokevalError, match="not parallel"):
        evaluate([toy()], slices)


def test_a_corpus_cut_at_2_million_characters_without_a_word() -> None:
    texts = [f"line {n} of a long text" for n in range(100_000)]
    report = evaluate([toy()], [lines("long", texts)])
    assert sum(map(len, texts)) > 2_000_000
    (info,) = report.results[0].slices
    assert (info.n_texts, info.n_characters) == (len(texts), sum(map(len, texts)))


def test_a_text_cut_by_truncation_that_the_file_configures() -> None:
    library = toy_tokenizers.byte_level_bpe(TEXT)
    library.enable_truncation(max_length=3)
    report = evaluate(
        [adapt_tokenizers_object(library, name="toy", source="toy")], [lines("en", TEXT)]
    )
    whole = evaluate([toy()], [lines("en", TEXT)])
    assert cell(report, "tokens").value == cell(whole, "tokens").value


def test_gini_is_not_0_for_one_slice() -> None:
    report = evaluate([toy()], [lines("en", TEXT)])
    assert cell(report, "gini").value == Undefined("inequality needs at least two slices")


def test_a_generator_consumed_twice() -> None:
    opened = 0

    def documents() -> Iterator[Document]:
        nonlocal opened
        opened += 1
        for text in TEXT:
            yield (text,)

    part = Slice("en", documents, "line")
    report = evaluate([toy("a"), toy("b")], [part])
    assert (
        cell(report, "tokens", tokenizer="a").value == cell(report, "tokens", tokenizer="b").value
    )
    assert report.results[0].slices[0].n_texts == len(TEXT)
    assert opened > 1


def test_labels_that_collide(tmp_path: Path) -> None:
    toy_tokenizers.byte_level_bpe(TEXT).save(str(tmp_path / "toy.json"))
    with pytest.raises(UsageError, match="two tokenizers are named 'a'"):
        load_tokenizers([f"a={tmp_path}/toy.json", f"a={tmp_path}/toy.json"])


def test_more_than_15_inputs() -> None:
    names = [f"t{n}" for n in range(17)]
    report = evaluate([toy(name) for name in names], [lines("en", TEXT)])
    (ranking,) = [
        r for r in report.results[0].rankings if (r.metric, r.slice) == ("bytes_per_token", "all")
    ]
    assert sorted(entry.tokenizer for entry in ranking.entries) == sorted(names)


def test_wordpiece_marks_do_not_count_as_text() -> None:
    library = toy_tokenizers.lowercase_wordpiece(TEXT)
    wordpiece = adapt_tokenizers_object(library, name="toy", source="toy")
    report = evaluate([wordpiece], [lines("en", ["foxdog jumps"] * 12)])
    assert any(token.startswith("##") for token in library.encode("foxdog").tokens)
    assert measured(cell(report, "round_trip")) == 1
    assert not any(
        b"##" in (token or b"") for token in wordpiece.vocabulary.token_bytes if token != b"##"
    )


def test_unigram_vocabularies_are_lists() -> None:
    library = toy_tokenizers.unigram(TEXT)
    assert isinstance(json.loads(library.to_str())["model"]["vocab"], list)
    unigram = adapt_tokenizers_object(library, name="toy", source="toy")
    report = evaluate([unigram], [lines("en", TEXT)])
    expected = sum(len(library.encode(text, add_special_tokens=False).ids) for text in TEXT)
    assert measured(cell(report, "tokens")) == expected


def test_sentencepiece_without_cyrillic_is_sentencepiece() -> None:
    library = toy_tokenizers.sentencepiece_bpe(TEXT)
    assert not any("\u0400" <= c <= "\u04ff" for token in library.get_vocab() for c in token)
    tokenizer = adapt_tokenizers_object(library, name="toy", source="toy")
    assert b"\xd0" in tokenizer.vocabulary.token_bytes
    report = evaluate([tokenizer], [lines("ru", ["быстрая лиса"] * 12)])
    assert measured(cell(report, "byte_fallback_rate")) > 0.8
    assert measured(cell(report, "lossless")) == 1


def test_ascii_escaped_json_is_the_same_tokenizer(tmp_path: Path) -> None:
    definition = json.loads(toy_tokenizers.sentencepiece_bpe(["çok güzel bir gün"]).to_str())
    for name, escaped in (("escaped", True), ("plain", False)):
        content = json.dumps(definition, ensure_ascii=escaped)
        (tmp_path / f"{name}.json").write_text(content, encoding="utf-8")
    loaded = load_tokenizers([str(tmp_path / "escaped.json"), str(tmp_path / "plain.json")])
    assert loaded[0].fingerprint == loaded[1].fingerprint
    assert loaded[0].vocabulary == loaded[1].vocabulary


def test_a_tokenizer_that_emits_unknown_tokens_is_not_ranked_on_the_slice() -> None:
    unknowing = adapt_tokenizers_object(toy_tokenizers.word_level(TEXT), name="w", source="w")
    texts = ["незнакомые слова и ещё одно"] * 12
    report = evaluate([toy(), unknowing], [lines("en", TEXT), lines("ru", texts)])
    by_slice = {r.slice: r for r in report.results[0].rankings if r.metric == "bytes_per_token"}
    assert [e.tokenizer for e in by_slice["ru"].entries] == ["toy"]
    assert [e.tokenizer for e in by_slice["ru"].excluded] == ["w"]
    assert "100% of its tokens are unknown" in by_slice["ru"].excluded[0].reason
    assert {e.tokenizer for e in by_slice["en"].entries} == {"toy", "w"}
    assert measured(cell(report, "strr_occurrences", tokenizer="w", part="ru")) == 0


def test_words_of_text_without_spaces_are_undefined() -> None:
    texts = ["ぜんぶひとつのたんごではない"] * 12
    report = evaluate([toy()], [lines("ja", texts)])
    value = cell(report, "fertility", part="ja").value
    assert isinstance(value, Undefined)
    assert "written without spaces" in value.reason


def test_an_unpaired_premium_interval_would_be_wider() -> None:
    texts = [f"word {'and word ' * (n % 7)}" for n in range(64)]
    other = [f"{text} {text}" for text in texts]
    slices = [lines("en", texts, "p"), lines("xx", other, "p")]
    report = evaluate([toy()], slices)
    premium = cell(report, "premium", part="xx").value
    single = cell(report, "tokens_per_line", part="xx").value
    assert isinstance(premium, Measured)
    assert isinstance(single, Measured)
    assert premium.stderr is not None
    assert single.stderr is not None
    assert premium.stderr / premium.value < single.stderr / single.value / 6


def test_special_tokens_are_counted_only_when_asked_for() -> None:
    library = toy_tokenizers.sentencepiece_bpe(TEXT)
    tokenizer = adapt_tokenizers_object(library, name="toy", source="toy")
    without = evaluate([tokenizer], [lines("en", TEXT)])
    with_bos = evaluate([tokenizer], [lines("en", TEXT)], Parameters(special=("bos",)))
    assert measured(cell(with_bos, "tokens")) - measured(cell(without, "tokens")) == len(TEXT)
    assert "special:bos" in cell(with_bos, "tokens").signature
    assert "special:no" in cell(without, "tokens").signature


def test_few_very_long_documents_have_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokeval.core.corpus.LOOKAHEAD_CHARACTERS", 100)
    report = evaluate([toy()], [lines("long", ["a long record " * 20] * 6)])
    value = cell(report, "bytes_per_token", part="long").value
    assert isinstance(value, Measured)
    assert (value.n_blocks, value.stderr) == (6, None)


def test_a_document_that_tokeval_writes_it_can_read(tmp_path: Path) -> None:
    texts = ["hello", *["..."] * 400]
    report = evaluate([toy()], [lines("few", texts)])
    (tmp_path / "run.json").write_bytes(dump(report))
    assert load(tmp_path / "run.json") == report
    fertility = cell(report, "fertility", part="few")
    assert fertility.leave_one_out == ()
    assert isinstance(fertility.value, Measured)
    assert fertility.value.stderr_reason == "undefined when one block is left out"


@pytest.mark.parametrize("alpha", [float("inf"), float("nan"), -1.0, 5000.0])
def test_an_order_that_no_number_has_is_refused(alpha: float) -> None:
    with pytest.raises(UsageError, match="Rényi order"):
        Parameters(alpha=alpha)


def test_the_entropy_of_order_0_counts_types_in_every_fold() -> None:
    texts = ["the fox", *["the dog"] * 11]
    report = evaluate([toy()], [lines("en", texts)], Parameters(alpha=0))
    entropy = cell(report, "renyi_entropy", part="en")
    ratio = cell(report, "type_token_ratio", part="en")
    tokens = cell(report, "tokens", part="en")
    types = [r * n for r, n in zip(ratio.leave_one_out, tokens.leave_one_out, strict=True)]
    assert types[0] < types[1]
    np.testing.assert_allclose(entropy.leave_one_out, np.log2(types), rtol=1e-9)


def test_orders_near_1_are_shannon() -> None:
    near = evaluate([toy()], [lines("en", TEXT)], Parameters(alpha=1 + 1e-12))
    assert measured(cell(near, "renyi_entropy")) == measured(cell(near, "shannon_entropy"))


def test_a_special_token_asked_for_twice_counts_once() -> None:
    assert Parameters(special=("bos", "bos")).special == ("bos",)


def test_the_mean_premium_leaves_the_reference_out() -> None:
    texts = [f"word number {n}" for n in range(20)]
    slices = [lines("en", texts, "p"), lines("xx", [f"{t} {t}" for t in texts], "p")]
    report = evaluate([toy()], slices)
    alone = evaluate([toy()], [*slices, lines("other", ["unrelated"] * 20)])
    assert measured(cell(report, "premium")) == measured(cell(report, "premium", part="xx")) > 1.9
    assert cell(report, "premium").signature == cell(alone, "premium").signature


def test_a_wrong_source_date_epoch_is_said_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        evaluate([toy()], [Slice("never", lambda: iter([]), "line")])


@pytest.mark.parametrize(
    "texts", [["a  \0x"], ["word  \0x end"] * 3, ["\0", "a \0 b", " \0", "a   \0\0"]]
)
def test_texts_with_nul_are_counted_whole(texts: list[str]) -> None:
    report = evaluate([toy()], [lines("nul", ["plain line"] * 100 + texts)])
    info = report.results[0].slices[0]
    assert info.n_characters == sum(map(len, texts)) + 100 * len("plain line")
    ids = toy().encode_batch(["plain line"] * 100 + texts).ids
    assert measured(cell(report, "tokens")) == len(ids)


def measured(found: Cell) -> float:
    """The value of a measured cell."""
    assert isinstance(found.value, Measured), found
    return found.value.value
