import msgspec
import pytest

from tests.counting_behaviours import arithmetic_answers, wrong_fourth_digit
from tokeval.document import Measured, ProbeCell, ProbeResult, Undefined, Value
from tokeval.errors import TokevalError
from tokeval.probe.arithmetic import arithmetic_result, predicted_alignment
from tokeval.probe.arithmetic_items import ArithmeticSettings, arithmetic_items
from tokeval.probe.arithmetic_metrics import METRICS
from tokeval.probe.items import Item, Response, items_sha256

SETTINGS = ArithmeticSettings(n_sums=10, n_products=10, most_digits=2)
ITEMS = arithmetic_items(SETTINGS)
PREDICTED = {
    "answer_alignment_match": 1.0,
    "answer_alignment_mismatch": 0.0,
    "answer_alignment_separators": 1.0,
}
SUMS = "task:addition/lengths"


def value_of(result: ProbeResult, metric: str, part: str) -> Value:
    (value,) = (c.value for c in result.cells if (c.metric, c.slice) == (metric, part))
    return value


def measured(result: ProbeResult, metric: str, part: str) -> Measured:
    value = value_of(result, metric, part)
    assert isinstance(value, Measured)
    return value


@pytest.fixture(scope="module")
def systematic() -> ProbeResult:
    answers = arithmetic_answers(ITEMS, wrong_fourth_digit)
    return arithmetic_result(answers, PREDICTED, SETTINGS, model="m", tokenizer="t")


def test_a_perfect_model_has_no_findings() -> None:
    result = arithmetic_result(
        arithmetic_answers(ITEMS, lambda item: item.expected), None, SETTINGS
    )
    assert result.findings == ()
    assert result.items == ()
    values = [c.value for c in result.cells if c.metric == "arithmetic_exact_match"]
    assert all(isinstance(value, Measured) and value.value == 1 for value in values)
    # 13 triplets and three kinds of them in three formats; 4 products and all of them.
    assert len(values) == 16 * 3 + 5


def test_cells_by_lengths_and_format(systematic: ProbeResult) -> None:
    for part, expected, n in (
        ("7+7=8/format:bare", 0, 10),
        ("7+7=7/format:bare", 1, 10),
        ("7+7=8/format:separators", 1, 10),
        ("match/format:bare", 1, 90),
        ("mismatch/format:bare", 0, 40),
        ("all/format:bare", 90 / 130, 130),
    ):
        value = measured(systematic, "arithmetic_exact_match", f"{SUMS}:{part}")
        assert (value.value, value.n_blocks) == (expected, n)


def test_the_gap_and_its_interval(systematic: ProbeResult) -> None:
    gap = measured(systematic, "arithmetic_match_gap", "task:addition/format:bare")
    assert gap.value == 1
    assert 0.85 < gap.low < gap.high == pytest.approx(1)
    none = measured(systematic, "arithmetic_match_gap", "task:addition/format:spaces")
    assert none.value == 0
    assert none.low < 0 < none.high


def test_formats_against_bare(systematic: ProbeResult) -> None:
    part = f"{SUMS}:all/format:separators"
    assert measured(systematic, "arithmetic_only_format_right", part).value == 40
    assert measured(systematic, "arithmetic_only_bare_right", part).value == 0
    assert measured(systematic, "arithmetic_mcnemar", part).value == pytest.approx(2**-39)
    assert measured(systematic, "arithmetic_mcnemar_holm", part).value == pytest.approx(2**-38)
    assert measured(systematic, "arithmetic_format_difference", part).value == 40 / 130


def test_every_cell_has_its_metric_and_each_only_once(systematic: ProbeResult) -> None:
    assert {cell.metric for cell in systematic.cells} == {info.id for info in METRICS}
    keys = [(cell.metric, cell.slice) for cell in systematic.cells]
    assert len(set(keys)) == len(keys)


def test_places_and_lengths(systematic: ProbeResult) -> None:
    part = f"{SUMS}:mismatch/format:bare"
    places = {
        cell.slice.rsplit(":", 1)[1]: cell.value.value
        for cell in systematic.cells
        if cell.metric == "arithmetic_place_accuracy" and cell.slice.startswith(part)
    }
    # The fourth digit of 8 is place 5 (10 of 40 sums), that of 9 is place 6 (30 of 40).
    assert places == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 0.75, "6": 0.25, "7": 1, "8": 1, "9": 1}
    assert measured(systematic, "arithmetic_length_errors", part).value == 0
    assert measured(systematic, "arithmetic_first_wrong_digit", part).value == 4
    assert measured(systematic, "arithmetic_first_wrong_share", part).value == 1


def test_predicted_alignment_stands_beside_the_accuracy(systematic: ProbeResult) -> None:
    metric = "arithmetic_predicted_alignment"
    assert measured(systematic, metric, f"{SUMS}:match/format:bare").value == 1
    assert measured(systematic, metric, f"{SUMS}:mismatch/format:bare").value == 0
    spaces = value_of(systematic, metric, f"{SUMS}:all/format:spaces")
    assert isinstance(spaces, Undefined)
    predicted, found = (s for s in systematic.series if s.id == "arithmetic_alignment")
    assert predicted.x == found.x == ("as long as the operands", "longer", "with commas")
    assert predicted.y == found.y == (1, 0, 1)
    assert (predicted.tokenizer, found.tokenizer) == ("predicted by t", "measured of m")


