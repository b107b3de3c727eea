"""What a file holds, told by its suffixes: format, compression, and what one document is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

UNITS = ("lines", "line", "record", "file")
RECORD_FORMATS = ("jsonl", "csv", "tsv", "parquet")

COMPRESSIONS = {
    ".gz": "gz",
    ".gzip": "gz",
    ".xz": "xz",
    ".lzma": "xz",
    ".zst": "zst",
    ".zstd": "zst",
    ".bz2": "bz2",
}
RECORD_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
# Source code and markup: a line of it is not a text by itself, so the whole file is.
_CODE_AND_MARKUP = (
    ".ada .adb .ads .asm .awk .bash .bat .bib .c .cc .cfg .cjs .clj .cljs .cmake .cob .coffee .cpp "
    ".cr .cs .css .cu .cuh .cxx .d .dart .diff .ejs .el .elm .erl .ex .exs .f .f03 .f90 .f95 .fs "
    ".fsx .go .gql .gradle .graphql .groovy .h .hh .hpp .hrl .hs .htm .html .hxx .idl .ini .ipynb "
    ".java .jl .js .json .json5 .jsx .kt .kts .less .lhs .lisp .lua .m .make .markdown .md .mdx "
    ".mjs .mk .ml .mli .mm .nim .nix .pas .patch .php .pl .pm .proto .ps1 .pxd .py .pyi .pyx .r "
    ".rake .rb .rkt .rs .rst .s .sass .sc .scala .scm .scss .sh .sml .sol .sql .srt .sty .sv "
    ".svelte .svg .swift .tcl .tex .tf .thrift .toml .ts .tsx .v .vb .vhd .vhdl .vim .vtt .vue "
    ".wat .xhtml .xml .xsl .yaml .yml .zig .zsh"
)
WHOLE_FILE_SUFFIXES = frozenset(_CODE_AND_MARKUP.split())
PLAIN_SUFFIXES = (".txt", ".text")
WHOLE_FILE_NAMES = frozenset(
    (
        "Makefile",
        "Dockerfile",
        "CMakeLists.txt",
        "Rakefile",
        "Gemfile",
        "Jenkinsfile",
        "Vagrantfile",
    )
)
# Passed over when a folder is listed: never text, and common beside it. Formats that do hold
# text (PDF, DOCX, ZIP) are not here, so that they fail loudly instead of going missing.
_NEVER_TEXT = (
    ".a .aac .avi .bmp .class .dll .dylib .eot .exe .flac .gif .ico .jar .jpeg .jpg .lib .m4a .mkv "
    ".mov .mp3 .mp4 .o .obj .ogg .otf .png .pyc .pyd .pyo .so .tif .tiff .ttf .wasm .wav .webm "
    ".webp .woff .woff2"
)
NEVER_TEXT_SUFFIXES = frozenset(_NEVER_TEXT.split())


@dataclass(frozen=True)
class Kind:
    """What the suffixes of a file say about it.

    Attributes:
        format: `text`, or one of RECORD_FORMATS.
        unit: the document unit when none is asked for, one of UNITS.
        compression: `gz`, `xz`, `zst`, `bz2`, or empty.
        suffix: the suffix that decided, lower case, compression excluded; may be empty.
        stem: the file name without these suffixes; one that means nothing here stays, since in
            `europarl.tr` it is the language.
    """

    format: str
    unit: str
    compression: str
    suffix: str
    stem: str


def kind_of(path: str) -> Kind:
    """The kind of the file at a path or URL; the suffix inside a compression suffix decides.

    >>> kind_of("data/tr.jsonl.gz")
    Kind(format='jsonl', unit='record', compression='gz', suffix='.jsonl', stem='tr')
    >>> kind_of("src/main.rs").unit, kind_of("notes").unit, kind_of("train.tr.txt").stem
    ('file', 'lines', 'train.tr')
    >>> kind_of("europarl.tr.xz").stem
    'europarl.tr'
    """
    name = PurePosixPath(file_name(path))
    compression = COMPRESSIONS.get(name.suffix.lower(), "")
    if compression:
        name = name.with_suffix("")
    suffix = name.suffix.lower()
    if suffix in RECORD_SUFFIXES:
        return Kind(RECORD_SUFFIXES[suffix], "record", compression, suffix, name.stem)
    whole = suffix in WHOLE_FILE_SUFFIXES or name.name in WHOLE_FILE_NAMES
    known = whole or suffix in PLAIN_SUFFIXES
    stem = name.stem if known else name.name
    return Kind("text", "file" if whole else "lines", compression, suffix, stem)


def file_name(path: str) -> str:
    """The last component of a path or URL, without the query of a web address.

    >>> file_name("https://example.org/a/tr.txt?download=1"), file_name("zip://a/x.txt::b.zip")
    ('tr.txt', 'x.txt')
    """
    if "://" not in path:
        return PurePosixPath(path).name
    path = next(link for link in path.split("::") if "://" in link)
    if path.startswith(("http://", "https://")):
        path = urlsplit(path).path
    return path.rstrip("/").rsplit("/", 1)[-1]


def may_be_text(path: str) -> bool:
    """Whether a file found in a folder is worth opening: not an image, a sound or object code."""
    return PurePosixPath(path).suffix.lower() not in NEVER_TEXT_SUFFIXES
