"""Explanations: the words and classes of text that a difference in tokens comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.compare.attribution import AFTER, BEFORE, OCCURRENCES, SIDES, Tally
from tokeval.compare.stretches import NO_TEXT, SPECIAL, class_name
from tokeval.compare.unit_tokens import Forms
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import ClassContribution, Contribution, Explanation
from tokeval.metrics.samples import shown_piece

ENOUGH_TENTHS = 8
"""Without a number of words, so many are named that they make up at least 80% of all that words
add and save, and leave at most 20% of the difference."""

MAX_NAMED = 5000
MAX_NAME_CHARACTERS = 120
MAX_PIECES = 60


@dataclass(frozen=True)
class Explainer:
    """Makes explanations of tallies.

    Attributes:
        forms: the stretches that the tallies count.
        tokenizers: before and after.
        n_special: special tokens around each text, before and after.
        n_names: how many words are named; 0 for as many as it takes.
    """

    forms: Forms
    tokenizers: Sequence[Tokenizer]
    n_special: tuple[int, int]
    n_names: int

    def explain(self, name: str, tally: Tally) -> Explanation:
        """Where the difference of a slice comes from."""
        by_class = self._classes(tally)
        totals = sum(by_class.values(), np.zeros(3, dtype=np.int64))
        difference = int(totals[AFTER] - totals[BEFORE])
        named = self._named(tally, difference)
        words = [self._word(tally, form) for form in named]
        rest = {code: counts.copy() for code, counts in by_class.items()}
        for form in named:
            rest[self.forms.classes[form]] -= tally.by_form[form]
        rests = [_rest(code, counts) for code, counts in rest.items() if counts.any()]
        named_difference = sum(word.difference for word in words)
        added, saved = _added_and_saved(tally, by_class)
        return Explanation(
            slice=name,
            tokens_before=int(totals[BEFORE]),
            tokens_after=int(totals[AFTER]),
            difference=difference,
            contributions=(*words, *sorted(rests, key=lambda one: -abs(one.difference))),
            classes=tuple(
                sorted(
                    (_class(code, counts) for code, counts in by_class.items()),
                    key=lambda one: -abs(one.difference),
                )
            ),
            named_share=named_difference / difference if difference else None,
            added=added,
            saved=saved,
        )

    def _classes(self, tally: Tally) -> dict[int, NDArray[np.int64]]:
        """Tokens before, tokens after and occurrences of every class that occurs."""
        codes = np.array(self.forms.classes[: len(tally.by_form)], dtype=np.int64)
        sums = np.zeros((int(codes.max(initial=0)) + 1, 3), dtype=np.int64)
        np.add.at(sums, codes, tally.by_form)
        found = {code: sums[code] for code in np.flatnonzero(sums.any(axis=1)).tolist()}
        if tally.without_text.any():
            found[NO_TEXT] = np.array([*tally.without_text, 0], dtype=np.int64)
        if any(self.n_special):
            around = [n * tally.n_texts for n in self.n_special]
            found[SPECIAL] = np.array([*around, tally.n_texts], dtype=np.int64)
        return found

    def _named(self, tally: Tally, difference: int) -> list[int]:
        """The forms that are named, the largest contribution first."""
        change = tally.by_form[:, AFTER] - tally.by_form[:, BEFORE]
        has_name = [text is not None for text in self.forms.texts[: len(change)]]
        order = np.argsort(-np.abs(change), kind="stable")
        order = order[(change[order] != 0) & np.array(has_name, dtype=np.bool_)[order]]
        if self.n_names:
            return [int(form) for form in order[: self.n_names]]
        sums = np.concatenate(([0], np.cumsum(change[order])))
        sizes = np.concatenate(([0], np.cumsum(np.abs(change[order]))))
        # In tenths, so that integers stay integers.
        is_small = 10 * np.abs(difference - sums) <= (10 - ENOUGH_TENTHS) * abs(difference)
        enough = np.flatnonzero(is_small & (10 * sizes >= ENOUGH_TENTHS * np.abs(change).sum()))
        n_named = int(enough[0]) if len(enough) else len(order)
        n_named = min(n_named, MAX_NAMED)
        return [int(form) for form in order[:n_named]]

    def _word(self, tally: Tally, form: int) -> Contribution:
        """What a named stretch contributes."""
        counts = tally.by_form[form]
        pieces = [
            tuple(
                shown_piece(self.tokenizers[side].vocabulary.token_bytes[i] or b"")
                for i in ids[:MAX_PIECES]
            )
            for side, ids in zip(SIDES, tally.telling_cuts(form), strict=True)
        ]
        text = self.forms.texts[form] or ""
        shortened = text[:MAX_NAME_CHARACTERS] + "…" if len(text) > MAX_NAME_CHARACTERS else text
        return Contribution(
            kind="word",
            name=shortened,
            text_class=class_name(self.forms.classes[form]),
            occurrences=int(counts[OCCURRENCES]),
            tokens_before=int(counts[BEFORE]),
            tokens_after=int(counts[AFTER]),
            difference=int(counts[AFTER] - counts[BEFORE]),
            pieces_before=pieces[BEFORE],
            pieces_after=pieces[AFTER],
        )


def _added_and_saved(tally: Tally, by_class: dict[int, NDArray[np.int64]]) -> tuple[int, int]:
    """Tokens that stretches with more of them after add, and that those with fewer save."""
    whole = [by_class[code] for code in (NO_TEXT, SPECIAL) if code in by_class]
    rows = np.concatenate([tally.by_form, np.array(whole, dtype=np.int64).reshape(-1, 3)])
    change = rows[:, AFTER] - rows[:, BEFORE]
    return int(change[change > 0].sum()), int(-change[change < 0].sum())


def _rest(code: int, counts: NDArray[np.int64]) -> Contribution:
    """What is left of a class without its named words."""
    whole = _class(code, counts)
    return Contribution(
        kind="class",
        name=whole.text_class,
        text_class=whole.text_class,
        occurrences=whole.occurrences,
        tokens_before=whole.tokens_before,
        tokens_after=whole.tokens_after,
        difference=whole.difference,
    )


def _class(code: int, counts: NDArray[np.int64]) -> ClassContribution:
    """What a class contributes."""
    before, after, occurrences = counts.tolist()
    return ClassContribution(class_name(code), occurrences, before, after, after - before)
