"""`tokeval schema`: the JSON Schema of the result document."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of the documents that --json writes."""
    import json

    from tokeval.document import json_schema

    typer.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))
