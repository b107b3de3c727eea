"""`tokeval gate`: holds a run to rules, and says so to people, build servers and the shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.cli.options import Json, Markdown, Quiet
from tokeval.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tokeval.document import GateResult, Report
    from tokeval.gate.rules import Rules


def gate(
    context: typer.Context,
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN.json", help="A document that tokeval wrote with --json."),
    ],
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="The run that changes are held against."),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules",
            metavar="FILE",
            help="TOML with rules; those in tokeval.toml or pyproject.toml when absent.",
        ),
    ] = None,
    write_baseline: Annotated[
        bool,
        typer.Option(
            "--write-baseline",
            help="Put the run at --baseline when it passes, or when nothing is there yet.",
        ),
    ] = False,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="What goes to stdout: table, github, junit, sarif, json or md; repeatable.",
        ),
    ] = None,
    json: Json = None,
    md: Markdown = None,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write JUnit XML, one test for each check."),
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF 2.1.0.")
    ] = None,
    quiet: Quiet = False,
) -> int:
    """Hold a run to rules; exit 1 when it fails one.

    In GitHub Actions there are annotations, and a summary of the job, without being asked for.
    `tokeval gate init` writes rules to start with.
    """
    from tokeval.cli.gate_outputs import formats_of, tell
    from tokeval.cli.output import STDOUT_NAMES, check_outputs
    from tokeval.document import load
    from tokeval.gate.verdict import gate as verdict_of

    if write_baseline and baseline in STDOUT_NAMES:
        raise UsageError("--baseline is stdout, which cannot be read again", "name a file")
    wanted = {"--json": json, "--md": md, "--junit": junit, "--sarif": sarif}
    outputs = {option: path for option, path in wanted.items() if path is not None}
    formats = formats_of(format_, outputs)
    if write_baseline and baseline is None:
        raise UsageError(
            "--write-baseline does not say where", "add --baseline FILE, such as baseline.json"
        )
    written = {"--baseline": baseline} if write_baseline and baseline else {}
    read = [path for path in (run, rules, None if write_baseline else baseline) if path]
    check_outputs({**outputs, **written}, read)
    known = _rules(context, rules)
    report = load(run)
    before = _baseline(baseline, report, writes=write_baseline)
    _check_metrics(report, known, before)
    source = str(baseline) if baseline is not None else ""
    result = verdict_of(report, known, before, baseline_source=source)
    if baseline is not None and write_baseline:
        _write_baseline(baseline, report, result)
    tell(result, report, formats, outputs, quiet=quiet)
    return int(ExitCode.DONE if result.verdict == "pass" else ExitCode.FAILED)


def init(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN.json", help="A document that tokeval wrote with --json."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where the rules go; - is stdout."),
    ] = Path("-"),
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            help="Rules for this metric; repeatable. Bytes per token, fertility, unknown tokens "
            "and lossless texts when absent.",
        ),
    ] = None,
    regressions: Annotated[
        bool,
        typer.Option("--regressions", help="Rules against a baseline, in place of bounds."),
    ] = False,
) -> None:
    """Write rules to start with: the numbers of a run, give or take two standard errors."""
    from tokeval.cli.output import STDOUT, check_outputs, write_atomically
    from tokeval.document import load
    from tokeval.gate.starting_rules import starting_rules

    check_outputs({"--output": output}, [run])
    if output != STDOUT and output.exists():
        raise UsageError(
            f"{output} is there already", "give -o another file, or move the rules by hand"
        )
    text = starting_rules(load(run), metric or (), source=run.name, compare=regressions)
    write_atomically(output, text)
    if output != STDOUT:
        typer.echo(f"wrote {output}: {text.count('[[gate]]')} rules; try: tokeval gate {run}")


def _rules(context: typer.Context, chosen: Path | None) -> Rules:
    """The rules of a file, or of the configuration that is nearest.

    Raises:
        UsageError: there are none, or one is malformed.
    """
    from tokeval.config import FILE_NAME, PROJECT_FILE, read_configuration, shown
    from tokeval.gate.reading import read_rules
    from tokeval.gate.verdict import NO_RULES

    if chosen is not None:
        paths = [chosen.expanduser().absolute()]
    else:
        configuration = read_configuration(context.find_root().params.get("config"))
        paths = [file.path for file in configuration.files if "gate" in file.tables]
    for path in paths:
        found = read_rules(path, shown=shown(path))
        if found.rules:
            return found
    where = shown(paths[0]) if paths else f"{FILE_NAME} and {PROJECT_FILE}"
    raise UsageError(f"there are no rules in {where}", NO_RULES)


def _baseline(path: Path | None, report: Report, *, writes: bool) -> Report | None:
    """The run before; the run itself where it is about to become the first baseline.

    Raises:
        UsageError: there is no such file, and none is to be written.
        TokevalError: it cannot be read.
    """
    from tokeval.document import load

    if path is None:
        return None
    if path.exists():
        return load(path)
    if writes:
        return report
    raise UsageError(
        f"there is no baseline {path}", "write the run there by adding --write-baseline"
    )


def _check_metrics(report: Report, rules: Rules, before: Report | None) -> None:
    """Raises a UsageError for a metric that there is not; one that is only missing is a verdict."""
    import difflib

    from tokeval.cli.completion import IDS_BY_FAMILY
    from tokeval.gate.cells import SHARE, numbers
    from tokeval.gate.verdict import place, unmet_metrics

    known = {SHARE.id, *(one for ids in IDS_BY_FAMILY.values() for one in ids.split())}
    unmet = [rule for rule in unmet_metrics(report, rules, before) if rule.metric not in known]
    if not unmet:
        return
    known |= _further_metrics()
    for rule in unmet:
        if rule.metric in known:
            continue
        there = sorted({key[1] for key in numbers(report)})
        near = difflib.get_close_matches(rule.metric, there, n=1)
        near = near or difflib.get_close_matches(rule.metric, sorted(known), n=1)
        listed = ", ".join(there[:12]) + (", …" if len(there) > 12 else "")
        hint = f"did you mean {near[0]}?" if near else f"the run has: {listed}"
        raise UsageError(f"{place(rule, rules)}: there is no metric {rule.metric!r}", hint)


def _further_metrics() -> set[str]:
    """Ids of the metrics of the other analyses, and of plugins."""
    from tokeval.metrics.catalogue import CATALOGUE
    from tokeval.probe.catalogue import METRICS
    from tokeval.visual.catalogue import CATALOGUE as VISUAL

    return {*CATALOGUE, *(info.id for info in (*METRICS, *VISUAL))}


def _write_baseline(path: Path, report: Report, result: GateResult) -> None:
    """Puts the run at the path when it passed a check, or when there is nothing yet."""
    from tokeval.cli.output import write_atomically
    from tokeval.document import dump
    from tokeval.gate.verdict import found_a_number

    if path.exists() and (result.verdict == "fail" or not found_a_number(result.rules)):
        why = "the gate failed" if result.verdict == "fail" else "nothing was checked"
        typer.echo(f"kept the baseline {path}: {why}", err=True)
        return
    write_atomically(path, dump(report))
    typer.echo(f"wrote the baseline {path}", err=True)
