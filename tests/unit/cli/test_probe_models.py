"""`tokeval probe count|arithmetic|selftest|export`: servers, mistakes, interruptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_model_server import FakeServer
from tests.sample_probe import saved_tokenizer
from tests.unit.cli.test_probe import refused
from tokeval import document
from tokeval.cli.app import run
from tokeval.document import AskedItem, ProbeResult
from tokeval.errors import UsageError
from tokeval.probe.model import Answer, Failure, Generation
from tokeval.probe.opening_model import ModelOptions
from tokeval.probe.scripted_models import ScriptedModel

FEW = ["--n", "2", "--letters", "ab", "--lengths", "10-12"]
SUMS = ["--n", "2", "--operations", "addition", "--lengths", "7+7=7,7+7=8"]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


def answering(monkeypatch: pytest.MonkeyPatch, **models: ScriptedModel) -> None:
    """Opens scripts in place of models."""

    def opened(name: str, options: ModelOptions) -> ScriptedModel:
        return models[name]

    monkeypatch.setattr("tokeval.probe.opening_model.open_model", opened)


def counter(prompt: str) -> str:
    """The right count."""
    _, text, *_ = prompt.split("\n")
    return f"Total: {text.count(prompt.split('the letter ')[1][0])}"


def results_of(path: Path) -> list[ProbeResult]:
    return list(document.probe_results(document.load(path)))


def test_a_server_is_checked_asked_and_resumed(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "secret-key-1")
    where = ["--base-url", server.base_url, "--model", "fake-1", "--api-key-env", "MY_KEY"]
    paths = [tmp_path / f"{name}.json" for name in ("first", "second")]
    answers = tmp_path / "answers.jsonl"
    prices = ["--price-in", "1", "--price-out", "2"]
    for path in paths:
        outputs = ["--json", str(path), "--html", str(path.with_suffix(".html"))]
        assert run(["probe", "count", *where, *FEW, *prices, "--results", str(answers), *outputs,
                    "--quiet"]) == 0  # fmt: skip
    first, second = map(results_of, paths)
    assert [one.probe for one in first] == ["selftest", "count"]
    assert first[1].cells == second[1].cells
    assert (first[1].usage.n_asked, second[1].usage.n_asked) == (8, 0)  # type: ignore[union-attr]
    assert first[1].usage.cost > 0  # type: ignore[union-attr, operator]
    prompts = [line["prompt"] for line in server.script.log if "How often" in line["prompt"]]
    assert len(prompts) == len(set(prompts)) == 8
    assert {line["key"] for line in server.script.log} == {"Bearer secret-key-1"}
    for path in tmp_path.iterdir():
        assert b"secret-key-1" not in path.read_bytes()


def test_models_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(
        monkeypatch,
        good=ScriptedModel(counter, name="good"),
        bad=ScriptedModel(lambda _: "Total: 0", name="bad"),
    )
    path, answers = tmp_path / "c.json", tmp_path / "a.jsonl"
    both = ["--model", "good", "--model", "bad", "--model", "good"]
    assert run(["probe", "count", *both, *FEW, "--json", str(path), "--results", str(answers),
                "--quiet"]) == 0  # fmt: skip
    good, bad = results_of(path)
    assert (good.model, bad.model) == ("good", "bad")
    share = {one.model: one.cells[0].value.value for one in (good, bad)}  # type: ignore[union-attr]
    assert share == {"good": 1.0, "bad": 0.0}
    assert good.items == ()
    assert isinstance(bad.items[0], AskedItem)
    assert good.published


def test_the_tokenizer_gives_covariates_and_predictions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, m=ScriptedModel(lambda _: "1", name="m"))
    tokenizer = saved_tokenizer(tmp_path)
    path = tmp_path / "c.json"
    for probe, options in (("count", FEW), ("arithmetic", SUMS)):
        assert run(["probe", probe, "--model", "m", "--tokenizer", f"mine={tokenizer}", *options,
                    "--json", str(path), "--quiet"]) == 0  # fmt: skip
        [result] = results_of(path)
        assert result.tokenizer == "mine"
        measured = {
            cell.metric for cell in result.cells if isinstance(cell.value, document.Measured)
        }
        assert measured & {"counting_tokens", "arithmetic_predicted_alignment"}


def test_a_model_folder_brings_its_tokenizer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_tokenizer(tmp_path).rename(tmp_path / "tokenizer.json")
    where = str(tmp_path)
    answering(monkeypatch, **{where: ScriptedModel(counter, name="m")})
    path = tmp_path / "c.json"
    options = ["--model", where, *FEW, "--json", str(path), "--quiet"]
    assert run(["probe", "count", *options]) == 0
    assert results_of(path)[0].tokenizer != ""
    assert run(["probe", "count", *options, "--tokenizer", "none"]) == 0
    assert results_of(path)[0].tokenizer == ""
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert run(["probe", "count", *options]) == 0
    [warning] = document.load(path).provenance.warnings
    assert "--tokenizer" in warning


def test_ctrl_c_keeps_what_came_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def until_the_third(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return counter(prompt)

    answering(monkeypatch, m=ScriptedModel(until_the_third, name="m"))
    kept = ["--results", str(tmp_path / "a.jsonl")]
    options = ["count", "--model", "m", *FEW, "--json", str(tmp_path / "c.json")]
    code, said = refused(capsys, *options, *kept)
    assert code == 130
    assert "after 2 of 8 questions" in said
    assert "same command again" in said
    assert "a.jsonl" in said
    assert not (tmp_path / "c.json").exists()
    assert run(["probe", *options, *kept, "--quiet"]) == 0
    assert len(asked) == 3 + 6
    asked.clear()
    code, said = refused(capsys, *options)
    assert (code, "nothing is kept" in said) == (130, True)


def test_answers_to_other_questions_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, m=ScriptedModel(counter, name="m"))
    kept = ["--model", "m", "--results", str(tmp_path / "a.jsonl")]
    assert run(["probe", "count", *kept, *FEW, "--quiet"]) == 0
    code, said = refused(capsys, "count", *kept, *FEW, "--seed", "1")
    assert code == 2
    assert "other questions" in said


def test_a_check_that_fails_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = iter(f"one two three {n}" for n in range(9))
    answering(
        monkeypatch,
        fickle=ScriptedModel(lambda _: next(said), name="fickle"),
        steady=ScriptedModel(lambda _: "one two three four", name="steady"),
    )
    assert run(["probe", "selftest", "--model", "steady"]) == 0
    assert run(["probe", "selftest", "--model", "steady", "--model", "fickle"]) == 1
    shown = capsys.readouterr().out
    assert "selftest-determinism" in shown
    # A probe that asks such a model is no failed check.
    answering(monkeypatch, m=ScriptedModel(lambda _: "", name="m"))
    assert run(["probe", "count", "--model", "m", *FEW, "--selftest", "--quiet"]) == 0


def test_a_second_name_of_the_model_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: Iterator[str] = iter("abab" * 4)

    class Changing(ScriptedModel):
        def generate(
            self, prompts: Sequence[str], generation: Generation
        ) -> Iterator[tuple[int, Answer]]:  # type: ignore[override]
            for place, prompt in enumerate(prompts):
                yield place, Answer(counter(prompt), model=next(names))

    answering(monkeypatch, m=Changing(counter))
    path = tmp_path / "c.json"
    assert run(["probe", "count", "--model", "m", *FEW, "--json", str(path), "--quiet"]) == 0
    assert "a and b" in document.load(path).provenance.warnings[0]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["count"], 2, "--model"),
        (["count", "--model", "m", "--n", "0"], 2, "0 strings"),
        (["count", "--model", "m", "--letters", "aa"], 2, "no pair of letters"),
        (["count", "--model", "m", "--letters", ","], 2, "names nothing"),
        (["count", "--model", "m", "--formats", "pure,x"], 2, "no format 'x'"),
        (["count", "--model", "m", "--prompt", "x"], 2, "no prompt 'x'"),
        (["count", "--model", "m", "--lengths", "x"], 2, "no span"),
        (["count", "--model", "m", "--lengths", "20-10"], 2, "20 to 10"),
        (["count", "--model", "m", "--price-in", "1"], 2, "both prices"),
        (["count", "--model", "m", "--concurrency", "2"], 2, "--concurrency does not go"),
        (["count", "--model", "m", "--retries", "2"], 2, "--retries does not go"),
        (["count", "--model", "m", "--results", "no-such/a.jsonl"], 3, "no-such"),
        (["count", "--model", "m", "--json", "a", "--results", "a"], 2, "both write a"),
        (["count", "--model", "m", "--results", "-"], 2, "stdout"),
        (["count", "--model", "m", "--base-url", "x"], 2, "base URL"),
        (["count", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--api", "x"], 2, "chat"),
        (
            ["count", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--retries", "0"],
            3,
            "127.0.0.1:9",
        ),
        (
            ["count", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--api-key-env", "NO"],
            2,
            "NO is not set",
        ),
        (["count", "--model", "m", "--tokenizer", "no-such.json"], 3, "no-such.json"),
        (["arithmetic", "--model", "m", "--operations", "division"], 2, "division"),
        (["arithmetic", "--model", "m", "--lengths", "1+1=2"], 2, "1+1=2"),
        (["arithmetic", "--model", "m", "--n", "0"], 2, "0 sums"),
        (["arithmetic", "--model", "m", "--examples", "-1"], 2, "-1 examples"),
        (["export", "d"], 2, "--to"),
        (["export", "--to", "x", "d"], 2, "lm-eval or inspect"),
        (["export", "--to", "inspect", "d", "--probe", "x"], 2, "count or arithmetic"),
        (["export", "--to", "inspect", "d", "--operations", "addition"], 2, "--operations"),
        (
            ["export", "--to", "inspect", "d", "--probe", "arithmetic", "--prompt", "x"],
            2,
            "--prompt",
        ),
        (["export", "--to", "inspect", "d", "--n", "0"], 2, "0 strings"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found = refused(capsys, *arguments)
    assert found[0] == code, found
    assert said in found[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("library", ["torch", "httpx"])
def test_an_absent_library_is_named_with_its_extra(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = lambda name: None if name == library else object()  # noqa: E731 - one place
    monkeypatch.setattr("tokeval.probe.opening_model.find_spec", absent)
    monkeypatch.setattr("tokeval.probe.loading.find_spec", absent)
    where = ["--base-url", "http://127.0.0.1:9/v1"] if library == "httpx" else []
    code, said = refused(capsys, "selftest", "--model", "m", *where)
    assert code == 2
    assert library in said
    assert "tokeval[models]" in said


def test_one_file_keeps_no_two_sets_of_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder, size in zip(folders, (257, 320), strict=True):
        folder.mkdir()
        saved_tokenizer(folder, vocab_size=size).rename(folder / "tokenizer.json")
    answering(monkeypatch, **{str(folder): ScriptedModel(counter) for folder in folders})
    both = [part for folder in folders for part in ("--model", str(folder))]
    wide = ["--n", "20", "--letters", "ab", "--lengths", "20-20"]
    code, said = refused(capsys, "count", *both, *wide, "--results", str(tmp_path / "r.jsonl"))
    assert code == 2
    assert "once for each model" in said


def test_exported_files_hold_the_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for to, probe, options, n in (
        ("lm-eval", "count", FEW, 8),
        ("inspect", "arithmetic", SUMS, 2 * 2 * 3),
    ):
        folder = tmp_path / to
        assert run(["probe", "export", "--to", to, str(folder), "--probe", probe, *options]) == 0
        [held] = folder.glob("*.jsonl")
        lines = held.read_text(encoding="utf-8").splitlines()
        assert len(lines) == n
        assert json.loads(lines[0])["prompt"]
        assert f"{n} questions" in capsys.readouterr().out


def test_prices_are_both_or_none() -> None:
    from tokeval.cli.probe_asking import prices_of

    assert prices_of(None, None) is None
    with pytest.raises(UsageError):
        prices_of(None, 1.0)


def test_a_model_that_answers_nothing_is_exit_code_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(
        monkeypatch,
        mute=ScriptedModel(lambda _: Failure("it has no voice"), name="mute"),
        good=ScriptedModel(counter, name="good"),
    )
    path = tmp_path / "r.json"
    wanted = [*FEW, "--json", str(path)]
    code, said = refused(capsys, "count", "--model", "mute", *wanted, "--quiet")
    assert code == 5
    assert "mute answered none of 8 questions: it has no voice" in said
    assert not path.exists()
    both = ["--model", "mute", "--model", "good"]
    assert run(["probe", "count", *both, *wanted, "--quiet"]) == 0


def test_every_option_of_models_is_read_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[ModelOptions] = []

    def opened(name: str, options: ModelOptions) -> ScriptedModel:
        seen.append(options)
        return ScriptedModel(counter, name=name)

    monkeypatch.setattr("tokeval.probe.opening_model.open_model", opened)
    given = ["--base-url", "http://h/v1", "--api", "completions", "--api-key-env", "K",
             "--timeout", "3.5", "--retries", "0", "--limit-field", "n", "--omit", "seed",
             "--omit", "stop", "--answers-as", "a", "--use-proxies", "--gguf-file", "g",
             "--device", "d", "--allow-download", "--quiet"]  # fmt: skip
    more = ["--concurrency", "2", "--batch-tokens", "9", "--no-selftest"]
    for arguments in (["count", *FEW, *more], ["arithmetic", *SUMS, *more], ["selftest"]):
        run(["probe", *arguments, "--model", "m", *given])
    whole = ModelOptions(
        base_url="http://h/v1", api="completions", api_key_env="K", n_at_once=2, timeout=3.5,
        n_retries=0, limit_field="n", omit=("seed", "stop"), answers_as="a", use_proxies=True,
        gguf_file="g", device="d", batch_tokens=9, allow_download=True,
    )  # fmt: skip
    usual = ModelOptions()
    checked = replace(whole, n_at_once=usual.n_at_once, batch_tokens=usual.batch_tokens)
    assert seen == [whole, whole, checked]
