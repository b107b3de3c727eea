"""Checks of a tokenizer against the files beside it: model size, other libraries, chat template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Any

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.second_loaders import SecondLoader, definition_path, second_loaders
from tokeval.metrics.audit_checks import Checked, found, id_lists
from tokeval.metrics.codes import finding

CHAT = (
    {"role": "user", "content": "What is 2 + 2?"},
    {"role": "assistant", "content": "It is 4."},
    {"role": "user", "content": "And 3 + 3?"},
    {"role": "assistant", "content": "It is 6."},
)
"""The conversation that templates are tried on."""

MAX_SHOWN = 6
"""Tokens of each encoding that a message shows."""


def folder_of(tokenizer: Tokenizer) -> Path | None:
    """The local folder of the file that a tokenizer was loaded from."""
    path = definition_path(tokenizer)
    return path if path is None or path.is_dir() else path.parent


def settings(folder: Path | None, name: str) -> Mapping[str, Any]:
    """The JSON object in a file of the folder; empty where there is none."""
    path = None if folder is None else folder / name
    if path is None or not path.is_file():
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise TokevalError(f"{path} is not JSON: {error}", "mend or remove it") from error
    return read if isinstance(read, Mapping) else {}


def ids_beyond_size(tokenizer: Tokenizer, folder: Path | None) -> Checked:
    """Ids that are not below the `vocab_size` of the model's `config.json`."""
    config = settings(folder, "config.json")
    size = config.get("vocab_size", dict(config.get("text_config") or {}).get("vocab_size"))
    if not isinstance(size, int):
        return Checked(None)
    tokens = tokenizer.vocabulary.token_bytes
    beyond = [str(i) for i, token in enumerate(tokens) if token is not None and i >= size]
    if size > len(tokens):
        n = size - len(tokens)
        message = f"config.json declares {size:,} rows for {len(tokens):,} ids"
        return Checked(0, (finding("padded-vocab-size", tokenizer.name, message, n=n),))
    message = "{n} ids are beyond the " + f"{size:,} rows that config.json declares"
    return found("id-beyond-vocab-size", tokenizer, message, beyond)


def loader_disagreements(tokenizer: Tokenizer, texts: Sequence[str]) -> Checked:
    """Texts to which another loader of the same definition gives other ids.

    The finding names the libraries that differ, where each first does, and how many of the texts
    have encodings that the definition ranks equal; there is nothing to check without a second one.
    """
    loaders = second_loaders(tokenizer)
    if not loaders:
        return Checked(None)
    own = id_lists(tokenizer.encode_batch(texts))
    differ: dict[str, None] = {}
    said = []
    for loader in loaders:
        ids = loader.encode(texts)
        here = [(text, a, b) for text, a, b in zip(texts, own, ids, strict=True) if a != b]
        if here:
            said.append(_difference(tokenizer, loader, [(a, b) for _, a, b in here]))
        differ |= dict.fromkeys(text for text, _, _ in here)
    message = "{n} texts are given other ids by " + " and by ".join(said)
    return found("loader-disagreement", tokenizer, message, list(differ))


def _difference(
    tokenizer: Tokenizer, loader: SecondLoader, pairs: Sequence[tuple[list[int], list[int]]]
) -> str:
    """The other loader, the tokens where the first two lists part, and the number of ties."""
    mine, theirs = parting(tokenizer, *pairs[0])
    said = f"{loader.title} ({theirs} instead of {mine}"
    if loader.rate is not None:
        tied = sum(loader.rate(a) == loader.rate(b) for a, b in pairs)
        said += f"; {tied} of {len(pairs)} are ties: the scores sum to the same" if tied else ""
    # The caller's message is a format string.
    return f"{said})".replace("{", "{{").replace("}", "}}")


