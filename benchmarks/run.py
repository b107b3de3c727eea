"""Measures tokeval against named baselines in the same run and writes RESULTS.md."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import tokeval
from benchmarks import scaling
from benchmarks.kept import Kept, sources_hash
from benchmarks.peers import measure_peers
from benchmarks.plots import write_plots
from benchmarks.processes import CommandError
from benchmarks.results import Comparison, Point, machine, markdown
from benchmarks.speed import N_STARTS, measure_speed, peak_memory
from benchmarks.text import CACHE, TextError, help_texts, repeated_share, standard_library_texts
from benchmarks.tokenizer_files import packaged_tokenizers, trained_tokenizers

RESULTS = Path(__file__).parent / "RESULTS.md"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
PARTS = ("speed", "peers", "size", "visual", "mixture")
MAX_REPEATED_SHARE = 0.05
QUICK_BYTES = 2_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every target is met, 1 when one is missed, 2 when nothing was measured."""
    options = _options(arguments)
    try:
        if options.quick:
            return _quick(options)
        texts = help_texts(options.size * 1_000_000)
        about = _about(texts, options)
        kept = Kept(CACHE / "results", _setting(options), fresh=options.fresh)
        _measure(options, kept, texts)
    except (TextError, CommandError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    results, missed = _results(kept, about)
    print(results)
    RESULTS.write_text(results, encoding="utf-8")
    write_plots((one for _, one in kept.all() if isinstance(one, Point)), FIGURES)
    return int(missed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few MB, once, without limits")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; repeatable")
    parser.add_argument("--size", type=int, default=52, metavar="MB", help="text (default: 52)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="of the library (default: 2)")
    parser.add_argument("--full", action="store_true", help="also 1 GB and 10^9 tokens, slow")
    parser.add_argument("--fresh", action="store_true", help="measure again what is kept")
    parser.add_argument(
        "--tokenizer",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a tokenizer.json; repeatable; comes before those that are there anyway",
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


def _setting(options: argparse.Namespace) -> str:
    """What must be equal for kept records to count: machine, versions, sources, threads."""
    described = machine()
    described[0] = described[0].partition("; load average")[0]
    source = sources_hash(Path(str(tokeval.__file__)).parent)
    return "\n".join([*described, source, str(options.threads), *sorted(options.tokenizer)])


def _about(texts: dict[str, Path], options: argparse.Namespace) -> list[str]:
    """What is to be said of the text and the setting.

    Raises:
        TextError: the text repeats too many lines to be a fair measure.
    """
    n_bytes = sum(path.stat().st_size for path in texts.values())
    share = repeated_share(texts.values())
    if share > MAX_REPEATED_SHARE:
        raise TextError(f"{share:.1%} of the lines are repeated; at most 5% may be")
    return [
        f"text: {n_bytes / 1e6:.1f} MB in {len(texts)} slices ({', '.join(texts)}); "
        f"{share:.2%} of its lines are repeated",
        f"threads: RAYON_NUM_THREADS={options.threads} and TOKENIZERS_PARALLELISM="
        f"{'true' if options.threads > 1 else 'false'} for both sides; tokeval with its defaults "
        "(all default families, engine `auto`), cache folders empty in every run, but for numba's "
        "machine code",
    ]


def _measure(options: argparse.Namespace, kept: Kept, texts: dict[str, Path]) -> None:
    """Measures the parts that are asked for and not kept."""
    parts, n_threads = options.only or PARTS, options.threads
    trained = trained_tokenizers(texts, 12, f"{options.size}")
    given = dict(map(_named_file, options.tokenizer))
    packaged = packaged_tokenizers()
    first = len(given) or len(packaged) + 1
    tokenizers = dict(itertools.islice((given | packaged | trained).items(), 12))
    reference = trained["gpt2-32k"]
    if "speed" in parts:
        measure_speed(
            *(kept, tokenizers, texts),
            single=first,
            n_runs=options.repeat,
            n_starts=N_STARTS,
            n_threads=n_threads,
        )
        if options.full:
            at_1_gb = partial(peak_memory, reference, texts, n_threads=n_threads)
            kept.get("speed memory", at_1_gb)
    if "peers" in parts:
        measure_peers(kept, reference, texts, n_runs=1, n_threads=n_threads)
    if "size" in parts:
        sizes = (*scaling.MEGABYTES, *(scaling.MORE_MEGABYTES if options.full else ()))
        scaling.measure_metrics(kept, tokenizers, texts, megabytes=sizes, n_threads=n_threads)
    if "visual" in parts:
        more = scaling.MORE_VISUAL_TOKENS if options.full else ()
        scaling.measure_visual(kept, (*scaling.VISUAL_TOKENS, *more))
    if "mixture" in parts:
        scaling.measure_mixture(
            *(kept, trained["gpt2-32k"], texts),
            megabytes=scaling.MIXTURE_MEGABYTES,
            merges=scaling.N_MERGES,
            n_threads=n_threads,
        )


def _results(kept: Kept, about: Sequence[str]) -> tuple[str, bool]:
    """The results file, and whether a target is missed."""
    records = [record for _, record in kept.all()]
    comparisons = [record for record in records if isinstance(record, Comparison)]
    points = [record for record in records if isinstance(record, Point)]
    written = markdown(comparisons, points, failures=kept.failures, about=about)
    return written, any(comparison.missed for comparison in comparisons)


def _quick(options: argparse.Namespace) -> int:
    """Runs something of each part but peers, which would have to be installed; keeps nothing."""
    texts = standard_library_texts(QUICK_BYTES)
    trained = trained_tokenizers(texts, 1, "quick")
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept(Path(folder), "quick")
        measure_speed(
            *(kept, trained, texts), single=1, n_runs=1, n_starts=1, n_threads=options.threads
        )
        scaling.measure_visual(kept, (10**6,))
        at = partial(scaling.mixture_point, n_merges=100, n_threads=options.threads)
        halves = scaling.divided(texts, 2, Path(folder))
        kept.get("curve merges", partial(at, "merges", 100, trained["gpt2-16k"], halves))
        results, _ = _results(kept, ["a quick run: its figures say nothing"])
    print(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
