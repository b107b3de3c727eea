"""The corpora that come with the package, and the check that they are as they should be."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tokeval
from tokeval.core.corpus import Slice
from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.file_slices import Reading, file_slice
from tokeval.loaders.local_files import local_file, walk_folder
from tokeval.loaders.text_files import whole_text

MANIFEST = "manifest.toml"
MIN_SCRIPT_SHARE = 0.97
MIN_CODE_LANGUAGES = 8
# The codes of ISO 15924 that stand for several Unicode scripts.
SCRIPT_MEMBERS = {
    "Jpan": ("Hani", "Hira", "Kana"),
    "Hans": ("Hani",),
    "Hant": ("Hani",),
    "Kore": ("Hang", "Hani"),
}


def corpora_folder() -> Path:
    """Where the bundled corpora are: inside an installed package, else at the checkout's root.

    Raises:
        TokevalError: they are in neither place.
    """
    package = Path(tokeval.__file__).parent
    for folder in (package / "_corpora", package.parent / "corpora"):
        if (folder / MANIFEST).is_file():
            return folder
    raise TokevalError("the bundled corpora are missing", "install tokeval again")


def bundled_slices(folder: Path | None = None) -> list[Slice]:
    """The bundled slices: prose by line, then code by file, each in the order of its names.

    Prose is parallel: line i of each language is the same sentence, and each sentence is a
    document of its own. The labels are those of the manifest.

    Args:
        folder: where the corpora are; those of the package when `None`.

    Raises:
        TokevalError: a corpus that the manifest names is missing, or the manifest is malformed.
    """
    folder = corpora_folder() if folder is None else folder
    manifest = _manifest(folder)
    prose = [
        replace(
            file_slice(
                name,
                [local_file(str(folder / "prose" / f"{name}.txt"))],
                Reading("line"),
                labels=_labels(entry),
            ),
            parallel="prose",
        )
        for name, entry in sorted(manifest["prose"].items())
    ]
    code = [
        file_slice(
            name,
            _code_files(folder, name, entry),
            Reading("file"),
            source=str(folder / "code" / name),
            labels=_labels(entry),
        )
        for name, entry in sorted(manifest["code"].items())
    ]
    return prose + code


def check_bundled(folder: Path | None = None) -> list[str]:
    """What is wrong with the bundled corpora, one line each; empty when nothing is.

    Prose: equal numbers of lines, none empty; at least 97% of the letters in the script of the
    language (Unicode's Script_Extensions, as ICU has them); normalised to NFC; no control
    characters. Code: at least 8 languages, UTF-8, no control characters but tabs and line feeds.
    Files and manifest must name the same languages.

    Args:
        folder: where the corpora are; those of the package when `None`.
    """
    folder = corpora_folder() if folder is None else folder
    try:
        manifest = _manifest(folder)
    except TokevalError as error:
        return [str(error)]
    problems = list(_disagreements(folder, manifest))
    lines: dict[str, list[str]] = {}
    for name, entry in sorted(manifest["prose"].items()):
        path = folder / "prose" / f"{name}.txt"
        try:
            text = whole_text(File(str(path)))
        except TokevalError as error:
            problems.append(str(error))
            continue
        lines[name] = text.removesuffix("\n").split("\n")
        problems += _prose_problems(name, lines[name], script=str(entry.get("script", "")))
    problems += _count_problems(lines)
    if len(manifest["code"]) < MIN_CODE_LANGUAGES:
        problems.append(f"code: {len(manifest['code'])} languages, fewer than {MIN_CODE_LANGUAGES}")
    for name, entry in sorted(manifest["code"].items()):
        problems += _code_problems(folder, name, entry)
    return problems


def _manifest(folder: Path) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The tables `prose` and `code` of the manifest, each from name to labels.

    Raises:
        TokevalError: the manifest is missing or malformed.
    """
    path = folder / MANIFEST
    try:
        tables = tomllib.loads(whole_text(File(str(path))))
    except tomllib.TOMLDecodeError as error:
        raise TokevalError(
            f"{path}: malformed: {error}", "mend that line, or install tokeval again"
        ) from error
    for group in ("prose", "code"):
        entries = tables.get(group)
        if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
            raise TokevalError(
                f"{path}: there are no tables [{group}.NAME]",
                f"give each corpus in {group}/ one, or install tokeval again",
            )
    return {group: tables[group] for group in ("prose", "code")}


def _labels(entry: Mapping[str, Any]) -> dict[str, str]:
    """The labels among the values of a manifest entry: the strings."""
    return {key: value for key, value in entry.items() if isinstance(value, str)}


def _code_files(folder: Path, name: str, entry: Mapping[str, Any]) -> list[File]:
    """The files of a programming language, those with its extensions, sorted.

    Raises:
        TokevalError: there are none.
    """
    endings = tuple("." + str(e).removeprefix(".") for e in entry.get("extensions", ()))
    at = folder / "code" / name
    found = [
        file for path, file in walk_folder(str(at)).items() if not endings or path.endswith(endings)
    ]
    if not found:
        raise TokevalError(
            f"{at}: no file with the extensions {', '.join(endings)}",
            f"put one there, mend the extensions in {MANIFEST}, or install tokeval again",
        )
    return found


def _disagreements(folder: Path, manifest: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Languages that have files but no entry in the manifest, or the other way round."""
    prose, code = folder / "prose", folder / "code"
    present = {
        "prose": {path.stem for path in prose.glob("*.txt")},
        "code": {path.name for path in code.glob("*") if path.is_dir()},
    }
    for group, names in present.items():
        for name in sorted(names - manifest[group].keys()):
            yield f"{group}/{name}: not in {MANIFEST}"
        for name in sorted(manifest[group].keys() - names):
            yield f"{group}/{name}: in {MANIFEST}, but there is no such corpus"


def _prose_problems(name: str, lines: list[str], *, script: str) -> Iterator[str]:
    """What is wrong with the lines of one language."""
    for number, line in enumerate(lines, 1):
        where = f"prose/{name}.txt:{number}"
        if not line.strip():
            yield f"{where}: empty line"
        if not unicodedata.is_normalized("NFC", line):
            yield f"{where}: not in NFC"
        if controls := _controls(line):
            yield f"{where}: control character {controls[0]}"
    share = script_share("".join(lines), script)
    if share < MIN_SCRIPT_SHARE:
        yield f"prose/{name}.txt: {share:.1%} of the letters are in the script {script or '(none)'}"


def script_share(text: str, script: str) -> float:
    """The share of letters in an ISO 15924 script, such as `Latn` or `Jpan`; 0 without letters."""
    import icu

    members: list[int] = []
    for code in filter(None, SCRIPT_MEMBERS.get(script, (script,))):
        members.extend(icu.Script.getCode(code))
    letters = Counter(char for char in text if unicodedata.category(char).startswith("L"))
    inside = sum(
        count
        for char, count in letters.items()
        if any(icu.Script.hasScript(char, member) for member in members)
    )
    return inside / letters.total() if letters else 0.0


def _count_problems(lines: Mapping[str, list[str]]) -> Iterator[str]:
    """Languages whose number of lines is not the usual one."""
    counts = {name: len(own) for name, own in lines.items()}
    if counts:
        usual, _ = Counter(counts.values()).most_common(1)[0]
        for name, count in counts.items():
            if count != usual:
                yield f"prose/{name}.txt: {count} lines, where others have {usual}"


def _code_problems(folder: Path, name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the files of one programming language."""
    try:
        texts = {file.path: whole_text(file) for file in _code_files(folder, name, entry)}
    except TokevalError as error:
        yield str(error)
        return
    for path, text in texts.items():
        if not text.strip():
            yield f"{path}: empty file"
        if controls := _controls(text.replace("\t", "").replace("\n", "")):
            yield f"{path}: control character {controls[0]}"


def _controls(text: str) -> list[str]:
    """The control characters of a text, as U+ numbers."""
    return [f"U+{ord(char):04X}" for char in text if unicodedata.category(char) == "Cc"]
