"""Analyses as functions: `evaluate`, `infer_mixture` and `analyze_dump`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from tokeval.api.inputs import (
    dump_of,
    load_tokenizer,
    names_of,
    read_corpus,
    slices_of,
    tokenizers_of,
    untold,
)
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from tokeval.api.inputs import Codes, Corpus, Tokenizers, TokenizerSource
    from tokeval.core.metric import Parameters
    from tokeval.core.resources import Resources
    from tokeval.document import Report
    from tokeval.mixture.report import Settings as MixtureSettings
    from tokeval.visual.dump import Dump, Layout
    from tokeval.visual.settings import Settings as DumpSettings

Engine = Literal["serial", "processes", "dask"]
MIXTURE_LIBRARIES = ("highspy", "numba", "pulp", "regex")


def evaluate(
    tokenizers: Tokenizers,
    corpus: Corpus | None = None,
    *,
    metrics: Sequence[str] = (),
    families: Sequence[str] = (),
    compatible: Sequence[str] = (),
    parameters: Parameters | None = None,
    resources: Resources | None = None,
    engine: Engine = "serial",
    jobs: int | None = None,
) -> Report:
    """Measures tokenizers on text: `tokeval metrics`.

    Args:
        tokenizers: one or several, each as `load_tokenizer` takes it; or by name.
        corpus: as `read_corpus` takes it.
        metrics: ids of metrics; without these, families and compatible ones, the usual metrics.
        families: names of families, or `all`.
        compatible: other programs whose definitions are added: `qtok`, `tr`.
        parameters: choices that change numbers.
        resources: word lists and gold data; the bundled ones when `None`.
        engine: `processes` for large corpora, under `if __name__ == "__main__":` in a script.
        jobs: number of processes; all cores when `None`.

    Raises:
        UsageError: a metric, a slice or a tokenizer is named that does not exist.
        TokevalError: something cannot be read, or nothing could be measured.
    """
    from tokeval.core.metric import Parameters as Choices
    from tokeval.loaders.resources import read_resources
    from tokeval.metrics.catalogue import EVERYTHING, choose_metrics, without_unasked
    from tokeval.metrics.report import evaluate as measure

    choices = parameters or Choices()
    if not isinstance(choices, Choices):
        raise UsageError(
            f"parameters are a {type(choices).__name__}", "give tokeval.Parameters(alpha=2.5)"
        )
    metrics = names_of(metrics, "metrics")
    families, compatible = names_of(families, "families"), names_of(compatible, "compatible")
    asked = metrics or families or compatible
    chosen = choose_metrics(metrics, families, compatible) if asked else None
    needed = frozenset(name for one in chosen or () for name in one.parameters)
    lists = resources if resources is not None else read_resources(needed=needed)
    if chosen is not None and EVERYTHING in families:
        chosen = without_unasked(chosen, choices, lists)
    slices = read_corpus(corpus)
    return measure(
        tokenizers_of(tokenizers),
        slices,
        choices,
        metrics=chosen,
        resources=lists,
        engine=engine,
        jobs=jobs,
    )


def infer_mixture(
    tokenizers: Tokenizers,
    categories: Corpus | None = None,
    *,
    settings: MixtureSettings | None = None,
    skip_shared_with: TokenizerSource | None = None,
    allow_download: bool = False,
) -> Report:
    """Infers what BPE tokenizers were trained on, from the order of their merges.

    Args:
        tokenizers: as `evaluate` takes them.
        categories: text of each candidate, as `read_corpus` takes it; every language that
            `wordfreq` knows when `None`.
        settings: of `tokeval.mixture.report.Settings`.
        skip_shared_with: a tokenizer whose merges the others took over.
        allow_download: whether anything may be fetched over a network.

    Raises:
        UsageError: there are fewer than two categories, or a library is not installed.
        TokevalError: a tokenizer has no merges to explain, or a category no text.
    """
    missing = [name for name in MIXTURE_LIBRARIES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"infer_mixture needs {', '.join(missing)}", "pip install 'tokeval[mixture]'"
        )
    from tokeval.loaders.corpora import ReadOptions
    from tokeval.mixture.categories import built_in_categories, category_of_slice
    from tokeval.mixture.report import Settings
    from tokeval.mixture.report import evaluate as infer

    choices = settings or Settings()
    if categories is None:
        candidates = built_in_categories(jobs=choices.jobs)
    else:
        options = ReadOptions(line_ends=True, allow_download=allow_download)
        slices = slices_of(categories, options)
        candidates = [category_of_slice(part, jobs=choices.jobs) for part in slices]
    shared = load_tokenizer(skip_shared_with) if skip_shared_with is not None else None
    loaded = tokenizers_of(tokenizers)
    return infer(loaded, candidates, choices, skip_shared_with=shared, tell=untold)


def analyze_dump(
    dumps: Codes | Mapping[str, Codes],
    *,
    name: str | None = None,
    layout: Literal["NL", "NHW", "NTHW", "NQL", "NS"] | None = None,
    codebook_size: int | None = None,
    scales: Sequence[int] = (),
    settings: DumpSettings | None = None,
    references: Sequence[Dump] = (),
    engine: Literal["serial", "processes", "dask", "auto"] = "auto",
    jobs: int | None = None,
) -> Report:
    """Says how language-like the discrete tokens of images, video or sound are: `tokeval visual`.

    Args:
        dumps: a path or pattern, an array of integers with the samples first, or a `Dump`; or
            several of them by name.
        name: the label of a single dump; by default that of its file.
        layout: what the axes are, where their number does not tell.
        codebook_size: K, where a file does not say it; an array needs it.
        scales: of `NS`: side lengths of the grids.
        settings: of `tokeval.visual.settings.Settings`.
        references: text to compare with.
        engine: worker processes pay for large dumps; `auto` takes them there.
        jobs: number of processes; all cores when `None`.

    Raises:
        UsageError: a layout or a size does not fit.
        TokevalError: a file cannot be read, or a token is outside the codebook.
    """
    from tokeval.visual.evaluate import evaluate as analyze
    from tokeval.visual.settings import Settings

    given = dict(dumps) if isinstance(dumps, Mapping) else {name: dumps}
    if not given:
        raise UsageError("there is no dump", "give at least one")
    axes = _axes(layout)
    read = [
        dump_of(label, one, layout=axes, codebook_size=codebook_size, scales=scales)
        for label, one in given.items()
    ]
    choices = settings or Settings()
    return analyze(read, choices, tell=untold, references=references, engine=engine, jobs=jobs)


def _axes(layout: str | None) -> Layout | None:
    """What the axes are; `None` where their number shall tell.

    Raises:
        UsageError: there is no such layout.
    """
    from tokeval.visual.dump import Layout

    names = [one.value for one in Layout]
    if layout is not None and layout not in names:
        raise UsageError(f"there is no layout {layout!r}", f"choose one of {', '.join(names)}")
    return None if layout is None else Layout(layout)
