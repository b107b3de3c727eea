import msgspec
import numpy as np
import pytest
from scipy import stats

from tests.counting_behaviours import answers_with, counted, driven_by_tokens, merge_dropper
from tests.merge_tokenizers import byte_bpe
from tokeval.document import Finding, Measured, ProbeResult, Undefined, Value
from tokeval.errors import TokevalError
from tokeval.probe.counting import (
    count_result,
    covariates,
    floor,
    is_at_floor,
    spearman,
)
from tokeval.probe.counting_items import CountingSettings, counting_items
from tokeval.probe.counting_metrics import METRICS
from tokeval.probe.items import Item, Response, items_sha256
from tokeval.probe.letter_cuts import letter_cuts
from tokeval.probe.scored_answers import scored

TOKENIZER = byte_bpe(["ab", "ba", "aa", "bb", "abb", "bab"])
SETTINGS = CountingSettings(
    letters=("ab",), lengths=((5, 9), (10, 14)), formats=("pure", "comma"), n_strings=40,
    n_matched_pairs=40,
)  # fmt: skip
ITEMS = counting_items(SETTINGS, TOKENIZER)
CUTS = letter_cuts(TOKENIZER, [str(item.fields["text"]) for item in ITEMS], ["a"] * len(ITEMS))
SHORT = "letters:ab/length:5-9/prompt:supervised"


def value_of(result: ProbeResult, metric: str, part: str) -> Value:
    (value,) = (c.value for c in result.cells if (c.metric, c.slice) == (metric, part))
    return value


def codes(result: ProbeResult) -> set[str]:
    return {finding.code for finding in result.findings}


def finding(result: ProbeResult, code: str) -> Finding:
    return next(found for found in result.findings if found.code == code)


def perfect() -> list[Response]:
    return counted(ITEMS, [0] * len(ITEMS))


def test_a_perfect_model_has_no_findings() -> None:
    result = count_result(perfect(), TOKENIZER, SETTINGS, model="m")
    assert result.findings == ()
    assert result.items == ()
    for format_ in ("pure", "comma"):
        exact = value_of(result, "counting_exact_match", f"{SHORT}/format:{format_}")
        assert isinstance(exact, Measured)
        assert (exact.value, exact.n_blocks, exact.high) == (1.0, 40, 1.0)
    assert isinstance(
        value_of(result, "counting_merge", "letters:ab/prompt:supervised/format:pure"), Undefined
    )


def test_every_cell_has_its_metric_and_each_only_once() -> None:
    result = count_result(answers_with(merge_dropper, ITEMS, CUTS, 0), TOKENIZER, SETTINGS)
    assert {cell.metric for cell in result.cells} == {info.id for info in METRICS}
    keys = [(cell.metric, cell.slice) for cell in result.cells]
    assert len(set(keys)) == len(keys)
    assert all(cell.signature.startswith(f"{cell.metric}|") for cell in result.cells)
    assert len({cell.signature.split("|items:")[0].split("|", 1)[1] for cell in result.cells}) == 1


def test_the_result_is_a_document() -> None:
    result = count_result(answers_with(merge_dropper, ITEMS, CUTS, 0), TOKENIZER, SETTINGS,
                          model="m")  # fmt: skip
    again = msgspec.json.decode(msgspec.json.encode(result), type=ProbeResult)
    assert (again.cells, again.findings, again.series) == (
        result.cells, result.findings, result.series,
    )  # fmt: skip
    assert result.items_sha256 == items_sha256(ITEMS)
    assert (result.model, result.tokenizer) == ("m", TOKENIZER.name)
    assert result.settings["n_strings"] == 40


