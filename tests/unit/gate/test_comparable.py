"""What is compared, and what is refused with the field and both of its values."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.unit.gate.runs import blocks, cell, info, report
from tokeval.document import DumpInfo, Measured, Report, VisualCell, VisualResult
from tokeval.errors import ExitCode, TokevalError
from tokeval.gate.verdict import gate

SIGNATURE = "fertility|words:uax29|agg:micro|tok:aaaa|load:x-1|special:no|corpus:cccc|v:0.1.0"
RULE = {"metric": "fertility", "max_regression": "5%"}


def run(**changed: str) -> Report:
    """A run whose signature has other parts."""
    signature = SIGNATURE
    for name, value in changed.items():
        old = next(part for part in SIGNATURE.split("|") if part.startswith(f"{name}:"))
        signature = signature.replace(old, f"{name}:{value}" if value else "").replace("||", "|")
    return report(cell("fertility", "en", blocks(2.0), signature=signature))


@pytest.mark.parametrize("changed", [{"tok": "bbbb"}, {"load": "y-2"}])
def test_another_tokenizer_is_what_gates_are_for(changed: dict[str, str]) -> None:
    result = gate(run(**changed), [RULE], run())
    assert (result.verdict, result.warnings) == ("pass", ())


def test_another_version_warns() -> None:
    result = gate(run(v="0.2.0"), [RULE], run())
    assert result.verdict == "pass"
    assert result.warnings == ("the baseline was measured by tokeval 0.1.0, the run by 0.2.0",)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"words": "icu"}, "words:uax29 before and words:icu now"),
        ({"special": "bos"}, "special:no before and special:bos now"),
        ({"corpus": "dddd"}, "corpus:cccc before and corpus:dddd now"),
        ({"agg": ""}, "agg:micro before and agg:nothing now"),
        ({"agg": "macro", "special": "bos"}, "agg:micro before and agg:macro now and special:no"),
    ],
)
def test_anything_else_is_refused_and_named(changed: dict[str, str], said: str) -> None:
    with pytest.raises(TokevalError) as caught:
        gate(run(**changed), [RULE], run())
    assert caught.value.code == ExitCode.INCOMPARABLE
    assert said in caught.value.message


def test_another_text_is_refused_although_signatures_are_short() -> None:
    other = report(
        cell("fertility", "en", blocks(2.0), signature=SIGNATURE), corpus={"en": "b" * 64}
    )
    mine = report(
        cell("fertility", "en", blocks(2.0), signature=SIGNATURE), corpus={"en": "a" * 64}
    )
    with pytest.raises(TokevalError) as caught:
        gate(mine, [RULE], other)
    assert caught.value.code == ExitCode.INCOMPARABLE
    assert f"corpus:{'b' * 16} before and corpus:{'a' * 16} now" in caught.value.message


def test_bounds_alone_compare_nothing() -> None:
    assert gate(run(corpus="dddd"), [{"metric": "fertility", "max": 3}], run()).verdict == "pass"


def test_a_dump_is_what_visual_gates_are_for() -> None:
    def dump(signature: str) -> Report:
        value = Measured(0.5, 0, stderr_reason="not resampled")
        result = VisualResult(
            "d", DumpInfo("d", "NHW", 8, 1, 1), (info("signed"),),
            (VisualCell("signed", value, "all", signature),),
        )  # fmt: skip
        return replace(run(), results=(result,))

    rule = {"metric": "signed", "max_regression": 0}
    before = dump("signed|K:8|tokens:9|dump:a|v:0.1.0")
    assert gate(dump("signed|K:16|tokens:9|dump:b|v:0.1.0"), [rule], before).verdict == "pass"
    with pytest.raises(TokevalError, match="tokens:9 before and tokens:8 now"):
        gate(dump("signed|K:8|tokens:8|dump:b|v:0.1.0"), [rule], before)
