"""A git repository with a tokenizer, a text and a baseline, as gates are used in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.toy_tokenizers import byte_level_bpe

PROSE = Path(__file__).parents[2] / "corpora" / "prose"
LINES = (PROSE / "tr.txt").read_text(encoding="utf-8").splitlines(keepends=True)
RULES = """[[gate]]
metric = "bytes_per_token"
where = { slice = "tr" }
max_regression = "2%"

[[gate]]
metric = "unk_rate"
max = 0
"""


def git(folder: Path, *arguments: str) -> None:
    """Runs git in the repository."""
    identity = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")}  # fmt: skip
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=os.environ | identity, check=True, capture_output=True)


def make_repository(folder: Path, rules: str = RULES) -> None:
    """A repository with all but the baseline, committed."""
    git(folder, "init", "-q")
    (folder / "texts").mkdir()
    (folder / "texts" / "tr.txt").write_text("".join(LINES), encoding="utf-8")
    (folder / "tokeval.toml").write_text(rules, encoding="utf-8")
    train(folder, LINES, vocab_size=700)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Tokenizer, text and rules")


def train(folder: Path, lines: list[str], *, vocab_size: int) -> None:
    """Trains the tokenizer of the repository."""
    byte_level_bpe(lines, vocab_size=vocab_size).save(str(folder / "tokenizer.json"))
