"""The `tokeval` command: its subcommands, and the one place that prints errors and exits."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from tokeval.cli import (
    cache,
    compare,
    corpora,
    correlate,
    default_command,
    demo,
    explain,
    gate,
    metrics,
    mixture,
    probe,
    probe_export,
    probe_models,
    probe_train,
    report,
    schema,
    simulate,
    tokens,
    visual,
    visual_demo,
    visual_encode,
    visual_perturb,
)
from tokeval.cli.settings import CommandLineError, configure, make_configurable
from tokeval.errors import ExitCode, TokevalError

INTERRUPTED = "interrupted; nothing more was written"

app = typer.Typer(
    name="tokeval",
    help="How good is this tokenizer for my languages, code and domain?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
metrics_app = typer.Typer(
    cls=default_command.DefaultCommandGroup,
    help="Measure tokenizers on text, with intervals, beside each other.",
)
metrics_app.command(default_command.DEFAULT, hidden=True)(metrics.metrics)
metrics_app.command("correlate")(correlate.correlate)
app.add_typer(metrics_app, name="metrics")
mixture_app = typer.Typer(
    cls=default_command.DefaultCommandGroup,
    help="Infer what BPE tokenizers were trained on, from the order of their merges.",
)
mixture_app.command(default_command.DEFAULT, hidden=True)(mixture.mixture)
mixture_app.command("simulate")(simulate.simulate)
app.add_typer(mixture_app, name="mixture")
visual_app = typer.Typer(
    cls=default_command.DefaultCommandGroup,
    help="Say how language-like the discrete tokens of images, video and sound are.",
)
visual_app.command(default_command.DEFAULT, hidden=True)(visual.visual)
visual_app.command("compare")(visual.compare)
visual_app.command("demo")(visual_demo.visual_demo)
visual_app.command("encode")(visual_encode.encode)
visual_app.command("perturb")(visual_perturb.perturb)
app.add_typer(visual_app, name="visual")
probe_app = typer.Typer(
    no_args_is_help=True,
    help="Say where letters and digits hurt: by the cuts of a tokenizer, and by asking a model.",
)
probe_app.command("numeracy")(probe.numeracy)
probe_app.command("boundary")(probe.boundary)
probe_app.command("markov")(probe.markov)
probe_app.command("count")(probe_models.count)
probe_app.command("arithmetic")(probe_models.arithmetic)
probe_app.command("train")(probe_train.train)
probe_app.command("selftest")(probe_models.selftest)
probe_app.command("export")(probe_export.export)
app.add_typer(probe_app, name="probe")
app.command("compare")(compare.compare)
gate_app = typer.Typer(
    cls=default_command.DefaultCommandGroup,
    help="Hold a run to rules: absolute bounds, and changes from a baseline.",
)
gate_app.command(default_command.DEFAULT, hidden=True)(gate.gate)
gate_app.command("init")(gate.init)
app.add_typer(gate_app, name="gate")
app.command("tokens")(tokens.tokens)
app.command("explain")(explain.explain)
app.command("demo")(demo.demo)
app.command("report")(report.report)
app.command("schema")(schema.schema)
app.add_typer(corpora.app, name="corpora")
app.add_typer(cache.app, name="cache")


def _print_version(wanted: bool) -> None:
    """Prints the version of tokeval, and those of what its numbers rest on; then ends."""
    if wanted:
        from tokeval.cli.version import versions

        typer.echo("\n".join(versions()))
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar="TOKEVAL_CONFIG",
            help="Take settings from this file only, not from the nearest tokeval.toml.",
        ),
    ] = None,
    show_settings: Annotated[
        bool,
        typer.Option(
            "--show-settings",
            help="Say what each option of a command is and where that comes from; measure nothing.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print versions and exit."
        ),
    ] = False,
) -> None:
    """How good is this tokenizer for my languages, code and domain?

    Options come from the command line, else from variables TOKEVAL_COMMAND_OPTION, else from
    tokeval.toml, else from [tool.tokeval] in pyproject.toml.
    """
    configure(ctx, config, show=show_settings)


def main() -> None:
    """Runs the command line and exits with a documented code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line on the given arguments, or on those of the process.

    Returns:
        the exit code; errors have been printed to stderr, one line each.
    """
    make_configurable(app)
    try:
        result = app(arguments, standalone_mode=False)
    except TokevalError as error:
        _print_error(error.message, error.hint)
        return int(error.code)
    except (typer.Abort, KeyboardInterrupt):
        _print_error(INTERRUPTED, "")
        return int(ExitCode.INTERRUPTED)
    except CommandLineError as error:
        command = getattr(getattr(error, "ctx", None), "command_path", "tokeval")
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        _print_error(message, f"see `{command} --help`")
        return int(ExitCode.USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        return int(ExitCode.DONE)
    except Exception:  # noqa: BLE001 - the last line of defence: what arrives here is our own bug
        traceback.print_exc()
        _print_error("this is a bug in tokeval; please report it with the lines above", "")
        return int(ExitCode.BUG)
    if result == ExitCode.INTERRUPTED:
        _print_error(INTERRUPTED, "")
    return result if isinstance(result, int) else int(ExitCode.DONE)


def _print_error(message: str, hint: str) -> None:
    """One line on stderr: what was wrong, and how to mend it."""
    text = f"tokeval: {message}" + (f" ({hint})" if hint else "")
    typer.echo(" ".join(text.split()), err=True)
