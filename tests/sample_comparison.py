"""A comparison with what a renderer must cope with: hostile names, no intervals, surrogates."""

from tests.comparisons import info
from tests.small_reports import NOWHERE, known
from tokeval.document import (
    ClassContribution,
    ComparisonResult,
    Contribution,
    Difference,
    Explanation,
    Measured,
    Report,
    Sample,
    SequenceLength,
    TokenizerInfo,
    TokenSpan,
    Transfer,
    Undefined,
)

HOSTILE = "=<b>|\u202e\x1b[31m"
WORD = "]]><script>\u202e\x00\ud800"


def _differences() -> tuple[Difference, ...]:
    total = Measured(8.0, 20, stderr_reason=f"a total {HOSTILE}")
    change = known(0.25, 0.01)
    return (
        Difference("bytes_per_token", "all", known(4.0), known(4.25), change, known(0.0625, 0.001),
                   "better", "bytes_per_token|v:1", 1e-9, 2e-9),
        Difference("tokens", "all", total, Measured(9.0, 20, stderr_reason="a total"),
                   Measured(1.0, 20, stderr_reason=f"a total {HOSTILE}"),
                   Measured(0.125, 20, stderr_reason="a total"), "undecided", "tokens|v:1"),
        Difference("bytes_per_token", HOSTILE, known(4.0), known(3.0), known(-1.0), known(-0.25),
                   "worse", "bytes_per_token|v:1", 0.001, 0.0421),
        Difference("fertility", "tr", known(2.0), Undefined("no words"), Undefined("no words"),
                   Undefined("no words"), "undefined", "fertility|v:1"),
        Difference("fertility", "en", known(2.0), known(2.0), known(0.0), known(0.0),
                   "same", "fertility|v:1", 1.0, 1.0),
    )  # fmt: skip


def sample_comparison() -> ComparisonResult:
    """Two tokenizers, one of a hostile name."""
    text = f"a {HOSTILE} b"
    n = len(text.encode())
    return ComparisonResult(
        before="old",
        after=HOSTILE,
        metrics=(info("bytes_per_token", "higher"), info("tokens"), info("fertility")),
        differences=_differences(),
        explanations=(
            Explanation(
                "all", 8, 9, 1,
                (
                    Contribution("word", WORD, "punctuation", 2, 1, 3, 2, (), ("⟨E2 82⟩", WORD)),
                    Contribution("word", "\n  ", "line breaks and indentation", 1, 2, 1, -1,
                                 ("\n", "  "), ("\n  ",)),
                    Contribution("class", "punctuation", "punctuation", 4, 5, 5, 0),
                ),
                (
                    ClassContribution("punctuation", 6, 6, 8, 2),
                    ClassContribution("line breaks and indentation", 1, 2, 1, -1),
                ),
                1.0, 2, 1,
            ),
        ),
        transfer=Transfer(
            100, 200, 50, 0.25, {2: 100, 9: 20}, 3.1667, 30, 50, 120, 7, 0.9,
            (SequenceLength("all", 8, 9, 1.125), SequenceLength(HOSTILE, 0, 0, None)),
        ),
        samples=(
            Sample("tr", text, {
                "old": (TokenSpan(1, 0, 1), TokenSpan(2, 1, n)),
                HOSTILE: (TokenSpan(3, 0, 1), TokenSpan(4, 1, 3), TokenSpan(5, 3, n)),
            }),
        ),
        warnings=(f"nsl is left out {HOSTILE}",),
    )  # fmt: skip


def comparison_report() -> Report:
    """A document with that comparison only."""
    from msgspec.structs import replace

    tokenizers = {name: TokenizerInfo("f", "l", "s", "BPE", 100) for name in ("old", HOSTILE)}
    provenance = replace(NOWHERE, tokenizers=tokenizers, warnings=("a <warning>",))
    return Report(provenance, (sample_comparison(),))
