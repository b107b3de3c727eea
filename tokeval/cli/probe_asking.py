"""Asking the models of a command line: opened one after the other, resumed, interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokeval.errors import ExitCode, TokevalError, UsageError

if TYPE_CHECKING:
    from tokeval.core.tokenizer import Tokenizer
    from tokeval.document import ProbeResult, Usage
    from tokeval.probe.asking import Prices
    from tokeval.probe.items import Item, Response
    from tokeval.probe.model import Generation
    from tokeval.probe.opening_model import ModelOptions

NO_TOKENIZER = "none"

_PARAMETERS = {"n_at_once": "concurrency", "n_retries": "retries"}
"""Parameters of commands that the options of models call otherwise."""

ItemsOf = Callable[["Tokenizer | None"], "list[Item]"]
ResultOf = Callable[["list[Response]", "Tokenizer | None", str, "Usage"], "ProbeResult"]


@dataclass(frozen=True)
class Asking:
    """How models are asked.

    Attributes:
        options: how each is reached.
        generation: how answers are generated.
        tokenizer: the argument of the user; `None` for that of the model.
        results: the answers file, if there is one.
        prices: of tokens, if they are known.
        checks: whether each model is checked first.
        allow_download: whether hubs may be asked for tokenizers.
        quiet: no progress.
    """

    options: ModelOptions
    generation: Generation
    tokenizer: str | None = None
    results: Path | None = None
    prices: Prices | None = None
    checks: bool = False
    allow_download: bool = False
    quiet: bool = False


@dataclass
class Found:
    """What came of all models: results in order, their tokenizers, and what a reader must know.

    `silent` has a line for each model that answered no question at all.
    """

    results: list[ProbeResult] = field(default_factory=list)
    tokenizers: dict[str, Tokenizer] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def model_options(parameters: Mapping[str, Any]) -> ModelOptions:
    """The options among the parameters of a command; those that were not given are the usual."""
    from tokeval.probe.opening_model import ModelOptions

    named = {one.name: _PARAMETERS.get(one.name, one.name) for one in fields(ModelOptions)}
    known: dict[str, Any] = {name: parameters.get(parameter) for name, parameter in named.items()}
    known["omit"] = tuple(known["omit"] or ()) or None
    known = {name: value for name, value in known.items() if value is not None}
    if known.get("api", "chat") not in ("chat", "completions"):
        raise UsageError(f"there is no --api {known['api']!r}", "choose chat or completions")
    return ModelOptions(**known)


def prices_of(price_in: float | None, price_out: float | None) -> Prices | None:
    """Both prices, or none.

    Raises:
        UsageError: there is one only.
    """
    from tokeval.probe.asking import Prices

    if price_in is None and price_out is None:
        return None
    if price_in is None or price_out is None:
        raise UsageError("a cost needs both prices", "give --price-in and --price-out")
    return Prices(price_in, price_out)


def ask_models(
    models: Sequence[str], asking: Asking, *, items_of: ItemsOf, result_of: ResultOf
) -> Found:
    """The results of asking every model, one after the other.

    Raises:
        TokevalError: a model cannot be asked; with code 130 where Ctrl-C ended the run, and with
            5 where no model answered any question.
        UsageError: one answers file cannot hold the answers of all models.
    """
    from tokeval.probe.items import items_sha256

    found = Found()
    first = ""
    for name in dict.fromkeys(models):
        tokenizer = _tokenizer(name, asking, found)
        items = items_of(tokenizer)
        first = first or items_sha256(items)
        if asking.results is not None and items_sha256(items) != first:
            raise UsageError(
                f"{asking.results} cannot keep the answers of {name} too, whose tokenizer gives "
                "other questions",
                "run once for each model, or name one --tokenizer",
            )
        _ask_model(name, items, tokenizer, asking, found, result_of)
    if len(found.silent) == len(set(models)):
        raise TokevalError(
            "; ".join(found.silent),
            "mend what is named here, then run the same command again",
            code=ExitCode.NOTHING_MEASURED,
        )
    return found


def _ask_model(
    name: str,
    items: list[Item],
    tokenizer: Tokenizer | None,
    asking: Asking,
    found: Found,
    result_of: ResultOf,
) -> None:
    """Adds the results of one model."""
    from tokeval.cli.progress_stages import stages
    from tokeval.probe.asking import ask
    from tokeval.probe.opening_model import open_model
    from tokeval.probe.selftest import selftest

    n_done, n_asked = 0, 0
    try:
        with stages(quiet=asking.quiet) as show:

            def tell(stage: str, done: int = 0, total: int | None = None) -> None:
                nonlocal n_done, n_asked
                n_done, n_asked = done, total or 0
                show(f"{stage} {name}", done, total)

            tell("opening")
            model = open_model(name, asking.options)
            if asking.checks:
                tell("checking")
                found.results.append(selftest(model))
            asked = ask(
                model,
                items,
                asking.generation,
                results=asking.results,
                prices=asking.prices,
                tell=tell,
            )
    except KeyboardInterrupt:
        raise _interrupted(n_done, n_asked, asking.results) from None
    if len(asked.model_names) > 1:
        names = " and ".join(asked.model_names)
        found.warnings.append(f"{name} answered as {names}: it may be more than one model")
    if all(response.text is None for response in asked.responses):
        reason = asked.responses[0].finish_reason
        found.silent.append(f"{name} answered none of {len(items)} questions: {reason}")
    found.results.append(result_of(asked.responses, tokenizer, model.name, asked.usage))


def _interrupted(n_done: int, n_asked: int, results: Path | None) -> TokevalError:
    """The line for Ctrl-C: what is kept, and how to go on."""
    how_far = f"interrupted after {n_done} of {n_asked} questions" if n_asked else "interrupted"
    if results is None:
        message, hint = f"{how_far}; nothing is kept", "give --results FILE.jsonl to keep answers"
    else:
        message = f"{how_far}; the answers so far are in {results}"
        hint = "run the same command again to go on"
    return TokevalError(message, hint, code=ExitCode.INTERRUPTED)


def _tokenizer(model: str, asking: Asking, found: Found) -> Tokenizer | None:
    """The tokenizer that the user named, or that of a model on this machine; else none."""
    from tokeval.loaders.tokenizers import load_tokenizer

    if asking.tokenizer == NO_TOKENIZER:
        return None
    place = asking.tokenizer or _own_tokenizer(model, asking.options)
    if place is None:
        return None
    if place not in found.tokenizers:
        try:
            found.tokenizers[place] = load_tokenizer(place, allow_download=asking.allow_download)
        except TokevalError as error:
            if asking.tokenizer is not None:
                raise
            found.warnings.append(
                f"the tokenizer of {model} is left out: {error.message} (name it with --tokenizer)"
            )
            return None
    return found.tokenizers[place]


def _own_tokenizer(model: str, options: ModelOptions) -> str | None:
    """Where the tokenizer of a model on this machine is, if it can be seen."""
    path = Path(model)
    if options.base_url is not None:
        return None
    if path.is_file() and path.suffix == ".gguf":
        return model
    if options.gguf_file is not None and (path / options.gguf_file).is_file():
        return str(path / options.gguf_file)
    return str(path / "tokenizer.json") if (path / "tokenizer.json").is_file() else None
