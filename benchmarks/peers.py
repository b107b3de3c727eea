"""Other packages on the same text and tokenizer: what they take beside `tokeval metrics`."""

from __future__ import annotations

import subprocess
import sys
import venv
from functools import partial
from pathlib import Path

from benchmarks import peer_runs
from benchmarks.kept import Kept
from benchmarks.processes import CommandError, Run, run
from benchmarks.results import Comparison, wall_time
from benchmarks.speed import counted_metrics
from benchmarks.text import CACHE

INSTALLED = {
    "tiktoken": ("tiktoken",),
    "toklens": ("toklens",),
    "tokscope": ("tokscope", "tokenizers"),
    "tokenization-scorer": ("tokenization-scorer", "tokenizers"),
    "polars-tokenizer": ("polars-tokenizer",),
    "qtok": ("qtok",),
}
SAID = {
    "tiktoken": "token counts, same ranks and pattern",
    "toklens": "its five measures, file by file",
    "tokscope": "its report, file by file",
    "tokenization-scorer": "encoding and Rényi efficiency of order 2.5",
    "polars-tokenizer": "token counts of its own o200k_base: it takes no other tokenizer",
    "qtok": "tables and figures of the vocabulary: it reads no text",
}
_INSTALL_SECONDS = 600


def measure_peers(
    kept: Kept, tokenizer: Path, texts: dict[str, Path], *, n_runs: int, n_threads: int
) -> None:
    """A comparison with each peer; why not, where one does not install or does not run."""
    megabytes = sum(path.stat().st_size for path in texts.values()) / 1e6
    for peer in INSTALLED:
        key = f"peer {peer} {megabytes:.0f}"
        pair = partial(_compared, peer, tokenizer, texts, n_runs=n_runs, n_threads=n_threads)
        try:
            kept.get(key, pair)
        except CommandError as error:
            kept.failures[peer] = str(error).strip().splitlines()[-1]


def peer_python(peer: str) -> str:
    """The interpreter of an environment with a peer, made where there is none.

    Raises:
        CommandError: it does not install.
    """
    folder = CACHE / "peers" / peer
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.is_file():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *INSTALLED[peer]]
        try:
            made = subprocess.run(
                command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise CommandError(f"not installed after {_INSTALL_SECONDS} s") from error
        if made.returncode:
            errors = [line for line in made.stderr.splitlines() if line.startswith("ERROR")]
            raise CommandError(f"does not install: {(errors or ['no reason given'])[0]}")
        done.touch()
    return str(python)


def _compared(
    peer: str, tokenizer: Path, texts: dict[str, Path], *, n_runs: int, n_threads: int
) -> Comparison:
    """Interleaved runs of `tokeval metrics` and of a peer.

    Raises:
        CommandError: the peer fails, or counts another number of tokens of the same tokenizer.
    """
    python = sys.executable if peer == "tiktoken" else peer_python(peer)
    command = [python, str(peer_runs.__file__), peer, str(tokenizer), *map(str, texts.values())]
    measured: list[Run] = []
    baseline: list[Run] = []
    for _ in range(n_runs):
        baseline.append(run(command, n_threads=n_threads))
        done, n_tokens = counted_metrics({"t": tokenizer}, texts, n_threads=n_threads)
        measured.append(done)
        said = baseline[-1].output.strip()
        if said and [int(said)] != n_tokens:
            raise CommandError(f"tokeval counts {n_tokens[0]} tokens, {peer} {said}")
    megabytes = sum(path.stat().st_size for path in texts.values()) / 1e6
    return wall_time(f"{peer}: {SAID[peer]} ({megabytes:.0f} MB)", measured, baseline, None)
