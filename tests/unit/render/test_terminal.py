"""The report on a terminal: fits, says what matters first, and cannot be taken over by names."""

import re
import unicodedata

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from tests.sample_report import sample_report
from tests.small_reports import BYTES_PER_TOKEN, NOWHERE, known, printed
from tokeval.document import (
    Cell,
    Exclusion,
    Finding,
    Measured,
    MetricInfo,
    MetricsResult,
    Ranking,
    RankingEntry,
    Report,
    SliceInfo,
    Undefined,
    Value,
)

STRR = MetricInfo("strr", "Single-token retention", "words", "share", "higher", "", "", "", "")


def small(
    values: dict[str, dict[str, Value]], ranking: Ranking | None, **other: dict[str, Value]
) -> Report:
    """A report of bytes per token by slice and tokenizer; `other` are retention rates on `all`."""
    cells = [
        Cell("bytes_per_token", name, part, value, "s")
        for part, column in values.items()
        for name, value in column.items()
    ]
    cells += [
        Cell("strr", name, "all", value, "s")
        for column in other.values()
        for name, value in column.items()
    ]
    slices = tuple(
        SliceInfo(part, {}, "lines", 1, 16, 16, 9, 90, 1_000_000)
        for part in values
        if part != "all"
    )
    rankings = (ranking,) if ranking else ()
    return Report(
        NOWHERE, (MetricsResult((BYTES_PER_TOKEN, STRR), slices, tuple(cells), rankings),)
    )


def three(behind: Value | None) -> Report:
    """`a` is best, `b` second by that much, `u` excluded."""
    ranking = Ranking(
        "bytes_per_token",
        "all",
        (RankingEntry("a", 4.61), RankingEntry("b", 4.60, behind)),
        (Exclusion("u", "UNK is 42% of its tokens on all"),),
    )
    values: dict[str, dict[str, Value]] = {
        "all": {"a": known(4.61), "b": known(4.60), "u": known(9.0)},
        "th": {"a": known(3.0), "b": known(3.5), "u": Undefined("no <thai> words")},
    }
    rates: dict[str, Value] = {"a": known(0.5), "b": Undefined("no segmenter"), "u": known(0.9)}
    return small(values, ranking, strr=rates)


def many(n_tokenizers: int, n_slices: int) -> Report:
    """A report with copies of one tokenizer's cells under new names until there are enough."""
    report = sample_report(n_tokenizers=6, n_slices=n_slices)
    result = report.results[0]
    names = [f"organisation/model-number-{i}-of-a-long-series" for i in range(6, n_tokenizers)]
    cells = [cell for cell in result.cells if cell.tokenizer == "llama-2"]
    copies = tuple(replace(cell, tokenizer=name) for name in names for cell in cells)
    rankings = tuple(
        replace(
            ranking,
            entries=ranking.entries
            + tuple(RankingEntry(name, ranking.entries[-1].value, known(2.0)) for name in names),
        )
        for ranking in result.rankings
    )
    return replace(
        report, results=(replace(result, cells=result.cells + copies, rankings=rankings),)
    )


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize(("n_tokenizers", "n_slices"), [(1, 1), (2, 2), (6, 9), (15, 100)])
def test_every_line_fits(*, width: int, n_tokenizers: int, n_slices: int) -> None:
    report = many(n_tokenizers, n_slices) if n_tokenizers > 6 else None
    text = printed(report or sample_report(n_tokenizers=n_tokenizers, n_slices=n_slices), width)
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80])
def test_nothing_is_cut_off_and_every_number_is_there(width: int) -> None:
    report = many(15, 100)
    text = printed(report, width)
    table = text[text.index("by slice") : text.index("All metrics")]
    # a row of numbers for each tokenizer in each panel: together every cell but those of `all`
    assert len(re.findall(r"\d\.\d{3}", table)) == 15 * 99
    # in each column at least one value is the best, or all are equal
    assert table.count("*") >= 99


def test_shortened_names_stay_apart() -> None:
    text = printed(many(15, 2), 60)
    ranking = text[text.index("tokenizer ") : text.index("Not ranked: ")]
    names = re.findall(r"^ *\d+  (\S+)", ranking, re.MULTILINE)
    assert len(names) == len(set(names)) == 14
    assert all("…" in name for name in names if name.startswith("organ"))


