"""Baselines beside metrics: bytes, characters and words, counted by hand and in shared blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec
import pytest

from tests.merge_tokenizers import byte_bpe
from tokeval.core.corpus import Document, Slice
from tokeval.core.metric import Context, Folds, Metric, Parameters
from tokeval.core.resources import Lexicon, Resources
from tokeval.document import Cell, Measured, MetricsResult, Undefined
from tokeval.errors import ExitCode, TokevalError
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics import baselines
from tokeval.metrics.baselines import (
    Baseline,
    baseline_infos,
    baseline_name,
    count_baselines,
)
from tokeval.metrics.catalogue import CATALOGUE
from tokeval.metrics.evaluate import measure
from tokeval.metrics.report import evaluate

LIST = Lexicon("list", frozenset({"ev", "kitap"}), frozenset({"ev", "ler", "e"}))
TEXTS = ["Ev, evler ev.", "kitap 12 ev", "é e", "ler"] * 4
LEXICONS = Resources(lexicons={"tr": LIST}, hashes={"lexicon tr": "0" * 64})
PAPER = ("compat_tr_unique_tokens", "compat_tr_share", "compat_tr_pure_share")
PAPER_METRIC = CATALOGUE[PAPER[0]]


def slice_of(texts: Sequence[str], name: str = "tr") -> Slice:
    """A document for each text."""

    def documents() -> Iterator[Document]:
        yield from ((text,) for text in texts)

    return Slice(name, documents, "line")


def counted(texts: Sequence[str]) -> dict[str, Baseline]:
    measurement = measure([byte_bpe()], [slice_of(texts)], Parameters())
    return {baseline.unit: baseline for baseline in count_baselines(measurement)}


def spelled(baseline: Baseline) -> dict[str, int]:
    """Occurrences by spelling."""
    types = baseline.evidence["tr"].token_types
    found = {}
    for token, n in zip(types.types.tolist(), types.counts.tolist(), strict=True):
        spelling = baseline.vocabulary.token_bytes[token]
        assert spelling is not None
        found[spelling.decode(errors="replace")] = n
    return found


def test_words_and_what_stands_between_them_but_white_space() -> None:
    found = counted(["Ev, ev…", "", "don't  ev\u2028👍"])["word"]
    expected = {"Ev": 1, ",": 1, "ev": 2, "…": 1, "don't": 1, "👍": 1}
    assert spelled(found) == expected
    assert found.is_complete


@pytest.mark.parametrize("tokenizer", [ByteTokenizer(), CharacterTokenizer()])
def test_bytes_and_characters_are_those_of_the_tokenizers(
    tokenizer: ByteTokenizer | CharacterTokenizer,
) -> None:
    evidence = measure([tokenizer], [slice_of(TEXTS)], Parameters()).evidence[tokenizer.name]["tr"]
    found = counted(TEXTS)[tokenizer.unit].evidence["tr"]
    assert found.n_blocks == evidence.n_blocks == len(TEXTS)
    for block in [None, *range(found.n_blocks)]:
        ours, theirs = (
            one.token_types.counts if block is None else one.token_types.without_block(block)
            for one in (found, evidence)
        )
        assert ours.tolist() == theirs.tolist()
    assert found.token_types.types.tolist() == evidence.token_types.types.tolist()


def test_too_many_words_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MAX_WORDS", 2)
    found = counted(["a b c a"])["word"]
    assert not found.is_complete
    assert spelled(found) == {"a": 2, "b": 1}
    cell = cells_of(PAPER[:1])[PAPER[0], "(words)"]
    assert cell.value == Undefined("the text has more than 2 distinct words")


def cells_of(metrics: Sequence[str], texts: Sequence[str] = TEXTS) -> dict[tuple[str, str], Cell]:
    """The cells of the slice by metric and tokenizer."""
    result = result_of(metrics, texts)
    return {(cell.metric, cell.tokenizer): cell for cell in result.cells if cell.slice == "tr"}


def result_of(metrics: Sequence[str | Metric], texts: Sequence[str] = TEXTS) -> MetricsResult:
    """What is measured of one tokenizer on one slice."""
    report = evaluate(
        [byte_bpe([" ev", "ler"])],
        [slice_of(texts)],
        metrics=[CATALOGUE[one] if isinstance(one, str) else one for one in metrics],
        resources=LEXICONS,
    )
    (result,) = report.results
    assert isinstance(result, MetricsResult)
    return result


def values(metrics: Sequence[str]) -> dict[tuple[str, str], float | None]:
    return {
        key: cell.value.value if isinstance(cell.value, Measured) else None
        for key, cell in cells_of(metrics).items()
    }


def test_the_published_shares_of_the_baselines_by_hand() -> None:
    found = values(PAPER)
    # Surfaces: ev , evler . kitap 12 é e ler
    assert found["compat_tr_unique_tokens", "(words)"] == 9
    assert found["compat_tr_share", "(words)"] == pytest.approx(4 / 9)
    assert found["compat_tr_pure_share", "(words)"] == pytest.approx(3 / 9)
    # e v , l r . k i t a p 1 2 é, and white space, which is an empty surface
    assert found["compat_tr_unique_tokens", "(characters)"] == 15
    assert found["compat_tr_pure_share", "(characters)"] == pytest.approx(1 / 15)
    # The two bytes of é are one surface.
    assert found["compat_tr_unique_tokens", "(bytes)"] == 15


def test_single_letters_do_not_count_for_purity() -> None:
    found = cells_of(["pure_share_types", "lexicon_share_occurrences"])
    for unit in ("(bytes)", "(characters)"):
        value = found["pure_share_types", unit].value
        assert value == Undefined("the slice has no alphabetic tokens")
    share = found["pure_share_types", "(words)"].value
    assert isinstance(share, Measured)
    assert share.value == pytest.approx(2 / 4)  # ev evler kitap ler


def test_cells_of_baselines_have_their_own_signatures_and_come_last() -> None:
    found = cells_of(PAPER[1:2])
    assert [tokenizer for _, tokenizer in found] == [
        "written",
        "(bytes)",
        "(characters)",
        "(words)",
    ]
    signatures = {cell.signature for cell in found.values()}
    assert len(signatures) == 4
    assert all("|corpus:" in signature for signature in signatures)
    same = CharacterTokenizer().fingerprint[:8]
    assert f"tok:{same}|load:tokeval" in found[PAPER[1], "(characters)"].signature


def test_other_metrics_have_no_baselines() -> None:
    assert [tokenizer for _, tokenizer in cells_of(["bytes_per_token"])] == ["written"]


def test_no_tokenizer_has_the_name_of_a_baseline() -> None:
    assert baseline_name("word", {"(words)", "(words)*"}) == "(words)**"


def test_the_document_describes_the_baselines_where_there_are_any() -> None:
    tokenizers = {"(bytes)"}
    assert baseline_infos([CATALOGUE["bytes_per_token"]], tokenizers) == {}
    found = baseline_infos([CATALOGUE[PAPER[0]]], tokenizers)
    assert [*found] == ["(bytes)*", "(characters)", "(words)"]
    assert found["(characters)"].fingerprint == CharacterTokenizer().fingerprint
    assert found["(bytes)*"].vocab_size == 256


def test_the_result_names_its_baselines_and_only_where_it_has_any() -> None:
    assert result_of(PAPER[:1]).baselines == ("(bytes)", "(characters)", "(words)")
    assert result_of(["bytes_per_token"]).baselines == ()


def test_baselines_do_not_compete() -> None:
    """Even by a metric with a direction, in which all of them would be better."""
    info = msgspec.structs.replace(PAPER_METRIC.info, direction="higher")
    metric = replace(PAPER_METRIC, info=info)
    (ranking,) = result_of([metric]).rankings
    assert [entry.tokenizer for entry in ranking.entries] == ["written"]
    assert ranking.excluded == ()


def only_of_baselines(context: Context) -> Folds | Undefined:
    """A number for baselines alone."""
    if context.name == "written":
        return Undefined("not for tokenizers")
    return PAPER_METRIC.compute(context)


def test_numbers_of_baselines_alone_are_nothing_measured() -> None:
    with pytest.raises(TokevalError, match="nothing was measured: not for tokenizers") as caught:
        result_of([replace(PAPER_METRIC, compute=only_of_baselines)])
    assert caught.value.code == ExitCode.NOTHING_MEASURED