def parting(tokenizer: Tokenizer, own: Sequence[int], other: Sequence[int]) -> tuple[str, str]:
    """The tokens of each list from where they first differ to where they spell the same again."""
    tokens = tokenizer.vocabulary.token_bytes
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, other, strict=False)))
    spelled = [
        [(tokens[i] if i < len(tokens) else None) or b"" for i in ids[same:]]
        for ids in (own, other)
    ]
    ends = [list(accumulate(map(len, row))) for row in spelled]
    common = next((end for end in ends[0] if end and end in ends[1]), None)
    cuts = [MAX_SHOWN if common is None else row.index(common) + 1 for row in ends]
    shown = [
        " ".join(repr(token.decode(errors="replace")) for token in row[: min(cut, MAX_SHOWN)])
        for row, cut in zip(spelled, cuts, strict=True)
    ]
    return shown[0] or "nothing", shown[1] or "nothing"


def chat_template(folder: Path | None) -> str | None:
    """The chat template beside a tokenizer: the default one where there are several."""
    path = None if folder is None else folder / "chat_template.jinja"
    if path is not None and path.is_file():
        return path.read_text(encoding="utf-8")
    template = settings(folder, "tokenizer_config.json").get("chat_template")
    if isinstance(template, list):
        named = {entry.get("name"): entry.get("template") for entry in template}
        template = named.get("default")
    return template if isinstance(template, str) else None


def render(template: str, messages: Sequence[Mapping[str, str]], folder: Path) -> str | None:
    """A conversation as the template writes it, in a sandbox; `None` where it refuses to."""
    import jinja2
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> str:
        raise jinja2.TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
    )
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda _format: "1 January 2026"
    config = settings(folder, "tokenizer_config.json")
    names = {
        key: value.get("content") if isinstance(value, Mapping) else value
        for key, value in config.items()
        if key.endswith("_token")
    }
    try:
        return environment.from_string(template).render(messages=list(messages), **names)
    except (jinja2.TemplateError, TypeError, ValueError, KeyError):
        return None


def template_checks(tokenizer: Tokenizer, folder: Path | None) -> tuple[Checked, Checked]:
    """Beginnings of a chat whose tokens do not begin those of the chat; markers that inject."""
    template = chat_template(folder)
    if template is None or folder is None:
        return Checked(None), Checked(None)
    rendered = [render(template, CHAT[:k], folder) for k in range(1, len(CHAT) + 1)]
    written = [text for text in rendered if text is not None]
    if rendered[-1] is None:
        return Checked(None), Checked(None)
    ids = id_lists(tokenizer.encode_batch(written))
    breaks = [text for text, own in zip(written, ids, strict=True) if ids[-1][: len(own)] != own]
    message = "{n} beginnings of a chat have other tokens than the chat begins with"
    broken = found("template-breaks-prefix", tokenizer, message, breaks)
    return broken, _template_injection(tokenizer, template, folder, ids[-1])


def _template_injection(
    tokenizer: Tokenizer, template: str, folder: Path, written: Sequence[int]
) -> Checked:
    """Markers of the template that a message of the user can add another one of."""
    vocabulary = tokenizer.vocabulary
    added = set(tokenizer.added_texts)
    markers = {}
    for i in dict.fromkeys(written):
        text = (vocabulary.token_bytes[i] or b"").decode(errors="replace")
        is_marker = i in vocabulary.special or text in added
        # An added line end (Gemma) is written by every message, and marks nothing.
        if text.strip() and is_marker and i != vocabulary.unknown_id:
            markers[text] = i
    injecting = []
    plain = _count(tokenizer, render(template, CHAT[:1], folder))
    for text, i in markers.items():
        message = {"role": "user", "content": f"What {text} is 2 + 2?"}
        if _count(tokenizer, render(template, [message], folder)).get(i, 0) > plain.get(i, 0):
            injecting.append(text)
    said = "a message can write {n} markers of the chat template"
    return found("template-injection", tokenizer, said, injecting)


def _count(tokenizer: Tokenizer, text: str | None) -> dict[int, int]:
    """Occurrences of each id in the tokens of a text."""
    counts: dict[int, int] = {}
    for i in [] if text is None else tokenizer.encode_batch([text]).ids.tolist():
        counts[i] = counts.get(i, 0) + 1
    return counts
