"""What readers are told first: ties, unknowns, exclusions and the best are told apart."""

import msgspec
import pytest

from tests.sample_report import METRICS, sample_report
from tokeval.document import (
    Cell,
    Exclusion,
    Measured,
    MetricsResult,
    Ranking,
    RankingEntry,
    Undefined,
    metrics_results,
)
from tokeval.render.relative import relative_tokens
from tokeval.render.summary import (
    headline_metrics,
    headline_rows,
    main_ranking,
    slice_names,
    standings,
    tokenizer_names,
    verdict,
)


def measured(value: float, half: float | None = None) -> Measured:
    if half is None:
        return Measured(value, 4, stderr_reason="4 blocks")
    return Measured(value, 64, half / 2, value - half, value + half)


def ranked(*behind: Measured | Undefined | None, excluded: tuple[str, ...] = ()) -> MetricsResult:
    """Tokenizers a, b, c, ... by bytes per token on `all`, with these distances from the best."""
    names = "abcdefgh"[: len(behind)]
    entries = tuple(
        RankingEntry(name, 5.0 - place, distance)
        for place, (name, distance) in enumerate(zip(names, behind, strict=True))
    )
    cells = tuple(
        Cell("bytes_per_token", one.tokenizer, "all", measured(one.value, 0.1), "s")
        for one in entries
    )
    out = tuple(Exclusion(name, "UNK is 42% of its tokens") for name in excluded)
    ranking = Ranking("bytes_per_token", "all", entries, out)
    return MetricsResult(METRICS, (), cells, (ranking,))


def test_an_interval_that_touches_zero_does_not_tell_apart() -> None:
    result = ranked(None, Measured(0.1, 64, 0.05, 0.0, 0.2), measured(2.0, 0.5), measured(3.0))
    ranking = main_ranking(result)
    assert ranking is not None
    assert [row.apart for row in standings(result, ranking)] == [
        "best", "tied", "behind", "unknown",
    ]  # fmt: skip


def test_the_verdict_names_the_tied_the_next_and_the_excluded() -> None:
    result = ranked(None, measured(0.1, 0.2), measured(2.0, 0.5), excluded=("z",))
    ranking = main_ranking(result)
    assert ranking is not None
    assert verdict(result, ranking) == (
        "a is best by bytes per token on all: 5.000 (95% interval 4.900 to 5.100). "
        "b cannot be told apart from it. "
        "The next, c, is behind by 2.00, 40% (95% interval 1.50 to 2.50). "
        "Not ranked, for a reason: z."
    )


def test_without_a_paired_interval_the_verdict_admits_not_knowing() -> None:
    result = ranked(None, Undefined("slices do not share blocks"))
    ranking = main_ranking(result)
    assert ranking is not None
    assert "unknown amount: slices do not share blocks" in verdict(result, ranking)


def test_when_all_are_excluded_nobody_is_best() -> None:
    result = ranked(excluded=("z",))
    ranking = main_ranking(result)
    assert ranking is not None
    assert verdict(result, ranking).startswith("No tokenizer can be ranked")


def test_the_main_ranking_prefers_bytes_per_token_on_all() -> None:
    def rank(metric: str, part: str) -> Ranking:
        return Ranking(metric, part, (RankingEntry("a", 1.0),))

    wanted = [
        rank("bytes_per_token", "all"),
        rank("fertility", "all"),
        rank("bytes_per_token", "th"),
        rank("fertility", "th"),
    ]
    for drop in range(len(wanted)):
        rankings = tuple(reversed(wanted[drop:]))
        result = MetricsResult(METRICS, (), (), rankings)
        assert main_ranking(result) == wanted[drop]
    assert main_ranking(MetricsResult(METRICS, (), ())) is None


def test_names_come_best_first_and_all_comes_first() -> None:
    (result,) = metrics_results(sample_report())
    assert tokenizer_names(result)[:2] == ("gpt-4o", "mistral-nemo")
    assert tokenizer_names(result)[-1] == "wordpiece"
    assert slice_names(result)[0] == "all"
    assert len(slice_names(result)) == 9


def test_headlines_skip_metrics_that_are_nowhere_measured() -> None:
    (result,) = metrics_results(sample_report())
    on_th = [metric.id for metric in headline_metrics(result, slice_name="th", limit=99)]
    assert "fertility" not in on_th
    assert on_th[0] == "bytes_per_token"
    assert len({metric.family for metric in headline_metrics(result, limit=5)}) == 5
    rows = headline_rows(result, headline_metrics(result, limit=2))
    assert [row.tokenizer for row in rows] == list(tokenizer_names(result))


def lengths(metric: str, **values: float) -> MetricsResult:
    cells = tuple(Cell(metric, name, "x", measured(value), "s") for name, value in values.items())
    return MetricsResult(METRICS, (), cells)


@pytest.mark.parametrize(
    ("metric", "values"),
    [("tokens_per_line", {"a": 20.0, "b": 30.0}), ("bytes_per_token", {"a": 6.0, "b": 4.0})],
)
def test_both_length_metrics_give_the_same_multiples(metric: str, values: dict[str, float]) -> None:
    relative = relative_tokens(lengths(metric, **values))
    assert relative is not None
    assert relative.multiples["a", "x"] == pytest.approx(1.0)
    assert relative.multiples["b", "x"] == pytest.approx(1.5)


def test_an_excluded_tokenizer_is_not_the_yardstick() -> None:
    result = lengths("tokens_per_line", a=20.0, b=30.0)
    ranking = Ranking("bytes_per_token", "x", (), (Exclusion("a", "UNK everywhere"),))
    relative = relative_tokens(msgspec.structs.replace(result, rankings=(ranking,)))
    assert relative is not None
    assert relative.multiples["a", "x"] == Undefined("UNK everywhere")
    assert relative.multiples["b", "x"] == pytest.approx(1.0)


def test_a_length_of_zero_has_no_multiple() -> None:
    relative = relative_tokens(lengths("tokens_per_line", a=0.0, b=30.0))
    assert relative is not None
    assert isinstance(relative.multiples["a", "x"], Undefined)
    assert relative.multiples["b", "x"] == pytest.approx(1.0)
