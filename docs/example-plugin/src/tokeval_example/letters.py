"""Letters: tokens and the letters of the text."""

from __future__ import annotations

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "letters"


def tokens_per_letter(context: Context) -> Folds | Undefined:
    """Tokens / letters, undefined for a text without letters."""
    evidence = context.evidence
    return ratio(evidence.sums("tokens"), evidence.sums("letters"), "letters")


METRICS = (
    Metric(
        MetricInfo(
            id="tokens_per_letter",
            title="Tokens per letter",
            family=FAMILY,
            unit="tokens/letter",
            direction="lower",
            formula="Σ tokens / Σ letters",
            source="the example of a plugin",
            docs="docs/example-plugin/README.md",
            reading="How many tokens a letter of this text takes; letters of any script count, "
            "digits and punctuation do not. A tokenizer that keeps whole sentences ranks best.",
            lower_bound=0,
        ),
        tokens_per_letter,
    ),
)
