"""What `--version` says: tokeval, Python, and the libraries that change numbers."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from tokeval import __version__

LIBRARIES = (
    "tokenizers", "tiktoken", "sentencepiece", "regex", "pyicu-wheels", "numpy", "scipy", "typer",
)  # fmt: skip


def versions() -> list[str]:
    """A line for tokeval, which is the first, for Python, and for each library."""
    lines = [f"tokeval {__version__}", f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return lines
