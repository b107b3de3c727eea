"""Where a result comes from: the tokenizer, the versions of libraries, and the time."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata

from tokeval.core.tokenizer import Tokenizer
from tokeval.document import TokenizerInfo
from tokeval.errors import UsageError


def tokenizer_info(tokenizer: Tokenizer) -> TokenizerInfo:
    """Which tokenizer it was."""
    return TokenizerInfo(
        fingerprint=tokenizer.fingerprint,
        loader=tokenizer.loader,
        source=tokenizer.source,
        model=tokenizer.model,
        vocab_size=len(tokenizer.vocabulary),
        notes=tuple(tokenizer.notes),
    )


def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Versions of Python and of the named distributions, which the numbers depend on."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def creation_time() -> str:
    """The time in UTC, or that of SOURCE_DATE_EPOCH, to the second."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {epoch!r}", "set it to seconds since 1970, or unset it"
        ) from error
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
