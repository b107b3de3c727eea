"""Probes as a function: how letters and digits are cut, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from tokeval.api.inputs import load_tokenizer, tokenizers_of
from tokeval.errors import ExitCode, TokevalError, UsageError

if TYPE_CHECKING:
    from tokeval.api.inputs import Tokenizers, TokenizerSource
    from tokeval.core.tokenizer import Tokenizer
    from tokeval.document import ProbeResult, Report, Usage
    from tokeval.probe.arithmetic_items import ArithmeticSettings
    from tokeval.probe.counting_items import CountingSettings
    from tokeval.probe.items import Item, Response
    from tokeval.probe.model import Model
    from tokeval.probe.opening_model import ModelOptions

    ResultOf = Callable[[list[Response], str, Usage], ProbeResult]

Probe = Literal["numeracy", "boundary", "markov", "count", "arithmetic", "selftest"]
PROBES = ("numeracy", "boundary", "markov", "count", "arithmetic", "selftest")
MOST_TOKENS = {"count": 512, "arithmetic": 64, "selftest": 64}
"""Tokens of an answer, as on the command line: a line for each of 40 letters, or one number."""


def run_probe(
    probe: Probe,
    subjects: Tokenizers | Model | Sequence[Model],
    *,
    seed: int = 0,
    n: int | None = None,
    settings: CountingSettings | ArithmeticSettings | None = None,
    tokenizer: TokenizerSource | None = None,
    options: ModelOptions | None = None,
    max_new_tokens: int | None = None,
) -> Report:
    """Says where letters and digits hurt: `tokeval probe`.

    Args:
        probe: `numeracy`, `boundary` and `markov` look at tokenizers, the others ask models.
        subjects: one or several. Tokenizers are as `load_tokenizer` takes them, and for `markov`
            also names of trainers; models are names, folders or files, or objects that generate.
        seed: of everything that is drawn.
        n: how many numbers, prompts or questions are drawn of each kind; characters of `markov`.
        settings: of `count` or `arithmetic`, in place of `seed` and `n`.
        tokenizer: of the models, for what its cuts let expect.
        options: how models are reached; `tokeval.probe.opening_model.ModelOptions`.
        max_new_tokens: in an answer.

    Raises:
        UsageError: there is no such probe, or a choice does not fit.
        TokevalError: a tokenizer or a model cannot be read, or no model answered.
    """
    if probe not in PROBES:
        raise UsageError(f"run_probe knows no probe {probe!r}", f"choose of {', '.join(PROBES)}")
    if n is not None and not isinstance(n, int):
        raise UsageError(f"n is {n!r}", "give a whole number")
    if n is not None and n < 1:
        raise UsageError(f"n = {n} draws nothing", "draw 1 or more")
    if probe in ("numeracy", "boundary", "markov"):
        return _of_tokenizers(probe, subjects, seed, n)
    own = load_tokenizer(tokenizer) if tokenizer is not None else None
    models = _models(subjects, options)
    most = max_new_tokens or MOST_TOKENS[probe]
    if probe == "selftest":
        return _selftest(models, most)
    return _of_models(probe, models, settings or _settings(probe, seed, n), own, most)


def _of_tokenizers(probe: str, subjects: Any, seed: int, n: int | None) -> Report:
    """The document of a probe that needs no model."""
    from tokeval.core.provenance import creation_time
    from tokeval.probe.boundary import boundary
    from tokeval.probe.markov import markov
    from tokeval.probe.markov_trainers import TRAINERS
    from tokeval.probe.numeracy import numeracy
    from tokeval.probe.report import probe_report

    created = creation_time()
    several = list(subjects) if isinstance(subjects, list | tuple) else [subjects]
    is_trained = probe == "markov" and not isinstance(subjects, dict)
    trainers = [one for one in several if is_trained and isinstance(one, str) and one in TRAINERS]
    rest = [one for one in several if one not in trainers] if trainers else subjects
    loaded = tokenizers_of(rest) if rest or not trainers else []
    functions: dict[str, tuple[Callable[..., ProbeResult], str]] = {
        "numeracy": (numeracy, "n_numbers"),
        "boundary": (boundary, "n_items"),
        "markov": (markov, "n_characters"),
    }
    measure, size = functions[probe]
    drawn = {} if n is None else {size: n}
    results = [measure(one, seed=seed, **drawn) for one in (*trainers, *loaded)]
    libraries = ("tokenizers",) if trainers else ()
    return probe_report(results, created=created, tokenizers=loaded, libraries=libraries)


def _models(subjects: Any, options: ModelOptions | None) -> list[Model]:
    """The models that are meant."""
    from tokeval.probe.opening_model import ModelOptions as Options
    from tokeval.probe.opening_model import open_model

    several = list(subjects) if isinstance(subjects, list | tuple) else [subjects]
    reached = options or Options()
    return [one if hasattr(one, "generate") else open_model(str(one), reached) for one in several]


def _settings(probe: str, seed: int, n: int | None) -> CountingSettings | ArithmeticSettings:
    """The usual settings of a probe, with another size where one is given."""
    from tokeval.probe.arithmetic_items import ArithmeticSettings
    from tokeval.probe.counting_items import CountingSettings

    if probe == "count":
        counted = CountingSettings(seed=seed)
        return counted if n is None else replace(counted, n_strings=n, n_matched_pairs=n)
    summed = ArithmeticSettings(seed=seed)
    return summed if n is None else replace(summed, n_sums=n, n_products=n)


def _selftest(models: Sequence[Model], most: int) -> Report:
    """The document of what models do of what probes rely on."""
    from tokeval.core.provenance import creation_time
    from tokeval.probe.report import probe_report
    from tokeval.probe.selftest import selftest

    created = creation_time()
    results = [selftest(model, max_new_tokens=most) for model in models]
    return probe_report(results, created=created)


def _of_models(
    probe: str,
    models: Sequence[Model],
    settings: CountingSettings | ArithmeticSettings,
    own: Tokenizer | None,
    most: int,
) -> Report:
    """The document of what models answered."""
    from tokeval.core.provenance import creation_time
    from tokeval.probe.asking import ask
    from tokeval.probe.model import Generation
    from tokeval.probe.report import probe_report

    created = creation_time()
    items, stop, result_of = _questions(probe, settings, own)
    generation = Generation(max_new_tokens=most, seed=settings.seed, stop=stop)
    results, answered = [], 0
    for model in models:
        asked = ask(model, items, generation)
        answered += sum(response.text is not None for response in asked.responses)
        results.append(result_of(asked.responses, model.name, asked.usage))
    if not answered:
        raise TokevalError(
            f"no model answered any of {len(items)} questions",
            "run the probe selftest on it",
            code=ExitCode.NOTHING_MEASURED,
        )
    return probe_report(
        results,
        created=created,
        tokenizers=[own] if own is not None else [],
        parameters={
            "generation.max_new_tokens": generation.max_new_tokens,
            "generation.temperature": generation.temperature,
        },
    )


def _questions(
    probe: str, settings: CountingSettings | ArithmeticSettings, own: Tokenizer | None
) -> tuple[list[Item], tuple[str, ...], ResultOf]:
    """The questions of a probe, where answers end, and what makes a result of answers.

    Raises:
        UsageError: the settings are of another probe.
    """
    from tokeval.probe import arithmetic_items, counting_items
    from tokeval.probe.arithmetic import arithmetic_result, predicted_alignment
    from tokeval.probe.counting import count_result
    from tokeval.probe.numeracy import numeracy

    if probe == "count" and isinstance(settings, counting_items.CountingSettings):
        counted = settings

        def of_count(responses: list[Response], name: str, usage: Usage) -> ProbeResult:
            return count_result(responses, own, counted, model=name, usage=usage)

        return counting_items.counting_items(counted, own), counting_items.STOP, of_count
    if probe == "arithmetic" and isinstance(settings, arithmetic_items.ArithmeticSettings):
        summed = settings
        expected = predicted_alignment(numeracy(own, seed=summed.seed)) if own else None

        def of_sums(responses: list[Response], name: str, usage: Usage) -> ProbeResult:
            label = own.name if own else ""
            return arithmetic_result(
                responses, expected, summed, model=name, tokenizer=label, usage=usage
            )

        return arithmetic_items.arithmetic_items(summed), arithmetic_items.STOP, of_sums
    raise UsageError(
        f"{type(settings).__name__} does not go with the probe {probe}",
        "give CountingSettings for count, ArithmeticSettings for arithmetic",
    )