def test_errors_by_hand() -> None:
    responses = perfect()
    drawn = [place for place, item in enumerate(ITEMS) if item.slice == SHORT]
    for place, error in zip(drawn, [-2, -1, 1, 5], strict=False):
        item = ITEMS[place]
        responses[place] = Response(item, f"{int(item.expected) + error}", "stop")
    responses[drawn[4]] = Response(ITEMS[drawn[4]], "many", "stop")
    responses[drawn[5]] = Response(ITEMS[drawn[5]], None, "HTTP 500")
    result = count_result(responses, TOKENIZER, SETTINGS, model="m")
    part = f"{SHORT}/format:pure"
    expected = {
        "counting_exact_match": (34 / 39, 39),
        "counting_exact_match_read": (34 / 38, 38),
        "counting_unread": (1 / 39, 39),
        "counting_unanswered": (1 / 40, 40),
        "counting_error": (3 / 38, 38),
        "counting_absolute_error": (9 / 38, 38),
        "counting_share_under": (2 / 38, 38),
    }
    for metric, (value, n) in expected.items():
        found = value_of(result, metric, part)
        assert isinstance(found, Measured)
        assert (found.value, found.n_blocks) == (pytest.approx(value), n)
    part = f"{SHORT}/format:comma"
    # Pairs with an answer in both: 39; wrong in pure only: 5.
    assert value_of(result, "counting_only_format_right", part).value == 5
    assert value_of(result, "counting_only_pure_right", part).value == 0
    assert value_of(result, "counting_mcnemar", part).value == 2 / 2**5
    assert value_of(result, "counting_mcnemar_holm", part).value == 4 / 2**5
    assert value_of(result, "counting_format_difference", part).value == pytest.approx(5 / 39)
    assert [item.parsed is None for item in result.items] == [False, False, True]
    shift = next(s for s in result.series if (s.id, s.tokenizer, s.slice) ==
                 ("counting_shift", "pure", SHORT))  # fmt: skip
    bars = dict(zip(shift.x, shift.y, strict=True))
    minus = "\N{MINUS SIGN}"
    assert {x: y * 38 for x, y in bars.items() if y} == pytest.approx(
        {f"{minus}2": 1, f"{minus}1": 1, "0": 34, "+1": 1, "+5": 1}
    )


def test_accuracy_by_format_has_its_intervals() -> None:
    result = count_result(answers_with(merge_dropper, ITEMS, CUTS, 0), TOKENIZER, SETTINGS)
    series = next(s for s in result.series if s.id == "counting_accuracy" and s.slice == SHORT)
    assert series.x == ("pure", "comma")
    for place, format_ in enumerate(series.x):
        value = value_of(result, "counting_exact_match", f"{SHORT}/format:{format_}")
        assert isinstance(value, Measured)
        assert (series.low[place], series.y[place], series.high[place]) == (
            value.low, value.value, value.high,
        )  # fmt: skip


def test_a_wild_answer_is_in_the_last_bar() -> None:
    responses = counted(ITEMS, [10**6] * len(ITEMS))
    result = count_result(responses, TOKENIZER, SETTINGS)
    assert all(series.y[-1] == 1 for series in result.series if series.id == "counting_shift")


def test_the_floor_is_the_most_frequent_count() -> None:
    answers = scored(
        [
            Response(Item(str(n), "part", "pure", str(n), "?", count), "4", "stop")
            for n, count in enumerate(["4", "5", "4", "6"])
        ]
    )
    assert floor(answers).value == 1 / 2
    assert is_at_floor(answers)


def test_questions_without_an_answer_do_not_raise_the_floor() -> None:
    """Of ten answered questions with ten counts, six are right; ten others of one count failed."""
    items = [Item(str(n), "part", "pure", str(n), "?", str(min(n, 10))) for n in range(20)]
    answers = scored(
        [
            Response(item, item.expected if n < 6 else "99" if n < 10 else None, "stop")
            for n, item in enumerate(items)
        ]
    )
    assert floor(answers).value == 1 / 2
    assert not is_at_floor(answers)


def test_a_constant_answer_is_at_the_floor_and_a_perfect_one_is_not() -> None:
    constant = [Response(item, "5", "stop") for item in ITEMS]
    result = count_result(constant, TOKENIZER, SETTINGS, model="m")
    at_floor = finding(result, "counting_at_floor")
    assert at_floor.n == 4
    assert "4 of 4 conditions" in at_floor.message
    assert "counting_at_floor" not in codes(count_result(perfect(), TOKENIZER, SETTINGS))


def test_answers_in_words_are_reported_apart() -> None:
    words = [Response(item, "there are three", "stop") for item in ITEMS]
    result = count_result(words, TOKENIZER, SETTINGS)
    part = f"{SHORT}/format:pure"
    assert value_of(result, "counting_exact_match", part).value == 0
    assert value_of(result, "counting_unread", part).value == 1
    assert isinstance(value_of(result, "counting_exact_match_read", part), Undefined)
    assert isinstance(value_of(result, "counting_error", part), Undefined)
    assert {"counting_unread", "counting_at_floor"} == codes(result)


