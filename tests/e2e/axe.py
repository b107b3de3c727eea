"""The rules of axe-core, an accessibility checker that npm ships, run in a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "axe-core@4.14.1"
SERIOUS = ("serious", "critical")


def axe_script(cache: Path) -> str:
    """The script, from the cache or else from npm's registry.

    Skips the test where it cannot be had, but fails where a browser is required.
    """
    archive = cache / f"{PACKAGE.replace('@', '-')}.tgz"
    if not archive.exists():
        _pack(cache)
    with tarfile.open(archive) as opened:
        member = opened.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def _pack(cache: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        _without("there is no `npm` on the PATH to fetch axe-core with")
    cache.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        [str(npm), "pack", PACKAGE, "--silent"],
        cwd=cache,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if made.returncode:
        _without(f"npm could not fetch {PACKAGE}: {made.stderr.strip()[:200]}")


def _without(reason: str) -> None:
    if os.environ.get("TOKEVAL_REQUIRE_BROWSER") == "1":
        pytest.fail(f"TOKEVAL_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


def serious_violations(page: Any, script: str) -> list[str]:
    """What axe-core holds for serious or worse, each with the first elements it is about."""
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]
