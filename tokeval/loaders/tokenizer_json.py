"""Tokenizers of the `tokenizers` library: a `tokenizer.json`, read directly and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import tokenizers

from tokeval.core.tokenizer import Merges, Pretokenization, Vocabulary
from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File, reading
from tokeval.loaders.json_encoding import (
    JsonTokenizer,
    as_the_library_read_it,
    for_encoding,
    library_errors,
    parse_definition,
)
from tokeval.loaders.json_pretokenization import (
    NotARegularExpression,
    puts_space_before,
    read_pretokenization,
)
from tokeval.loaders.json_spelling import speller_that_keeps_whitespace
from tokeval.loaders.json_template import named_id, read_beside, template_ids
from tokeval.loaders.json_vocabulary import (
    AddedToken,
    added_tokens,
    doubts,
    read_vocabulary,
    with_special,
)
from tokeval.loaders.opening import open_binary
from tokeval.loaders.token_bytes import (
    Definition,
    TokenSpelling,
    merge_pairs,
    model_strings,
    token_spelling,
)

LOADER = f"tokenizers-{tokenizers.__version__}"


def load_tokenizer_json(
    location: str, *, name: str, read: tuple[str, Any] | None = None
) -> JsonTokenizer:
    """The tokenizer of a `tokenizer.json`, with what the files beside it say of BOS and EOS.

    Args:
        location: its path or fsspec URL.
        name: the label in tables.
        read: its text and what that says, where it has been read already.

    Raises:
        TokevalError: the file cannot be read, or is no tokenizer of the `tokenizers` library.
    """
    text, definition = read or read_json(location)
    beside = read_beside(location)
    return tokenizer_from_definition(text, definition, name=name, source=location, beside=beside)


def adapt_tokenizers_object(
    tokenizer: Any, *, name: str, source: str, notes: tuple[str, ...] = ()
) -> JsonTokenizer:
    """A tokenizer object of `tokenizers` as tokeval sees it.

    The object itself is neither used nor changed: its definition is written out and read again.

    Args:
        tokenizer: a `tokenizers.Tokenizer`.
        name: the label in tables.
        source: where it comes from.
        notes: what a reader of the numbers should know besides.

    Raises:
        TokevalError: it is none, or it has parts written in Python, which have no definition.
    """
    if not hasattr(tokenizer, "to_str"):
        raise TokevalError(
            f"{source}: {type(tokenizer).__name__} is not a tokenizer of `tokenizers`",
            "return a tokenizers.Tokenizer",
        )
    with library_errors(source):
        text = tokenizer.to_str()
    return tokenizer_from_definition(text, json.loads(text), name=name, source=source, notes=notes)


def read_json(location: str) -> tuple[str, Any]:
    """The text of a JSON file at a path or fsspec URL, and what it says.

    Raises:
        TokevalError: the file cannot be read, is empty, not UTF-8 or not JSON.
    """
    with reading(location), open_binary(File(location)) as file:
        raw = file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TokevalError(
            f"{location} is not UTF-8 at byte {error.start}", "give a tokenizer.json"
        ) from error
    if not text.strip():
        raise TokevalError(f"{location} is empty", "download or save it again")
    try:
        return text, json.loads(text)
    except ValueError as error:
        raise TokevalError(
            f"{location} is not whole JSON: {error}", "download or save it again"
        ) from error
    except RecursionError as error:
        raise TokevalError(
            f"{location} is nested too deeply to be a tokenizer", "give a tokenizer.json"
        ) from error


def tokenizer_from_definition(
    text: str,
    definition: Any,
    *,
    name: str,
    source: str,
    beside: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
    loader: str = LOADER,
) -> JsonTokenizer:
    """The tokenizer of a `tokenizer.json`, from its text and what the text says.

    Args:
        text: the JSON.
        definition: the same, parsed.
        name: the label in tables.
        source: where it comes from, for messages.
        beside: `bos_token` and `eos_token` where configuration files give them.
        notes: what a reader of the numbers should know besides.
        loader: what encodes, with its version.

    Raises:
        TokevalError: it is no tokenizer of the `tokenizers` library; says what it seems to be.
    """
    _check_shape(definition, source)
    library = parse_definition(text, source)
    published = fingerprint(definition)
    definition = as_the_library_read_it(library, definition)
    model_type = type(library.model).__name__
    spelling = token_spelling(definition, model_type)
    added = added_tokens(library, definition, spelling)
    vocabulary = read_vocabulary(definition, spelling=spelling, added=added, source=source)
    with library_errors(source):
        bos, eos = _surrounding_ids(library, definition, added=added, beside=beside or {})
        speller, keeps_whitespace = speller_that_keeps_whitespace(definition, added)
    pretokenization, cutting = _pretokenization(library, definition)
    return JsonTokenizer(
        name=name,
        source=source,
        fingerprint=published,
        loader=loader,
        model=model_type,
        vocabulary=with_special(vocabulary, bos, eos),
        merges=_merges(definition, model_type, spelling=spelling, source=source),
        pretokenization=pretokenization,
        added_texts=_cut_out(added),
        bos_id=bos,
        eos_id=eos,
        notes=(
            *notes,
            *_model_notes(definition, model_type, spelling),
            *doubts(definition, spelling=spelling, added=added),
            *cutting,
        ),
        keeps_whitespace=keeps_whitespace,
        added_ids=frozenset(token.id for token in added),
        inserted_spaces=_inserted_spaces(definition, vocabulary),
        definition=text,
        speller=speller,
        _library=for_encoding(library),
    )


def fingerprint(definition: Any) -> str:
    """sha256 (hex) of a definition as compact JSON with sorted keys.

    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _check_shape(definition: Any, source: str) -> None:
    """Says what a JSON file is when it is not a `tokenizer.json`."""
    if isinstance(definition, Mapping) and isinstance(definition.get("model"), Mapping):
        if isinstance(definition["model"].get("vocab"), (Mapping, list)):
            return
        raise TokevalError(f"{source}: its `model` has no `vocab`", "save the tokenizer again")
    if not isinstance(definition, Mapping):
        kind = type(definition).__name__
        raise TokevalError(
            f"{source} holds a JSON {kind}, not a tokenizer", "give a tokenizer.json"
        )
    if definition and all(isinstance(value, int) for value in definition.values()):
        raise TokevalError(
            f"{source} is a vocabulary alone: it does not say how text is cut or merged",
            "give the tokenizer.json, or the directory that also holds merges.txt",
        )
    raise TokevalError(
        f"{source} has no `model`: it is not a tokenizer.json", "give the right file"
    )


