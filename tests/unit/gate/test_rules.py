"""Rules as they are written: what is read, on which line, and what is said of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokeval.errors import ExitCode, UsageError
from tokeval.gate.reading import read_rules, rules_of_text
from tokeval.gate.rules import Tolerance

FULL = """# rules
[[gate]]
metric = "bytes_per_token"
where = { slice = "tha_Thai", script = ["Thai", "La*"] }
min = 5
max = 7.5
max_regression = "2.5%"
max_change = 0.25
significance = 0.01
on_missing = "ignore"
severity = "warning"
"""


def test_every_key_of_a_rule_is_read() -> None:
    (rule,) = rules_of_text(FULL, "r.toml").rules
    assert (rule.number, rule.line, rule.metric) == (1, 2, "bytes_per_token")
    assert rule.where == {"slice": ("tha_Thai",), "script": ("Thai", "La*")}
    assert (rule.min, rule.max, rule.significance) == (5.0, 7.5, 0.01)
    assert rule.max_regression == Tolerance(0.025, relative=True, text="2.5%")
    assert rule.max_change == Tolerance(0.25, relative=False, text="0.25")
    assert (rule.on_missing, rule.severity) == ("ignore", "warning")
    assert rule.compares


def test_a_rule_has_defaults() -> None:
    (rule,) = rules_of_text('[[gate]]\nmetric = "fertility"\nmax = 2').rules
    assert (rule.significance, rule.on_missing, rule.severity) == (0.05, "fail", "error")
    assert (rule.where, rule.min, rule.max_regression, rule.compares) == ({}, None, None, False)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('[[gate]]\nunk_max = 0\n\n# [[gate]]\n[[gate]]\nids = "unchanged"', [1, 5]),
        ('\n[[ gate ]]  # first\nunk_max = 0\n[["gate"]]\nunk_max = 0', [2, 4]),
        ('x = """\n[[gate]]\n"""\n[[gate]]\nunk_max = 0\n', [4]),
        ("gate = [\n  {unk_max = 0},\n  {unk_max = 1},\n]\n", [1, 1]),
        ("[[gate]]\nunk_max = 0\n[gate.where]\nslice = 'tr'\n[[gate]]\nunk_max = 0", [1, 5]),
        ("[tool.tokeval.metrics]\nunit = 'line'\n[[tool.tokeval.gate]]\nunk_max = 0", [3]),
        ("x = [\n  [1],\n  '''\n]\n''',\n]\n[[gate]]\nunk_max = 0\n", [7]),
        ("[tool]\ntokeval.gate = [{unk_max = 0}]", [2]),
        ("\r\n[[gate]]\r\nunk_max = 0\r\n", [2]),
    ],
)
def test_rules_have_the_lines_they_stand_on(text: str, lines: list[int]) -> None:
    assert [rule.line for rule in rules_of_text(text).rules] == lines


def test_a_table_of_its_own_holds_the_labels() -> None:
    text = "[[gate]]\nunk_max = 0\n[gate.where]\nslice = 'tr'\n"
    assert rules_of_text(text).rules[0].where == {"slice": ("tr",)}


METRIC = '[[gate]]\nmetric = "fertility"\n'
MISTAKES = [
    (METRIC + "max_regresion = 1", "r.toml:3: there is no key 'max_regresion' in a rule",
     "did you mean max_regression?"),
    (METRIC + "zzz = 1", "r.toml:3: there is no key 'zzz'", "there are: metric, where, min"),
    (METRIC + 'max_regression = "2"', 'r.toml:3: max_regression = "2" is not a percentage',
     'write max_regression = "2%" for a share'),
    (METRIC + "max_regression = -1", "r.toml:3: max_regression = -1 is not a number from 0 on", ""),
    (METRIC + "max_regression = true", "max_regression = true is not a number from 0 on", ""),
    (METRIC + "max_change = nan", "max_change = nan is not a number", ""),
    (METRIC + 'max_change = "-2%"', 'max_change = "-2%" is not a percentage', ""),
    (METRIC + 'min = "4"', 'r.toml:3: min = "4" is not a number', "without quotes"),
    (METRIC + "min = true", "min = true is not a number", ""),
    (METRIC + "min = inf", "min = inf is not a number", ""),
    (METRIC + "min = 3\nmax = 2", "r.toml:3: min 3 is above max 2", ""),
    (METRIC, "r.toml:1: nothing is asked of 'fertility'", "add min, max, max_regression"),
    (METRIC + "max = 1\nsignificance = 0.05", "r.toml:4: significance is about changes", ""),
    (METRIC + "max_change = 1\nsignificance = 5", "r.toml:4: significance = 5 is not between", ""),
    (METRIC + "max = 1\non_missing = 'ignored'", "r.toml:4: there is no on_missing", "mean ignore"),
    (METRIC + "max = 1\nseverity = 3", "there is no severity = 3", 'choose "error" or "warning"'),
    (METRIC + "max = 1\nwhere = 'tr'", 'r.toml:4: where = "tr" is not a table', "where = { slice"),
    (METRIC + "max = 1\nwhere = {slice = 3}", "r.toml:4: where.slice = 3 is not text", ""),
    (METRIC + "max = 1\nwhere = {slice = []}", "where.slice = [] is not text", ""),
    (METRIC + "min = 1\nids = 'unchanged'", "r.toml:2: metric cannot stand beside ids",
     "a [[gate]] for each"),
    ("[[gate]]\nmin = 1\nids = 'unchanged'", "r.toml:2: min cannot stand beside ids", ""),
    ("[[gate]]\nids = 'unchanged'\nunk_max = 0", "r.toml:3: ids and unk_max are two rules", ""),
    ("[[gate]]\nmin = 1", "r.toml:1: a rule needs a metric", "or one of ids, vocabulary"),
    ("[[gate]]\nmetric = 3\nmin = 1", "r.toml:2: metric = 3 is not a name", "in quotes"),
    ("[[gate]]\nmetric = ''\nmin = 1", 'metric = "" is not a name', ""),
    ("[[gate]]\nids = 'same'", 'r.toml:2: there is no ids = "same"', 'write ids = "unchanged"'),
    ("[[gate]]\nids = 'ABCD'", "there is no ids", "64 hex digits"),
    ("[[gate]]\nvocabulary = true", "there is no vocabulary = true", 'vocabulary = "consistent"'),
    ("[[gate]]\nround_trip = 'yes'", "there is no round_trip", 'round_trip = "lossless"'),
    ("[[gate]]\nunk_max = 2", "r.toml:2: unk_max = 2 is not between 0 and 1", "one token of"),
    ("[[gate]]\nunk_max = '0'", 'unk_max = "0" is not a number', ""),
    ("gate = [3]", "r.toml:1: is not a table", "write [[gate]]"),
    ("[gate]\nunk_max = 0", "r.toml: gate is not a list of rules", "write [[gate]]"),
    ("[[gate]]\nmin = ", "r.toml:2: not TOML: ", ""),
    (f"[[gate]]\nmetric = 'x'\nmin = {'1' * 400}", "r.toml:3: min = 111", "without quotes"),
    (f"[[gate]]\nmetric = 'x'\nmin = {'1' * 5000}", "a number of too many digits", "what the"),
    (f"[[gate]]\nmetric = 'x'\nmax_change = '{'9' * 400}%'", "allows any change", '"2%"'),
    (f"[[gate]]\nmetric = 'x'\nmax_change = {'9' * 400}", "r.toml:3: max_change = 999", "unit"),
    ("[[gate]]\nmetric = 'x'\nmax_change = 0\nsignificance = 1e-20", "between 1e-09 and 1", ""),
    (f"[[gate]]\nx = {'[' * 3000}{']' * 3000}", "r.toml has too deep lists", "what the"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES)
def test_a_mistake_is_told_in_one_line_with_its_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        rules_of_text(text, "r.toml")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint or "not TOML" in message
    assert "\n" not in str(caught.value)
    assert caught.value.code == ExitCode.USAGE


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the rules .*none\.toml"):
        read_rules(tmp_path / "none.toml")
    (tmp_path / "r.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_rules(tmp_path / "r.toml")


def test_a_file_without_rules_has_none() -> None:
    assert rules_of_text("[metrics]\nunit = 'line'\n").rules == ()


def test_a_list_that_looks_like_a_header_does_no_harm() -> None:
    text = "x = [\n[['gate']]\n]\n\n[[gate]]\nmetric = 'fertility'\nmax = 3\n"
    (rule,) = rules_of_text(text).rules
    assert (rule.metric, rule.max) == ("fertility", 3.0)
