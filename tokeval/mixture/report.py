"""From tokenizers and categories to the document: shares, intervals, verdicts, where from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tokeval
from tokeval.core.provenance import creation_time, library_versions, tokenizer_info
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import (
    MixtureResult,
    Provenance,
    Report,
)
from tokeval.errors import UsageError
from tokeval.mixture.answer_rows import answer_rows, members_of_rows
from tokeval.mixture.categories import Category
from tokeval.mixture.embedded_categories import COARSE
from tokeval.mixture.fit import judge
from tokeval.mixture.identification import not_identified
from tokeval.mixture.inference import Method, Tell, infer
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.simpler_answers import efficiency_answer, simple_answers
from tokeval.mixture.winner_series import winner_series
from tokeval.mixture.word_table import WordTable
from tokeval.pretokenization.pretokenizing import Pretokenizer, pretokenizer_of

LIBRARIES = ("numpy", "scipy", "highspy", "numba", "regex", "tokenizers")

FEW_MERGES = 200
"""With fewer merges a share rests on a handful of pairs."""


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    Attributes:
        n_merges: trained merges that are explained, from the first on.
        solver: of PuLP, for the whole program; HiGHS row by row when `None`.
        method: the linear program, or the monotone estimate that starts from it.
        intervals: whether blocks are left out.
        influence: whether categories are left out.
        efficiency: whether reference tokenizers are trained to compare with encoding efficiency.
        jobs: number of threads; all cores when `None`.
    """

    n_merges: int = 3000
    solver: str | None = None
    method: Method = "lp"
    intervals: bool = True
    influence: bool = True
    efficiency: bool = False
    jobs: int | None = None


def evaluate(
    tokenizers: Sequence[Tokenizer],
    categories: Sequence[Category],
    settings: Settings,
    *,
    skip_shared_with: Tokenizer | None = None,
    tell: Tell,
    argv: Sequence[str] = (),
) -> Report:
    """The document: what each tokenizer was trained on.

    Args:
        tokenizers: with distinct names.
        categories: the candidates, with distinct names.
        settings: the user's choices.
        skip_shared_with: a tokenizer whose merges the others took over.
        tell: told of progress.
        argv: the command line, for provenance.

    Raises:
        UsageError: there are fewer than two categories.
        TokevalError: a tokenizer has no merges to explain, or a category no text.
    """
    created = creation_time()
    _require_several(categories)
    hashes: dict[str, str] = {}
    results = []
    for tokenizer in tokenizers:
        merges = read_merges(tokenizer, skip_shared_with=skip_shared_with)
        pretokenizer = pretokenizer_of(tokenizer)
        tables = count_categories(categories, pretokenizer, tell=tell)
        for name, table in tables.items():
            hashes[f"{tokenizer.name}/{name}"] = _hash(table)
        results.append(
            infer_result(
                tokenizer.name,
                tables,
                merges,
                settings,
                max_symbol_characters=pretokenizer.max_symbol_characters,
                groups={category.name: category.group for category in categories},
                notes=_notes(pretokenizer, categories),
                tell=tell,
            )
        )
    provenance = Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=created,
        parameters={
            "merges": settings.n_merges,
            "method": settings.method,
            "solver": settings.solver,
            "skip_shared_with": None if skip_shared_with is None else skip_shared_with.fingerprint,
        },
        tokenizers={tokenizer.name: tokenizer_info(tokenizer) for tokenizer in tokenizers},
        corpus=hashes,
        libraries=library_versions(LIBRARIES),
    )
    return Report(provenance, tuple(results))


def count_categories(
    categories: Sequence[Category], pretokenizer: Pretokenizer, *, tell: Tell
) -> dict[str, WordTable]:
    """The word table of each category.

    Raises:
        TokevalError: a category has no text, or too little of it.
    """
    tables = {}
    for number, category in enumerate(categories):
        tell(f"counting {category.name}", number, len(categories))
        tables[category.name] = category.count(pretokenizer)
    return tables


def infer_result(
    name: str,
    tables: Mapping[str, WordTable],
    merges: MergeList,
    settings: Settings,
    *,
    max_symbol_characters: int | None = None,
    groups: Mapping[str, str],
    notes: Sequence[str] = (),
    tell: Tell,
) -> MixtureResult:
    """What one tokenizer was trained on.

    Args:
        name: of the tokenizer.
        tables: by category.
        merges: the whole list.
        settings: the user's choices.
        max_symbol_characters: as for `infer`.
        groups: the group of each category, empty where it stands for itself.
        notes: to be passed on to the reader.
        tell: told of progress.

    Raises:
        TokevalError: as `infer`.
    """
    explained = merges.first(settings.n_merges)
    found = infer(
        tables,
        explained,
        max_symbol_characters=max_symbol_characters,
        method=settings.method,
        solver=settings.solver,
        intervals=settings.intervals,
        influence=settings.influence,
        jobs=settings.jobs,
        tell=tell,
    )
    rows = members_of_rows(list(tables), groups)
    baselines = simple_answers(tables, merges, rows)
    if settings.efficiency:
        tell("training reference tokenizers", 0, None)
        baselines.append(efficiency_answer(tables, explained, rows))
    fit = judge(found.fit, explained, steps=found.steps, objective=found.found.objective)
    n_judged = explained.n_trained
    few = (
        [f"Shares rest on few pairs: {n_judged} merges are explained."]
        if n_judged < FEW_MERGES
        else []
    )
    return MixtureResult(
        tokenizer=name,
        categories=answer_rows(found, tables, explained, rows),
        fit=fit,
        method=settings.method,
        n_merges=n_judged,
        n_merges_in_list=len(merges),
        baselines=tuple(baselines),
        series=winner_series(found.fit, tokenizer=name, steps=found.steps),
        notes=(
            *merges.notes,
            *notes,
            *few,
            *found.found.notes,
            *not_identified(tables),
        ),
        signature=_signature(explained, settings),
    )


def _signature(explained: MergeList, settings: Settings) -> str:
    """What changes the shares, beside the tokenizer and the text."""
    parts = ["mixture", f"method:{settings.method}", f"merges:{explained.n_trained}"]
    if explained.n_trained < len(explained):
        parts.append(f"not judged:{len(explained) - explained.n_trained}")
    if settings.solver is not None:
        parts.append(f"solver:{settings.solver}")
    return "|".join([*parts, f"v:{tokeval.__version__}"])


def _notes(pretokenizer: Pretokenizer, categories: Sequence[Category]) -> list[str]:
    """What the reader should know of how text was cut and where words come from."""
    coarse = [COARSE] if any(category.texts is None for category in categories) else []
    return [*pretokenizer.notes, *coarse]


def _require_several(categories: Sequence[Category]) -> None:
    """Raises where there is nothing to choose between."""
    groups = {category.group for category in categories}
    if len(categories) > 1 and len(groups) == 1 and "" not in groups:
        raise UsageError(
            f"--group {groups.pop()} has every category: its share is all, whatever the merges say",
            "leave at least one category out of it",
        )
    if len(categories) < 2:
        name = categories[0].name if categories else "none"
        raise UsageError(
            f"one category ({name}) has all of the mixture, whatever the merges say",
            "give at least two --category",
        )


def _hash(table: WordTable) -> str:
    """sha256 of the words and their counts by block."""
    digest = hashlib.sha256(b"".join(len(word).to_bytes(4, "little") for word in table.words))
    digest.update(b"".join(table.words))
    digest.update(table.counts.astype("<i8").tobytes())
    return digest.hexdigest()