def test_what_matters_first() -> None:
    text = printed(three(known(0.2)))
    parts = (
        "a is best by bytes per token on all: 4.610 (95% interval 4.590 to 4.630)",
        "3 tokenizers, 1 slice, 2 metrics, 1.0 MB of text",
        "Bytes per token on all (higher is better)",
        "behind the best",
        "Not ranked: u: UNK is 42% of its tokens on all",
        "Bytes per token by slice (higher is better)",
        "no <thai> words",
        "All metrics on the whole corpus",
        "Next:  --html report.html",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.lstrip().startswith(start))


def test_the_ranking_says_by_how_much() -> None:
    text = printed(three(known(0.2)))
    assert row(text, "1  a").split() == ["1", "a", "4.610", "±", "0.020", "*"]
    assert row(text, "2  b").split() == [
        "2",
        "b",
        "4.600",
        "±",
        "0.020",
        "0.200",
        "±",
        "0.020",
        "4.3%",
    ]
    assert "cannot be told apart" not in text


def test_a_difference_that_may_be_chance_is_called_so() -> None:
    text = printed(three(known(0.01)))
    assert "b cannot be told apart from it" in text.replace(" \n", " ")
    assert " ≈ " in row(text, "2  b")
    assert "≈ cannot be told apart (the paired 95% interval includes 0)" in text


@pytest.mark.parametrize(
    "behind",
    [Measured(0.2, 4, stderr_reason="4 blocks; 10 needed"), Undefined("4 blocks; 10 needed")],
)
def test_a_distance_without_interval_says_why(behind: Value) -> None:
    text = printed(three(behind))
    assert " ? " in row(text, "2  b")
    assert "? whether by chance is not known: 4 blocks; 10 needed" in text


def test_undefined_cells_have_numbered_reasons_and_no_number() -> None:
    text = printed(three(known(0.2)))
    by_slice = text[text.index("by slice") : text.index("All metrics")]
    assert row(by_slice, "u").split() == ["u", "—¹"]
    assert "¹ no <thai> words" in by_slice
    all_metrics = text[text.index("All metrics") :]
    assert row(all_metrics, "strr ↑").split()[2:] == [
        "50.0",
        "±",
        "2.0%",
        "—¹",
        "90.0",
        "±",
        "2.0%†",
    ]
    assert "¹ no segmenter" in all_metrics


def test_the_best_is_marked_without_colour_and_an_excluded_one_is_never_best() -> None:
    text = printed(three(known(0.2)))
    by_slice = text[text.index("by slice (") + len("by slice") :]
    assert row(by_slice, "b ").split() == ["b", "3.500", "±", "0.020*"]
    all_metrics = text[text.index("All metrics") :]
    assert "9.000 ± 0.020†" in row(all_metrics, "bytes_per_token")
    assert "† not ranked" in all_metrics


def test_no_ranking_is_said() -> None:
    nobody = Ranking("bytes_per_token", "all", (), (Exclusion("u", "UNK everywhere"),))
    text = printed(small({"all": {"u": known(9.0)}}, nobody))
    assert text.startswith("No tokenizer can be ranked by bytes per token on all")
    assert "Not ranked: u: UNK everywhere" in text
    without = printed(small({"all": {"u": known(9.0)}}, None))
    assert "9.000 ± 0.020" in without


def test_an_empty_report() -> None:
    assert "no metrics" in printed(Report(NOWHERE, ()))
    assert "Nothing is measured" in printed(Report(NOWHERE, (MetricsResult((), (), ()),)))


def test_no_colour_unless_the_console_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    report = three(known(0.2))
    assert "\x1b" not in printed(report)
    coloured = printed(report, force_terminal=True, color_system="truecolor")
    assert "\x1b[1;32m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(report, force_terminal=True, color_system="truecolor")
    assert not re.search(r"\x1b\[(\d+;)*(3[0-7]|38|9[0-7]|4[0-7]|48)[;m]", plain)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == printed(report)


HOSTILE = "[bold red]x[/] :smile: [link=http://e]\x1b]0;t\x07\x9b31m\u202e\r\n\u2028|"


