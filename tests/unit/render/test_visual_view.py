"""The table of statistics: dumps side by side, points and brackets, gaps with reasons."""

from msgspec.structs import replace

from tests.sample_visual import DUMP, HOSTILE, TEXT, TOO_FEW, number, result, visual_report
from tokeval.document import Undefined
from tokeval.document.visual import VisualCell, VisualResult
from tokeval.render.visual_view import (
    Bracket,
    column_name,
    facts,
    ordered_dumps,
    shown,
    stat_rows,
    stat_table,
    values_by_key,
    write_bracket,
)


def written(*results: VisualResult) -> dict[str, list[str]]:
    """The cells of the table as text, by the label of their row."""
    table, rows = stat_table(results)
    return {
        row.label: [str(entry.written) for entry in entries]
        for row, entries in zip(rows, table.entries, strict=True)
    }


def test_dumps_come_before_what_they_are_compared_with_and_names_are_unique() -> None:
    found = ordered_dumps(visual_report(result("gpt", TEXT, is_reference=True), result(), result()))
    assert [column_name(one) for one in found] == ["vq", "vq (2)", "gpt (reference)"]


def test_every_cell_of_the_document_is_in_the_table() -> None:
    told = written(result())
    assert told["used_codes"] == ["812"]
    assert told["usage"] == ["79.30 ± 0.20%"]
    assert told["zipf_exponent"] == ["0.5200 ± 0.0100"]
    assert told["mi_right"] == ["—"]
    assert len(told) == len(DUMP) - 2  # two brackets of two ends; one of them beside its point


def test_a_bracket_without_a_point_takes_its_row_and_is_no_point() -> None:
    told = written(result())
    assert told["mi_down"] == ["0.120 to 4.810"]
    assert not {"mi_down_low", "mi_down_high", "mi_down_bracket"} & set(told)


def test_an_end_that_is_0_but_for_rounding_is_written_so() -> None:
    assert str(write_bracket(Bracket(number(1.2e-14), number(0.05083)), "")) == "0 to 0.05083"
    assert str(write_bracket(Bracket(number(-0.002), number(0.75)), "bits")) == "−0.0020 to 0.7500"


def test_a_bracket_beside_a_point_stands_below_it() -> None:
    told = written(result())
    assert told["zipf_exponent_bracket"] == ["0.5000 to 0.5400"]
    labels = list(told)
    assert labels.index("zipf_exponent_bracket") == labels.index("zipf_exponent") + 1


def test_one_dump_may_have_a_point_where_another_has_a_bracket() -> None:
    point = result("b", {"mi_down": number(1.25, 0.1)})
    point = replace(point, metrics=(*point.metrics, replace(point.metrics[0], id="mi_down")))
    assert written(result(), point)["mi_down"] == ["0.120 to 4.810", "1.250 ± 0.100"]


def test_a_bracket_has_the_title_of_the_statistic_and_not_of_its_low_end() -> None:
    low = replace(result().metrics[0], id="mi_down_low", title="Information, low end")
    metrics = (low, *(one for one in result().metrics if one.id != "mi_down_low"))
    rows = {row.id: row for row in stat_rows([replace(result(), metrics=metrics)])}
    assert (rows["mi_down"].info.id, rows["mi_down"].info.title) == ("mi_down", "Information")


def test_half_a_bracket_is_none() -> None:
    half = {**DUMP, "mi_down_high": Undefined("no pairs")}
    assert shown(values_by_key(result("vq", half)), "mi_down") == Undefined("no pairs")
    whole = shown(values_by_key(result()), "mi_down")
    assert isinstance(whole, Bracket)
    assert (whole.low.value, whole.high.value) == (0.12, 4.81)


def test_a_low_end_without_a_high_one_is_a_statistic_of_its_own() -> None:
    alone = replace(result(), cells=(VisualCell("usage_low", number(0.5)),), metrics=())
    assert written(alone) == {"usage_low": ["0.5000"]}


def test_gaps_have_the_number_of_their_reason() -> None:
    table, rows = stat_table(ordered_dumps(visual_report()))
    at = next(number for number, row in enumerate(rows) if row.id == "mi_right")
    vq, hostile, text = table.entries[at]
    assert table.notes[vq.note - 1] == table.notes[hostile.note - 1] == TOO_FEW
    assert text.note == 0
    plugin = next(number for number, row in enumerate(rows) if row.id == "of_a_plugin")
    assert table.notes[table.entries[plugin][0].note - 1] == "not measured"


def test_rows_stand_together_by_family_and_parts_come_last() -> None:
    rows = stat_rows(ordered_dumps(visual_report()))
    groups = [row.group for row in rows]
    changes = [one for at, one in enumerate(groups) if not at or groups[at - 1] != one]
    assert len(changes) == len(set(changes))
    assert changes[:2] == ["validity", "usage"]
    assert [row.label for row in rows if row.group == "by part"] == [
        "entropy level:1",
        "entropy level:2",
    ]
    assert rows[-1].slice == "level:2"


def test_facts_say_what_a_dump_holds() -> None:
    assert facts(result()) == (
        "102,400 tokens in 400 samples of 16×16, layout NHW, a codebook of 1,024"
    )
    ragged = replace(result(), info=replace(result().info, shape=(), n_samples=1))
    assert facts(ragged).startswith("102,400 tokens in 1 sample, layout")


def test_a_table_of_hostile_names_keeps_them_for_the_renderer_to_make_inert() -> None:
    table, _ = stat_table([result(HOSTILE)])
    assert table.columns == (HOSTILE,)
