"""Source code in five languages, for measuring."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Sequence
from pathlib import Path

CODE_FOLDERS = ("/usr/share/perl", "/usr/share/perl5", "/usr/lib/x86_64-linux-gnu/perl-base")
CODE = {
    "c": (".c", ".h"),
    "cython": (".pyx", ".pxd"),
    "javascript": (".js", ".mjs"),
    "perl": (".pl", ".pm"),
    "python": (".py",),
}
CODE_BYTES = 6_000_000
MAX_FILE_BYTES = 1_000_000


def code_documents(n_bytes: int = CODE_BYTES) -> dict[str, list[str]]:
    """Source files of five languages, of this Python, its packages and the system's Perl.

    Files of each language in a fixed mixed order, each text once, until there are so many bytes.
    """
    roots = [Path(sysconfig.get_path(name)) for name in ("stdlib", "include", "purelib")]
    roots += [Path(folder) for folder in CODE_FOLDERS]
    files = sorted({path for root in roots for path in root.rglob("*") if path.is_file()})
    found = {}
    for language, endings in CODE.items():
        of_language = [path for path in files if path.suffix in endings]
        of_language.sort(key=lambda path: hashlib.blake2b(path.name.encode()).digest())
        found[language] = _texts_up_to(of_language, n_bytes)
    return found


def _texts_up_to(files: Sequence[Path], n_bytes: int) -> list[str]:
    """The texts of the first files that are UTF-8 and not too long, each text once."""
    texts: dict[str, None] = {}
    size = 0
    for path in files:
        if size >= n_bytes:
            break
        content = path.read_bytes()
        try:
            text = content.decode() if len(content) <= MAX_FILE_BYTES else ""
        except UnicodeDecodeError:  # tests of parsers hold such files
            continue
        if text.strip() and text not in texts:
            texts[text] = None
            size += len(content)
    return list(texts)
