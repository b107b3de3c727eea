"""Mistral's tekken JSON, which states a BPE by rank."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.definition_files import read_definition
from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer

# Files up to version v7 may leave out their special tokens; these are the first twenty then, and
# `<SPECIAL_20>` and so on follow (mistral-common, Tekkenizer.DEPRECATED_SPECIAL_TOKENS).
DEFAULT_SPECIAL = (  # noqa: SIM905 - twenty names are read more easily in a block
    "<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] "
    "[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] [SUFFIX] "
    "[SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]"
).split()
VERSIONS_WITH_DEFAULTS = ("v1", "v2", "v3", "v7")


def load_tekken(path: str, *, name: str) -> Tokenizer:
    """The tokenizer of a tekken JSON: ids are ranks after the special tokens.

    Only the first `default_vocab_size` - `default_num_special_tokens` entries are in use, as in
    mistral-common.

    Raises:
        TokevalError: the file cannot be read, or it is no tekken JSON; it names the entry.
    """
    what = "a tekken file is the JSON that Mistral publishes as `tekken.json`"
    try:
        stated = json.loads(read_definition(path))
    except ValueError as error:
        raise TokevalError(f"{path} is not JSON: {error}", what) from error
    config = stated.get("config") if isinstance(stated, dict) else None
    if not isinstance(config, dict) or not isinstance(stated.get("vocab"), list):
        raise TokevalError(f"{path} has no `config` and `vocab`", what)
    pattern, n_ids, n_special = (
        config.get(key) for key in ("pattern", "default_vocab_size", "default_num_special_tokens")
    )
    if not (isinstance(pattern, str) and isinstance(n_ids, int) and isinstance(n_special, int)):
        raise TokevalError(
            f"{path}: `config` lacks `pattern`, `default_vocab_size` or "
            "`default_num_special_tokens`",
            what,
        )
    if not 0 <= n_special < n_ids <= len(stated["vocab"]) + n_special:
        raise TokevalError(
            f"{path}: {n_ids} ids less {n_special} special ones do not fit `vocab`, which has "
            f"{len(stated['vocab'])} entries",
            what,
        )
    special = _special_ids(stated, n_special=n_special, path=path)
    ranks = _ranks(stated["vocab"][: n_ids - n_special], path)
    unused = len(stated["vocab"]) - len(ranks)
    return RankedTokenizer(
        RankedDefinition(ranks, pattern, special, shift=n_special),
        name=name,
        source=path,
        bos_id=special.get("<s>"),
        eos_id=special.get("</s>"),
        notes=(
            "texts of special tokens are encoded as ordinary text",
            *([f"{unused} tokens of the file are beyond its vocabulary size"] if unused else []),
        ),
    )


def _ranks(entries: Sequence[Any], path: str) -> dict[bytes, int]:
    """Rank by token of the entries in use, whose ranks must be their places."""
    ranks: dict[bytes, int] = {}
    for place, entry in enumerate(entries):
        try:
            token, rank = base64.b64decode(entry["token_bytes"], validate=True), entry["rank"]
        except (KeyError, TypeError, ValueError) as error:
            raise TokevalError(
                f"{path}: entry {place} of `vocab` has no rank and no base64 `token_bytes`: "
                f"{error}",
                "fetch the file again",
            ) from error
        if rank != place or token in ranks:
            raise TokevalError(
                f"{path}: entry {place} of `vocab` has rank {rank}"
                + (f" and repeats the token of entry {ranks[token]}" if token in ranks else ""),
                "entries stand in the order of their ranks, from 0, each with its own token",
            )
        ranks[token] = rank
    return ranks


def _special_ids(stated: dict[str, Any], *, n_special: int, path: str) -> dict[str, int]:
    """Id of each special token: stated or the defaults, then fillers up to their number."""
    entries = stated.get("special_tokens")
    if entries is None:
        version = stated["config"].get("version")
        if version not in VERSIONS_WITH_DEFAULTS:
            raise TokevalError(
                f"{path} has no `special_tokens`, which version {version} needs",
                "fetch the file again",
            )
        entries = [{"rank": i, "token_str": text} for i, text in enumerate(DEFAULT_SPECIAL)]
    try:
        special = {str(entry["token_str"]): int(entry["rank"]) for entry in entries}
    except (KeyError, TypeError, ValueError) as error:
        raise TokevalError(
            f"{path}: an entry of `special_tokens` has no `token_str` and `rank`: {error}",
            "fetch the file again",
        ) from error
    if len(special) != len(entries) or sorted(special.values()) != list(range(len(entries))):
        raise TokevalError(
            f"{path}: `special_tokens` repeats a token or a rank, or skips one",
            "fetch the file again",
        )
    if len(special) > n_special:
        raise TokevalError(
            f"{path} has {len(special)} special tokens, but says {n_special}",
            "set `default_num_special_tokens` to their number",
        )
    return special | {f"<SPECIAL_{i}>": i for i in range(len(special), n_special)}
