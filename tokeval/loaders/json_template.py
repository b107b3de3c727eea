"""Which ids a tokenizer puts before and after a text: its template, or the files beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File, is_url, reading
from tokeval.loaders.json_vocabulary import AddedToken
from tokeval.loaders.opening import open_binary

BESIDE = ("tokenizer_config.json", "special_tokens_map.json")

_USUAL_NAMES = {  # the bars of DeepSeek's names are full-width
    "bos_token": (
        "<s>", "<bos>", "[CLS]", "[BOS]", "<|begin_of_text|>", "<|startoftext|>",
        "<\uff5cbegin▁of▁sentence\uff5c>", "<BOS>",
    ),
    "eos_token": (
        "</s>", "<eos>", "[SEP]", "[EOS]", "<|end_of_text|>", "<|endoftext|>",
        "<\uff5cend▁of▁sentence\uff5c>", "<EOS>", "<EOT>",
    ),
}  # fmt: skip


def template_ids(library: Any, samples: Iterable[str]) -> tuple[int | None, int | None]:
    """The first id before and the last id after a single text in the tokenizer's own template.

    Args:
        library: a `tokenizers.Tokenizer` with its post-processor.
        samples: texts, of which the first that has a token is used.
    """
    for sample in samples:
        encoded = library.encode(sample)
        own = [place for place, part in enumerate(encoded.sequence_ids) if part is not None]
        if own and library.encode(sample, add_special_tokens=False).ids:
            before, after = encoded.ids[: own[0]], encoded.ids[own[-1] + 1 :]
            return (before[0] if before else None), (after[-1] if after else None)
    return None, None


def read_beside(location: str) -> dict[str, Any]:
    """`bos_token` and `eos_token` of the configuration files beside a tokenizer file.

    The first file that has the key decides, `null` included; an absent file has none.

    Raises:
        TokevalError: such a file is not JSON.
    """
    found: dict[str, Any] = {}
    for file in BESIDE:
        place = _neighbour(location, file)
        if not _exists(place):
            continue
        with reading(place), open_binary(File(place)) as stream:
            raw = stream.read()
        try:
            settings = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise TokevalError(f"{place} is not JSON: {error}", "mend or remove it") from error
        if not isinstance(settings, Mapping):
            raise TokevalError(f"{place} is not a JSON object", "mend or remove it")
        for key in _USUAL_NAMES:
            if key in settings:
                found.setdefault(key, settings[key])
    return found


def _neighbour(location: str, file: str) -> str:
    """The location of a file in the same folder, also inside a chained URL.

    >>> _neighbour("zip://a/tokenizer.json::x.zip", "b.json")
    'zip://a/b.json::x.zip'
    """
    if not is_url(location):
        return str(Path(location).with_name(file))
    inner, chained, outer = location.partition("::")
    return f"{inner.rpartition('/')[0]}/{file}{chained}{outer}"


def _exists(location: str) -> bool:
    """Whether there is a file at a path or URL."""
    if not is_url(location):
        return Path(location).is_file()
    from tokeval.loaders.url_files import kind_of_url

    return kind_of_url(location) == "file"


def named_id(
    key: str, *, beside: Mapping[str, Any], added: Iterable[AddedToken], library: Any
) -> int | None:
    """The id of a `bos_token` or `eos_token`: as configured, or the only one of a usual name.

    Args:
        key: `bos_token` or `eos_token`.
        beside: what the configuration files say.
        added: the added tokens.
        library: the `tokenizers.Tokenizer`.
    """
    if key in beside:
        setting = beside[key]
        content = setting.get("content") if isinstance(setting, Mapping) else setting
        number = library.token_to_id(content) if isinstance(content, str) else None
        return None if number is None else int(number)
    usual = [token.id for token in added if token.special and token.content in _USUAL_NAMES[key]]
    return usual[0] if len(usual) == 1 else None