def _surrounding_ids(
    library: Any,
    definition: Definition,
    *,
    added: tuple[AddedToken, ...],
    beside: Mapping[str, Any],
) -> tuple[int | None, int | None]:
    """BOS and EOS: by the template; where it has neither, by the files beside or by name."""
    first = next((string for string, _ in model_strings(definition["model"])), "")
    bos, eos = template_ids(library, ("a", "1", first))
    if bos is not None or eos is not None:
        return bos, eos
    bos, eos = (
        named_id(key, beside=beside, added=added, library=library)
        for key in ("bos_token", "eos_token")
    )
    return bos, eos


def _pretokenization(
    library: Any, definition: Definition
) -> tuple[Pretokenization | None, tuple[str, ...]]:
    """How text is cut, and a note where no pattern says it."""
    try:
        return read_pretokenization(library, definition), ()
    except NotARegularExpression as kind:
        return None, (f"it cuts text by {kind}, which no regular expression says",)


def _merges(
    definition: Definition, model_type: str, *, spelling: TokenSpelling, source: str
) -> Merges | None:
    """The merges of a BPE, `None` for other models."""
    if model_type != "BPE":
        return None
    return merge_pairs(definition["model"], spelling=spelling, source=source)


def _inserted_spaces(definition: Definition, vocabulary: Vocabulary) -> frozenset[int]:
    """The ids that are one space, where one is put before a text; else none."""
    if not puts_space_before(definition):
        return frozenset()
    spelled = enumerate(vocabulary.token_bytes)
    return frozenset(number for number, token in spelled if token == b" ")


def _cut_out(added: tuple[AddedToken, ...]) -> tuple[str, ...]:
    """The texts of added tokens, with the normalised form where that is what is matched."""
    texts = [(token.content, token.spelled.decode("utf-8", "replace")) for token in added]
    return tuple(dict.fromkeys(text for pair in texts for text in pair if text))


def _model_notes(definition: Definition, model_type: str, spelling: TokenSpelling) -> Iterator[str]:
    """What the file sets that changes numbers, or would have."""
    model = definition["model"]
    if truncation := definition.get("truncation"):
        yield f"truncation to {truncation.get('max_length')} tokens in the file is switched off"
    if definition.get("padding"):
        yield "padding in the file is switched off"
    if model_type != "BPE":
        return
    if model.get("dropout"):
        yield f"BPE dropout {model['dropout']} in the file is switched off"
    if model.get("ignore_merges"):
        yield "a piece that is a token is taken whole, before any merge (ignore_merges)"
    if not (spelling.byte_level or spelling.byte_fallback or model.get("unk_token")):
        yield "characters outside its vocabulary are dropped: it has no unknown token"
