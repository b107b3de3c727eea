"""The baseline for start-up: the smallest program that typer makes, with a help page."""

from __future__ import annotations

import typer


def hello(name: str = "world") -> None:
    """Greets by name."""
    typer.echo(f"hello {name}")


if __name__ == "__main__":
    typer.run(hello)
