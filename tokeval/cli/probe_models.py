"""`tokeval probe count|arithmetic|selftest`: what a model makes of letters and digits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokeval.cli import probe_options as given
from tokeval.cli.options import AllowDownload, Html, Json, Markdown, Quiet
from tokeval.cli.output import STDOUT_NAMES
from tokeval.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.cli.probe_asking import Asking, Found, ItemsOf, ResultOf
    from tokeval.core.tokenizer import Tokenizer
    from tokeval.document import ProbeResult, Usage
    from tokeval.probe.items import Response
    from tokeval.probe.opening_model import ModelOptions

COUNT_TOKENS = 512
"""Enough for a line for each of 40 letters."""

SUM_TOKENS = 64


def count(
    context: typer.Context,
    model: given.Models,
    base_url: given.BaseUrl = None,
    api: given.Api = "chat",
    api_key_env: given.KeyVariable = "OPENAI_API_KEY",
    tokenizer: given.ModelTokenizer = None,
    results: given.Results = None,
    letters: given.Letters = "ab,ez",
    lengths: given.CountLengths = "10-20,20-30,30-40",
    formats: given.CountFormats = "pure,space,comma,list",
    prompt: given.Prompt = "supervised",
    n: given.NStrings = 200,
    seed: given.Seed = 0,
    max_new_tokens: given.NewTokens = None,
    concurrency: given.Concurrency = None,
    timeout: given.Timeout = None,
    retries: given.Retries = None,
    limit_field: given.LimitField = None,
    omit: given.Omit = None,
    answers_as: given.AnswersAs = None,
    use_proxies: given.UseProxies = False,
    gguf_file: given.GgufFile = None,
    device: given.Device = None,
    batch_tokens: given.BatchTokens = None,
    price_in: given.PriceIn = None,
    price_out: given.PriceOut = None,
    selftest: given.Selftest = None,
    json: Json = None,
    csv: given.Csv = None,
    md: Markdown = None,
    html: Html = None,
    allow_download: AllowDownload = False,
    quiet: Quiet = False,
) -> None:
    """Ask a model how often letters occur, written in several ways."""
    from tokeval.cli.probe_asking import Asking, model_options, prices_of

    outputs = _outputs(tokenizer, results, json=json, csv=csv, md=md, html=html)
    options = model_options(context.params)
    from tokeval.probe.counting import count_result
    from tokeval.probe.counting_items import STOP, CountingSettings, counting_items
    from tokeval.probe.model import Generation

    settings = CountingSettings(
        letters=given.parts(letters, "--letters"),
        lengths=given.spans(lengths),
        formats=given.parts(formats, "--formats"),
        prompts=given.parts(prompt, "--prompt"),
        n_strings=n,
        n_matched_pairs=max(n, 0),
        seed=seed,
    )
    generation = Generation(max_new_tokens=max_new_tokens or COUNT_TOKENS, seed=seed, stop=STOP)
    asking = Asking(
        options, generation, tokenizer, results, prices_of(price_in, price_out),
        checks=base_url is not None if selftest is None else selftest,
        allow_download=allow_download, quiet=quiet,
    )  # fmt: skip

    def result_of(
        responses: list[Response], own: Tokenizer | None, name: str, usage: Usage
    ) -> ProbeResult:
        return count_result(responses, own, settings, model=name, usage=usage)

    _run(model, asking, lambda own: counting_items(settings, own), result_of, outputs)


def arithmetic(
    context: typer.Context,
    model: given.Models,
    base_url: given.BaseUrl = None,
    api: given.Api = "chat",
    api_key_env: given.KeyVariable = "OPENAI_API_KEY",
    tokenizer: given.ModelTokenizer = None,
    results: given.Results = None,
    operations: given.Operations = "addition,multiplication",
    lengths: given.SumLengths = None,
    formats: given.SumFormats = "bare,separators,spaces",
    most_digits: given.MostDigits = 5,
    examples: given.Examples = 8,
    n: given.NQuestions = 100,
    seed: given.Seed = 0,
    max_new_tokens: given.NewTokens = None,
    concurrency: given.Concurrency = None,
    timeout: given.Timeout = None,
    retries: given.Retries = None,
    limit_field: given.LimitField = None,
    omit: given.Omit = None,
    answers_as: given.AnswersAs = None,
    use_proxies: given.UseProxies = False,
    gguf_file: given.GgufFile = None,
    device: given.Device = None,
    batch_tokens: given.BatchTokens = None,
    price_in: given.PriceIn = None,
    price_out: given.PriceOut = None,
    selftest: given.Selftest = None,
    json: Json = None,
    csv: given.Csv = None,
    md: Markdown = None,
    html: Html = None,
    allow_download: AllowDownload = False,
    quiet: Quiet = False,
) -> None:
    """Ask a model for sums and products, beside what its tokenizer lets expect."""
    from tokeval.cli.probe_asking import Asking, model_options, prices_of

    outputs = _outputs(tokenizer, results, json=json, csv=csv, md=md, html=html)
    options = model_options(context.params)
    from tokeval.probe.arithmetic import arithmetic_result, predicted_alignment
    from tokeval.probe.arithmetic_items import STOP, ArithmeticSettings, arithmetic_items
    from tokeval.probe.model import Generation
    from tokeval.probe.numeracy import numeracy

    settings = ArithmeticSettings(
        tasks=given.parts(operations, "--operations"),
        lengths=given.triplets(lengths),
        formats=given.parts(formats, "--formats"),
        most_digits=most_digits,
        n_sums=n,
        n_products=n,
        n_examples=examples,
        seed=seed,
    )
    generation = Generation(max_new_tokens=max_new_tokens or SUM_TOKENS, seed=seed, stop=STOP)
    asking = Asking(
        options, generation, tokenizer, results, prices_of(price_in, price_out),
        checks=base_url is not None if selftest is None else selftest,
        allow_download=allow_download, quiet=quiet,
    )  # fmt: skip
    items = arithmetic_items(settings)

    def result_of(
        responses: list[Response], own: Tokenizer | None, name: str, usage: Usage
    ) -> ProbeResult:
        return arithmetic_result(
            responses,
            predicted_alignment(numeracy(own, seed=seed)) if own is not None else None,
            settings,
            model=name,
            tokenizer=own.name if own is not None else "",
            usage=usage,
        )

    _run(model, asking, lambda _own: items, result_of, outputs)


def selftest(
    context: typer.Context,
    model: given.Models,
    base_url: given.BaseUrl = None,
    api: given.Api = "chat",
    api_key_env: given.KeyVariable = "OPENAI_API_KEY",
    max_new_tokens: given.NewTokens = 64,
    timeout: given.Timeout = None,
    retries: given.Retries = None,
    limit_field: given.LimitField = None,
    omit: given.Omit = None,
    answers_as: given.AnswersAs = None,
    use_proxies: given.UseProxies = False,
    gguf_file: given.GgufFile = None,
    device: given.Device = None,
    json: Json = None,
    csv: given.Csv = None,
    md: Markdown = None,
    html: Html = None,
    allow_download: AllowDownload = False,
    quiet: Quiet = False,
) -> None:
    """Check that a model does what probes rely on; exit code 1 where it does not.

    Determinism, its name, stop strings, and log probabilities, which no probe needs.
    """
    from tokeval.cli.probe_asking import model_options
    from tokeval.cli.progress_stages import stages
    from tokeval.core.provenance import creation_time

    outputs = _outputs(None, None, json=json, csv=csv, md=md, html=html)
    options = model_options(context.params)
    from tokeval.probe.opening_model import open_model
    from tokeval.probe.report import probe_report
    from tokeval.probe.selftest import is_passed
    from tokeval.probe.selftest import selftest as check

    created = creation_time()
    found = []
    with stages(quiet=quiet) as tell:
        for name in dict.fromkeys(model):
            tell(f"checking {name}")
            found.append(check(open_model(name, options), max_new_tokens=max_new_tokens or 64))
    report = probe_report(
        found,
        created=created,
        libraries=_libraries(options),
        argv=["tokeval", *sys.argv[1:]],
    )
    given.deliver(report, outputs, quiet=quiet)
    if not all(map(is_passed, found)):
        raise typer.Exit(int(ExitCode.FAILED))


def _outputs(tokenizer: str | None, results: Path | None, **wanted: Path | None) -> dict[str, Path]:
    """The files to write, checked before any work, together with the file of answers."""
    if results in STDOUT_NAMES:
        raise UsageError(
            "--results cannot go to stdout: its answers are read again", "name a file, FILE.jsonl"
        )
    inputs = [tokenizer] if tokenizer else []
    named = {f"--{name}": path for name, path in wanted.items()}
    checked = given.chosen_outputs(named | {"--results": results}, inputs)
    return {option: path for option, path in checked.items() if option != "--results"}


def _run(
    models: Sequence[str],
    asking: Asking,
    items_of: ItemsOf,
    result_of: ResultOf,
    outputs: dict[str, Path],
) -> None:
    """Asks every model and delivers one document."""
    from tokeval.cli.probe_asking import ask_models
    from tokeval.core.provenance import creation_time
    from tokeval.probe.report import probe_report

    created = creation_time()
    found: Found = ask_models(models, asking, items_of=items_of, result_of=result_of)
    report = probe_report(
        found.results,
        created=created,
        tokenizers=list(found.tokenizers.values()),
        parameters={
            "generation.max_new_tokens": asking.generation.max_new_tokens,
            "generation.temperature": asking.generation.temperature,
        },
        libraries=_libraries(asking.options),
        warnings=found.warnings,
        argv=["tokeval", *sys.argv[1:]],
    )
    given.deliver(report, outputs, quiet=asking.quiet)


def _libraries(options: ModelOptions) -> tuple[str, ...]:
    """The distributions that ran or reached the model, of those that were loaded."""
    used = ("torch", "transformers") if options.base_url is None else ("httpx",)
    return tuple(name for name in used if name in sys.modules)