def test_no_answer_at_all() -> None:
    failed = [Response(item, None, "HTTP 500") for item in ITEMS]
    result = count_result(failed, TOKENIZER, SETTINGS)
    assert isinstance(value_of(result, "counting_exact_match", f"{SHORT}/format:pure"), Undefined)
    assert codes(result) == {"counting_unanswered"}
    assert result.series == ()


def test_without_a_tokenizer_a_format_effect_stays_open() -> None:
    items = counting_items(SETTINGS)
    texts = [str(item.fields["text"]) for item in items]
    cuts = letter_cuts(TOKENIZER, texts, ["a"] * len(items))
    result = count_result(answers_with(merge_dropper, items, cuts, 0), None, SETTINGS)
    assert "no tokenizer is given" in finding(result, "counting_merge_or_length").message
    assert "counting_merge_effect" not in codes(result)
    assert "counting_tokens" not in {cell.metric for cell in result.cells}
    part = "letters:ab/prompt:supervised/format:pure"
    assert isinstance(value_of(result, "counting_merge_slope", part), Undefined)


def test_the_dropper_is_called_a_merge_effect_with_its_slope() -> None:
    settings = CountingSettings(letters=("ab",), lengths=((10, 20),), formats=("pure", "list"))
    items = counting_items(settings, TOKENIZER)
    texts = [str(item.fields["text"]) for item in items]
    cuts = letter_cuts(TOKENIZER, texts, ["a"] * len(items))
    result = count_result(answers_with(merge_dropper, items, cuts, 0), TOKENIZER, settings)
    assert "an effect of merges: among" in finding(result, "counting_merge_effect").message
    slope = value_of(result, "counting_merge_slope", "letters:ab/prompt:supervised/format:pure")
    assert isinstance(slope, Measured)
    assert slope.low < 0.15 < slope.high
    merged = value_of(result, "counting_merged_letters", f"{items[0].slice}/format:pure")
    drawn = [n for n, item in enumerate(items) if item.slice == items[0].slice
             and item.format == "pure"]  # fmt: skip
    n_letters = sum(int(items[n].expected) for n in drawn)
    assert merged.value == cuts.merged[drawn].sum() / n_letters
    tokens = value_of(result, "counting_tokens", f"{items[0].slice}/format:pure")
    assert tokens.value == pytest.approx(cuts.tokens[drawn].mean())


def test_a_format_that_hurts_is_no_effect_of_merges() -> None:
    result = count_result(answers_with(driven_by_tokens, ITEMS, CUTS, 0), TOKENIZER, SETTINGS)
    assert "merges do not explain it" in finding(result, "counting_format_worse").message
    assert not {"counting_merge_effect", "counting_merge_or_length"} & codes(result)


def test_covariates_of_each_question() -> None:
    assert covariates(ITEMS[:1], None) == [
        {"count": int(ITEMS[0].expected), "length": len(str(ITEMS[0].fields["text"]))}
    ]
    found = covariates(ITEMS, TOKENIZER)
    assert [row["merged"] for row in found] == CUTS.merged.tolist()
    assert [row["tokens"] for row in found] == CUTS.tokens.tolist()


def test_errors_and_covariates_correlate_as_in_scipy() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 5, 50), rng.integers(0, 5, 50)
    value = spearman(x.tolist(), y.tolist())
    assert isinstance(value, Measured)
    assert value.value == pytest.approx(stats.spearmanr(x, y).statistic)
    assert isinstance(spearman([1, 1], [1, 2]), Undefined)
    assert isinstance(spearman([], []), Undefined)


def test_published_figures_are_of_the_letters_that_were_asked() -> None:
    result = count_result(perfect(), TOKENIZER, SETTINGS)
    assert {(f.model, f.slice.split("/")[0]) for f in result.published} == {
        ("gpt-4o-mini", "letters:ab"),
        ("gpt-4o-mini", "letters:ba"),
        ("claude-3.5-sonnet", "letters:ab"),
    }
    first = result.published[0]
    assert (first.metric, first.value) == ("counting_exact_match", 0.02)
    assert first.slice == "letters:ab/length:30-40/prompt:supervised/format:pure"
    assert "2410.19730" in first.source


def test_questions_of_another_probe_are_refused() -> None:
    other = Item("sum/1", "part", "pure", "1", "1 + 1?", "2")
    with pytest.raises(TokevalError, match="no field"):
        count_result([Response(other, "2", "stop")])
    with pytest.raises(TokevalError, match="no answers"):
        count_result([])
