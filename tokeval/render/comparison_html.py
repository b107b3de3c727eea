"""One result of `tokeval compare` as the page of a report shows it."""

from __future__ import annotations

from functools import cached_property

from markupsafe import Markup, escape

from tokeval.document import (
    ComparisonResult,
    Contribution,
    Explanation,
    MetricsResult,
    Report,
    TokenizerInfo,
    comparison_results,
)
from tokeval.render.comparison_view import (
    NO_PIECES,
    Row,
    cause,
    classes_of,
    headline,
    length_rows,
    outcome_counts,
    piece_counts,
    rests_of,
    rows,
    signed_count,
    transfer_facts,
    words_of,
)
from tokeval.render.token_view import TokenView, piece_markup, token_view
from tokeval.render.visible import labels

TITLE_CELLS = 32
MAX_WORDS_ON_PAGE = 300
MAX_EXPLAINED_ON_PAGE = 40


class ComparisonView:
    """A comparison for the page.

    Attributes:
        result: what was found.
        prefix: put before every id of the page.
        suffix: put behind headings, empty when there is only one comparison.
    """

    def __init__(self, report: Report, result: ComparisonResult, number: int) -> None:
        n_results = len(comparison_results(report))
        self.result = result
        self.prefix = f"comparison{number}-"
        self.suffix = f" ({number} of {n_results})" if n_results > 1 else ""
        self._known = report.provenance.tokenizers

    @cached_property
    def title(self) -> Markup:
        """What is compared, in a few words."""
        short = labels((self.result.before, self.result.after), TITLE_CELLS)
        return escape(" against ".join(short[n] for n in (self.result.after, self.result.before)))

    @cached_property
    def headline(self) -> str:
        """The change in one sentence."""
        return headline(self.result)

    @cached_property
    def counts(self) -> str:
        """How many cells are worse, better, and so on."""
        return outcome_counts(self.result)

    @cached_property
    def tokenizers(self) -> list[tuple[str, TokenizerInfo | None]]:
        """Both tokenizers with what the provenance knows about them."""
        return [(name, self._known.get(name)) for name in (self.result.before, self.result.after)]

    @cached_property
    def rows(self) -> list[Row]:
        """Every metric on every slice."""
        return rows(self.result)

    @cached_property
    def explanations(self) -> list[ExplanationView]:
        """Where the differences come from, the largest first."""
        return [ExplanationView(one) for one in self.result.explanations[:MAX_EXPLAINED_ON_PAGE]]

    @cached_property
    def n_unexplained(self) -> int:
        """Explanations that the page has no room for."""
        return max(len(self.result.explanations) - MAX_EXPLAINED_ON_PAGE, 0)

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What carries over."""
        return transfer_facts(self.result)

    @cached_property
    def pieces(self) -> list[tuple[str, str]]:
        """How many tokens are so many pieces."""
        return piece_counts(self.result.transfer) if self.result.transfer else []

    @cached_property
    def lengths(self) -> list[tuple[str, str, str, str]]:
        """Tokens by slice."""
        return length_rows(self.result.transfer) if self.result.transfer else []

    @cached_property
    def tokens(self) -> TokenView:
        """Sentences as both cut them; spans that differ are marked.

        Raises:
            TokevalError: a token's bytes do not lie within its text.
        """
        holder = MetricsResult((), (), (), samples=self.result.samples)
        return token_view(holder, (self.result.before, self.result.after))


class ExplanationView:
    """Where the difference of a slice comes from, for the page."""

    def __init__(self, one: Explanation) -> None:
        self.one = one
        self.slice = one.slice
        self.cause = cause(one)
        self.classes = [(part, signed_count(part.difference)) for part in classes_of(one)]
        self.rests = [(part.name, signed_count(part.difference)) for part in rests_of(one)]
        words = words_of(one)
        self.n_left_out = max(len(words) - MAX_WORDS_ON_PAGE, 0)
        self._words = words[:MAX_WORDS_ON_PAGE]

    @cached_property
    def words(self) -> list[tuple[Contribution, Markup, Markup, Markup, str]]:
        """Each named word, its text and both cuts as markup, and what it contributes."""
        return [
            (
                word,
                piece_markup(word.name),
                _chips(word.pieces_before),
                _chips(word.pieces_after),
                signed_count(word.difference),
            )
            for word in self._words
        ]


def _chips(pieces: tuple[str, ...]) -> Markup:
    """Pieces as tokens, or that there are none."""
    if not pieces:
        return escape(NO_PIECES)
    return Markup("").join(Markup("<i>{}</i>").format(piece_markup(piece)) for piece in pieces)