def test_the_figures(systematic: ProbeResult) -> None:
    sums = [s for s in systematic.series if s.id == "arithmetic_sums"]
    assert [s.tokenizer for s in sums] == ["bare", "separators", "spaces"]
    assert len(sums[0].x) == 13
    assert dict(zip(sums[0].x, sums[0].y, strict=True))["7+7=8"] == 0
    assert all(len(s.low) == len(s.high) == 13 for s in sums)
    rows = [s for s in systematic.series if s.id == "arithmetic_products"]
    assert [(s.tokenizer, s.x, s.y) for s in rows] == [
        ("1 digit", ("1", "2"), (1, 1)),
        ("2 digits", ("1", "2"), (1, 1)),
    ]
    places = {(s.slice, s.tokenizer) for s in systematic.series if s.id == "arithmetic_places"}
    assert (f"{SUMS}:mismatch", "bare") in places
    assert ("task:multiplication/digits:all", "bare") in places
    assert len(places) == 7


def test_what_is_said(systematic: ProbeResult) -> None:
    said = {finding.code: finding.message for finding in systematic.findings}
    assert set(said) == {
        "arithmetic_longer_sums", "arithmetic_wrong_digit", "arithmetic_format_effect",
    }  # fmt: skip
    assert "0.0% are right, of the others 100.0%" in said["arithmetic_longer_sums"]
    assert "cuts 0% of the former" in said["arithmetic_longer_sums"]
    assert "first go wrong at digit 4" in said["arithmetic_wrong_digit"]
    assert "more sums are right than bare, by 30.8 points" in said["arithmetic_format_effect"]


def test_errors_anywhere_are_no_system() -> None:
    def wrong_somewhere(item: Item) -> str:
        place = int(item.fields["first"]) % len(item.expected)
        digit = "1" if item.expected[place] != "1" else "2"
        return item.expected[:place] + digit + item.expected[place + 1 :]

    result = arithmetic_result(arithmetic_answers(ITEMS, wrong_somewhere), None, SETTINGS)
    assert "arithmetic_wrong_digit" not in {finding.code for finding in result.findings}


def test_answers_with_separators_are_read() -> None:
    answers = arithmetic_answers(ITEMS, lambda item: f"**{int(item.expected):,}**")
    result = arithmetic_result(answers, None, SETTINGS)
    assert measured(result, "arithmetic_exact_match", f"{SUMS}:all/format:bare").value == 1


def test_failures_and_words() -> None:
    answers = arithmetic_answers(ITEMS, lambda item: None if item.format == "bare" else "many")
    result = arithmetic_result(answers, None, SETTINGS)
    part = f"{SUMS}:all/format"
    assert isinstance(value_of(result, "arithmetic_exact_match", f"{part}:bare"), Undefined)
    assert measured(result, "arithmetic_exact_match", f"{part}:spaces").value == 0
    assert measured(result, "arithmetic_unread", f"{part}:spaces").value == 1
    gap = value_of(result, "arithmetic_match_gap", "task:addition/format:bare")
    assert isinstance(gap, Undefined)
    assert {finding.code for finding in result.findings} == {
        "arithmetic_unread", "arithmetic_unanswered",
    }  # fmt: skip


def test_one_task_only() -> None:
    settings = ArithmeticSettings(tasks=("multiplication",), n_products=3, most_digits=1)
    items = arithmetic_items(settings)
    result = arithmetic_result(
        arithmetic_answers(items, lambda item: item.expected), PREDICTED, settings
    )
    assert result.published == ()
    assert all(cell.slice.startswith("task:multiplication") for cell in result.cells)


def test_the_alignment_is_read_from_numeracy() -> None:
    cells = (
        ProbeCell("answer_alignment_match", Measured(1.0, 900)),
        ProbeCell("answer_alignment_match", Measured(0.5, 100), "lengths:7+7=7"),
        ProbeCell("answer_alignment_mismatch", Undefined("the tokenizer knows no sums")),
        ProbeCell("operand_alignment", Measured(0.25, 900)),
    )
    numeracy = ProbeResult("numeracy", (), cells)
    assert predicted_alignment(numeracy) == {"answer_alignment_match": 1.0}


def test_published_figures_and_the_document(systematic: ProbeResult) -> None:
    assert [(f.slice, f.value) for f in systematic.published] == [
        (f"{SUMS}:match/format:bare", 0.94),
        (f"{SUMS}:mismatch/format:bare", 0.08),
        (f"{SUMS}:all/format:separators", 0.98),
    ]
    slices = {cell.slice for cell in systematic.cells}
    assert all(figure.slice in slices for figure in systematic.published)
    again = msgspec.json.decode(msgspec.json.encode(systematic), type=ProbeResult)
    assert again.cells == systematic.cells
    assert systematic.items_sha256 == items_sha256(ITEMS)


def test_questions_of_another_probe_are_refused() -> None:
    other = Item("count/1", "part", "pure", "1", "how many?", "2")
    with pytest.raises(TokevalError, match="no field 'task'"):
        arithmetic_result([Response(other, "2", "stop")])
