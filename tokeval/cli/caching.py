"""What a command takes from the cache before it loads anything, and what the cache learns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.core.corpus import Slice
    from tokeval.core.metric import Metric, Parameters
    from tokeval.core.resources import Resources
    from tokeval.core.tokenizer import Tokenizer
    from tokeval.document import Report


def earlier(
    arguments: Sequence[str],
    slices: Sequence[Slice],
    parameters: Parameters,
    metrics: Sequence[Metric] | None,
    resources: Resources,
    *,
    exact_path: bool = False,
) -> Report | None:
    """The document of an equal run, from the cache; `None` where it must be measured."""
    from tokeval.core.cache import Cache
    from tokeval.loaders.identities import known_identities
    from tokeval.metrics.report import earlier_report

    known = known_identities(Cache.of("tokenizers"), arguments)
    if known is None:
        return None
    return earlier_report(
        known,
        slices,
        parameters,
        metrics=metrics,
        resources=resources,
        exact_path=exact_path,
        argv=command_line(),
    )


def loaded(arguments: Sequence[str], *, allow_download: bool, cached: bool) -> Sequence[Tokenizer]:
    """The tokenizers; the cache learns which they are, or a line says that it cannot."""
    from tokeval.core.cache import Cache, can_be_written
    from tokeval.loaders.identities import file_keys, identity, keep_identities
    from tokeval.loaders.tokenizers import load_tokenizers

    cache = Cache.of("tokenizers") if cached else None
    if cache is None:
        return load_tokenizers(arguments, allow_download=allow_download)
    if not can_be_written(cache.folder):
        message = f"tokeval: nothing is kept for the next run: {cache.folder} cannot be written"
        typer.echo(f"{message} (set TOKEVAL_CACHE_DIR, or pass --no-cache)", err=True)
    before = file_keys(arguments)
    loaded = load_tokenizers(arguments, allow_download=allow_download)
    keep_identities(cache, arguments, before, [identity(one) for one in loaded])
    return loaded


def command_line() -> list[str]:
    """The command line, for provenance."""
    return ["tokeval", *sys.argv[1:]]
