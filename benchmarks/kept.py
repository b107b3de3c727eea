"""What was measured, kept in a file each, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.results import Comparison, Point

Record = Comparison | Point
_KINDS: dict[str, type[Comparison] | type[Point]] = {"comparison": Comparison, "point": Point}


def sources_hash(package: Path) -> str:
    """A hash of all Python files of a package, of their places and their content."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@dataclass
class Kept:
    """Records in a folder, those of one setting only.

    Attributes:
        folder: one JSON file for each record.
        setting: machine, versions, sources and threads; a record of another one does not count.
        fresh: whether what is there is measured again.
        failures: why some could not be measured, by key; of this run only.
    """

    folder: Path
    setting: str
    fresh: bool = False
    failures: dict[str, str] = field(default_factory=dict)

    def get(self, key: str, measure: Callable[[], Record]) -> Record:
        """The record of a key: what is kept, or else what is measured now, which is then kept."""
        path = self.folder / f"{re.sub(r'[^a-z0-9.]+', '-', key.lower())}.json"
        if not self.fresh and (kept := self._read(path, key)) is not None:
            return kept
        record = measure()
        kind = "comparison" if isinstance(record, Comparison) else "point"
        content = {"key": key, "setting": self.setting, "kind": kind, "record": asdict(record)}
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
        part.replace(path)
        return record

    def all(self) -> Iterator[tuple[str, Record]]:
        """Keys and records of this setting, by key."""
        for path in sorted(self.folder.glob("*.json")):
            content = json.loads(path.read_text("utf-8"))
            if content["setting"] == self.setting:
                yield content["key"], _record(content)

    def _read(self, path: Path, key: str) -> Record | None:
        """The record that is kept, if it is of this setting and key."""
        if not path.is_file():
            return None
        content = json.loads(path.read_text("utf-8"))
        same = content["setting"] == self.setting and content["key"] == key
        return _record(content) if same else None


def _record(content: dict[str, Any]) -> Record:
    """The record of a file."""
    return _KINDS[content["kind"]](**content["record"])