def test_hostile_names_and_reasons_are_inert() -> None:
    ranking = Ranking(
        "bytes_per_token",
        HOSTILE,
        (RankingEntry(HOSTILE, 4.6), RankingEntry("", 4.5, Undefined(HOSTILE))),
        (Exclusion("x" * 5000, HOSTILE * 100),),
    )
    values: dict[str, dict[str, Value]] = {
        HOSTILE: {HOSTILE: known(4.6), "": known(4.5), "x" * 5000: known(1.0)},
        "th" + HOSTILE: {HOSTILE: Undefined(HOSTILE), "": known(4.5)},
    }
    report = small(values, ranking)
    info = replace(BYTES_PER_TOKEN, title=HOSTILE, unit=HOSTILE)
    result = replace(report.results[0], metrics=(info,))
    report = replace(
        report, results=(result,), provenance=replace(NOWHERE, warnings=(HOSTILE, "w" * 9999))
    )
    text = printed(report, 120)
    acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}
    assert not acting
    assert "[bold red]x[/] :smile: [link=http://e]" in text
    assert '""' in text
    assert max(map(cell_len, text.splitlines())) <= 120
    assert len(text) < 20_000


def catalogue_sized() -> Report:
    """A report of 120 metrics in twelve families, four tokenizers and thirty slices."""
    report = sample_report(n_tokenizers=4, n_slices=30)
    result = report.results[0]
    copies = [f"_in_its_variant_number_{k}" for k in range(7)]
    metrics = tuple(
        replace(one, id=one.id + ending) for one in result.metrics for ending in ("", *copies)
    )
    cells = tuple(
        replace(cell, metric=cell.metric + ending)
        for cell in result.cells
        for ending in ("", *copies)
    )
    return replace(report, results=(replace(result, metrics=metrics[:120], cells=cells),))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_whole_catalogue_fits_and_stands_by_family(width: int) -> None:
    text = printed(catalogue_sized(), width)
    assert max(map(cell_len, text.splitlines())) <= width
    table = text[text.index("All metrics on the whole corpus") :]
    heads = [line.split()[0] for line in table.splitlines() if line.strip()]
    families = ["compression", "words", "information", "integrity", "fairness", "vocabulary"]
    places = [heads.index(family) for family in families]
    assert places == sorted(places)
    rows = [line for line in table.splitlines() if line.startswith("bytes_") and " ↑" in line]
    assert len(rows) % 8 == 0  # in every panel
    assert len({row.split()[0] for row in rows}) == 8


def test_a_few_metrics_stand_without_headings() -> None:
    assert "compression" not in printed(three(known(0.2)))


def with_findings(*findings: Finding) -> str:
    report = three(known(0.2))
    return printed(replace(report, results=(replace(report.results[0], findings=findings),)))


def test_errors_and_warnings_are_listed_and_notes_counted() -> None:
    text = with_findings(
        Finding("N1", "note", "a", "a note"),
        Finding("W1", "warning", "b", "a warning", 1200),
        Finding("E1", "error", "b", "an error " * 20),
        Finding("E2", "error", HOSTILE, HOSTILE),
    )
    part = text[text.index("Findings: ") : text.index("Bytes per token by slice")]
    lines = part.splitlines()
    assert lines[0] == "Findings: 2 errors, 1 warning, 1 note"
    assert lines[1].startswith("error   E1 b: an error an error")
    assert lines[1].endswith("…")
    assert lines[2].startswith("error   E2 [bold red]x[/…")
    assert lines[3] == "warning W1 b: a warning (1,200)"
    assert lines[4] == "`tokeval explain CODE` says more"
    assert max(map(cell_len, lines)) <= 80
    assert text.index("2  b") < text.index("Findings: ")


def test_many_findings_take_few_lines() -> None:
    text = with_findings(*[Finding("W1", "warning", "a", f"number {k}") for k in range(500)])
    part = text[text.index("Findings: ") : text.index("Bytes per token by slice")]
    assert part.count("number") == 10
    assert "… and 490 more in --html, --md and --json" in part


def test_two_results_are_both_shown() -> None:
    report = three(known(0.2))
    text = printed(replace(report, results=report.results * 2))
    assert text.count("a is best by") == 2
    assert text.count("Next:") == 1


def test_the_hints_stay_on_one_line() -> None:
    for width in (20, 40, 60, 80):
        last = printed(three(known(0.2)), width).splitlines()[-1]
        assert last.startswith("Next:")
        assert len(last) <= width
