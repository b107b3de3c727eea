"""Settings: which source wins, what is refused, where paths lead, what `--show-settings` says."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.toy_tokenizers import byte_level_bpe
from tokeval import document
from tokeval.cli.app import app, run
from tokeval.cli.completion import EVERY_FAMILY, IDS_BY_FAMILY, families, metric_ids
from tokeval.cli.default_command import DEFAULT, DefaultCommandGroup
from tokeval.cli.settings import configure, make_configurable
from tokeval.cli.settings_names import key_of
from tokeval.cli.settings_table import printable
from tokeval.errors import UsageError
from tokeval.metrics.catalogue import CATALOGUE, EVERYTHING


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with nothing in it and no variable that sets an option."""
    for name in list(os.environ):
        if name.startswith("TOKEVAL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(
    capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0
) -> dict[str, tuple[str, str]]:
    """Value and source of each setting that the table tells."""
    assert run([*arguments, "--show-settings"]) == code
    told = capsys.readouterr()
    assert told.err == ""
    rows = [line for line in told.out.splitlines()[2:] if " is set, but " not in line]
    keyed = [(row.split()[0], row[len(row.split()[0]) :].strip()) for row in rows]
    return {key: _split(rest) for key, rest in keyed}


def _split(rest: str) -> tuple[str, str]:
    """Value and source, between which there are at least two spaces."""
    value, _, source = rest.rpartition("  ")
    return value.strip(), source.strip()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command line is refused, exit code 2."""
    assert run(list(arguments)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err.strip()


SOURCES = ("command line", "TOKEVAL_METRICS_ALPHA", "tokeval.toml:3", "pyproject.toml:6")
VALUES = dict(zip(SOURCES, ("1.0", "2.0", "3.0", "4.0"), strict=True))
PRESENT = [subset for n in range(len(SOURCES) + 1) for subset in itertools.combinations(SOURCES, n)]


@pytest.mark.parametrize("present", PRESENT, ids=lambda subset: "+".join(subset) or "none")
def test_the_first_source_that_has_an_option_gives_it(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    present: tuple[str, ...],
) -> None:
    # Every file is there in any case, with another key: a source that lacks the key is passed by.
    own = [
        "[metrics]",
        'words = "icu-dictionary"',
        *(["alpha = 3"] if SOURCES[2] in present else []),
    ]
    project = ["[project]", 'name = "p"', "", "[tool.tokeval.metrics]", 'words = "uax29"']
    project += ["alpha = 4.0"] if SOURCES[3] in present else []
    Path("tokeval.toml").write_text("\n".join(own), encoding="utf-8")
    Path("pyproject.toml").write_text("\n".join(project), encoding="utf-8")
    if SOURCES[1] in present:
        monkeypatch.setenv("TOKEVAL_METRICS_ALPHA", "2")
    arguments = ["--alpha", "1"] if SOURCES[0] in present else []
    found = settings(capsys, "metrics", *arguments)
    winner = next(iter(present), None)
    expected = ("2.5", "default") if winner is None else (VALUES[winner], winner)
    assert found["alpha"] == expected
    assert found["words"] == ('"icu-dictionary"', "tokeval.toml:2")


def test_the_winner_is_what_is_measured_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "the town is new and the river is old\n" * 40
    byte_level_bpe([text]).save("toy.json")
    Path("en.txt").write_text(text, encoding="utf-8")
    Path("tokeval.toml").write_text(
        '[metrics]\ntokenizers = { toy = "toy.json" }\ncorpus = { en = "en.txt" }\n'
        'alpha = 3.0\nprice = 7.0\nmetric = "renyi_efficiency_observed"\nquiet = true\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("TOKEVAL_METRICS_PRICE", "5")
    assert run(["metrics", "--json", "out.json"]) == 0
    report = document.load(folder / "out.json")
    assert report.provenance.parameters["alpha"] == 3.0
    assert report.provenance.parameters["price"] == 5.0
    assert list(report.provenance.tokenizers) == ["toy"]
    assert list(report.provenance.corpus) == ["en"]
    (result,) = document.metrics_results(report)
    assert [metric.id for metric in result.metrics] == ["renyi_efficiency_observed"]


def test_both_spellings_tell_the_same_and_measure_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--show-settings", "metrics", "absent.json", "--json", "x.json"]) == 0
    before = capsys.readouterr().out
    assert run(["metrics", "absent.json", "--json", "x.json", "--show-settings"]) == 0
    assert capsys.readouterr().out == before
    assert list(folder.iterdir()) == []


def test_arguments_and_subcommands_have_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tokeval.toml").write_text(
        "[metrics]\ntokenizers = ['a.json', 'b.json']\n[metrics.correlate]\nscore = 's'\n"
        "slice = 'tr'\n[probe.markov]\np = 0.5\n[probe.count]\nmax_new_tokens = 9\n",
        encoding="utf-8",
    )
    assert settings(capsys, "metrics")["tokenizers"] == ('["a.json", "b.json"]', "tokeval.toml:2")
    told = settings(capsys, "metrics", "correlate")
    assert told["score"] == ('["s"]', "tokeval.toml:4")
    assert told["slice"] == ('"tr"', "tokeval.toml:5")
    assert settings(capsys, "probe", "markov")["p"] == ("0.5", "tokeval.toml:7")
    assert settings(capsys, "probe", "count")["max-new-tokens"] == ("9", "tokeval.toml:9")
    monkeypatch.setenv("TOKEVAL_METRICS_TOKENIZERS", "c.json d.json")
    monkeypatch.setenv("TOKEVAL_METRICS_CORRELATE_SLICE", "en")
    told = settings(capsys, "metrics", "correlate")
    assert told["slice"] == ('"en"', "TOKEVAL_METRICS_CORRELATE_SLICE")
    told = settings(capsys, "metrics")
    assert told["tokenizers"] == ('["c.json", "d.json"]', "TOKEVAL_METRICS_TOKENIZERS")
    assert settings(capsys, "metrics", "e.json")["tokenizers"] == ('["e.json"]', "command line")


def test_switches_and_their_opposites(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tokeval.toml").write_text("[mixture]\nintervals = false\n", encoding="utf-8")
    assert settings(capsys, "mixture")["intervals"] == ("false", "tokeval.toml:2")
    monkeypatch.setenv("TOKEVAL_MIXTURE_INTERVALS", "1")
    assert settings(capsys, "mixture")["intervals"] == ("true", "TOKEVAL_MIXTURE_INTERVALS")
    told = settings(capsys, "mixture", "--no-intervals")
    assert told["intervals"] == ("false", "command line")


def test_every_option_of_every_command_can_be_set_and_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    n_commands = 0
    for path, command in commands(typer.main.get_command(app)):
        wanted = {key_of(one) for one in command.params} - {"show-settings"}
        assert set(settings(capsys, *path)) == wanted
        n_commands += 1
    assert n_commands >= 20


def commands(command: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    """Every command below another, with what is typed for it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(path, command)]
    return [
        found
        for name, one in inner.items()
        for found in commands(one, path if name == "measure" else (*path, name))
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[metrics]\nalhpa = 1.0\n", "2: [metrics] has no setting 'alhpa' (did you mean alpha?)"),
        ("[metrcs]\nalpha = 1.0\n", "1: there is no section [metrcs]"),
        ("[metrcs]\nalpha = 1.0\n", "(did you mean metrics?)"),
        ("alpha = 1.0\n", "1: there is no section [alpha]"),
        (
            "[metrics.corelate]\n",
            "1: [metrics] has no setting 'corelate' (did you mean correlate?)",
        ),
        ("[probe]\nn = 3\n", "2: [probe] has no setting 'n' (there are: "),
        ("[probe.count]\nn_strings = 3\n", "2: [probe.count] has no setting 'n_strings'"),
        ("[mixture]\nno-intervals = true\n", "'no-intervals' (write intervals = false)"),
        ("[metrics]\nids = 'a'\nids = 'b'\n", "3: not TOML: "),
        ("[metrics]\nmax-length = 1\nmax_length = 2\n", "3: max-length is set twice in [metrics]"),
        ("[metrics]\nshow-settings = true\n", "2: [metrics] has no setting 'show-settings'"),
        ("[metrics]\nhelp = true\n", "2: [metrics] has no setting 'help'"),
        ("[probe.count]\napi-key = 'sk-very-secret'\n", "keys and passwords are never read"),
        ("[probe.count]\napi-key-env = 'sk-very-secret'\n", "2: api-key-env must name an env"),
        ("gate = 3\n", "1: gate holds the rules"),
        ("metrics = 3\n", "1: metrics is a section, not a number (write [metrics] once,"),
        ("[[metrics]]\nalpha = 1\n", "1: metrics is a section, not a list (write [metrics] once,"),
        ("[probe]\ncount = 'x'\n", "2: probe.count is a section, not a text"),
        ("[gate]\nmin = 3\n", "1: gate holds the rules"),
    ],
)
def test_what_no_command_has_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    Path("tokeval.toml").write_text(text, encoding="utf-8")
    line = refusal(capsys, "probe", "count", "--model", "m")
    assert line.startswith("tokeval: tokeval.toml:")
    assert said in line
    assert "very-secret" not in line


def test_rules_of_the_gate_are_left_to_the_gate(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tokeval.toml").write_text("[[gate]]\nanything = 1\n", encoding="utf-8")
    assert settings(capsys, "metrics")["alpha"] == ("2.5", "default")


def gate_app() -> typer.Typer:
    """An app whose `gate` is a group with a command of its own, as rules files meet it."""
    inner = typer.Typer(cls=DefaultCommandGroup)

    def check(limit: int = 1) -> None:
        """Nothing."""

    inner.command(DEFAULT)(check)
    inner.command("init")(check)
    made = typer.Typer()
    made.add_typer(inner, name="gate")

    @made.callback()
    def root(ctx: typer.Context) -> None:
        configure(ctx, None, show=True)

    make_configurable(made)
    return made


def test_options_of_the_gate_have_a_section_beside_the_rules(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("tokeval.toml").write_text(
        "[gate-options]\nlimit = 2\n[gate-options.init]\nlimit = 3\n[[gate]]\nmetric = 'x'\n",
        encoding="utf-8",
    )
    gate_app()(["gate"], standalone_mode=False)
    assert "limit    2      tokeval.toml:2" in capsys.readouterr().out
    gate_app()(["gate", "init"], standalone_mode=False)
    assert "limit    3      tokeval.toml:4" in capsys.readouterr().out
    monkeypatch.setenv("TOKEVAL_GATE_INIT_LIMIT", "4")
    gate_app()(["gate", "init"], standalone_mode=False)
    assert "limit    4      TOKEVAL_GATE_INIT_LIMIT" in capsys.readouterr().out
    Path("tokeval.toml").write_text("[gate-options]\nlimt = 2\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\[gate-options\] has no setting 'limt'"):
        gate_app()(["gate"], standalone_mode=False)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('alpha = "2.5"', "alpha = '2.5' is not of the kind of --alpha (write a number there)"),
        ("alpha = true", "alpha takes a text or a number, not true or false"),
        ("alpha = [1.0]", "alpha takes a text or a number, not a list"),
        ("alpha = 1979-05-27", "alpha takes a text or a number, not a date"),
        ("alpha = -1.0", "alpha: "),
        ("max-length = 1.5", "max-length: "),
        ("max-length = 0", "max-length: "),
        ("words = 3", "words"),
        ("parallel = 1", "parallel is a switch, not 1 (write true or false)"),
        ('parallel = "yes"', "parallel is a switch, not 'yes'"),
        ('engine = "gpu"', "engine: there is no engine 'gpu'"),
        ("metric = [1]", "metric"),
        ("metric = [['a']]", "metric takes a text or a number or a list of these, not a list"),
        ("corpus = { en = 3 }", "corpus: a name there stands for something else than text"),
        ("json = 3", "json"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_where_it_stands(
    folder: Path, capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:
    Path("tokeval.toml").write_text(f"[metrics]\n\n{value}\n", encoding="utf-8")
    # Refused also where the command line has another value: it would come to light some day.
    line = refusal(capsys, "metrics", "x.json", "--alpha", "1", "--json", "y.json")
    assert line.startswith("tokeval: tokeval.toml:3: ")
    assert said in line


def test_a_wrong_variable_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEVAL_METRICS_ALPHA", "much")
    assert "TOKEVAL_METRICS_ALPHA: " in refusal(capsys, "metrics", "x.json")
    monkeypatch.setenv("TOKEVAL_METRICS_ALPHA", "")
    assert settings(capsys, "metrics")["alpha"] == ("2.5", "default")


def test_a_variable_that_is_no_option_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEVAL_METRICS_ALHPA", "1")
    assert run(["metrics", "--show-settings"]) == 0
    assert "TOKEVAL_METRICS_ALHPA is set, but is no option of this command; did you mean " in (
        capsys.readouterr().out
    )


def test_paths_are_those_of_the_file_where_they_are_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("data/en.txt", "data/a=b.txt", "tok/t.json", "tr", "compression"):
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n", encoding="utf-8")
    (folder / "project/tokeval.toml").write_text(
        """
[metrics]
tokenizers = ["n=tok/t.json", "json:tok/t.json", "org/model", "tiktoken:cl100k_base",
  "tok/t.json?x=1"]
corpus = ["en=data/en.txt", "data/a=b.txt", "data/*.txt", "data/absent.txt", "-", "hf:org/set",
  "https://example.org/data/en.txt"]
terms = "data/en.txt"
lexicon = ["tr", "tr=data/en.txt"]
family = ["compression"]
json = "out/new.json"
csv = "-"
html = "/tmp/page.html"
""",
        encoding="utf-8",
    )
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    told = settings(capsys, "--config", "../project/tokeval.toml", "metrics")
    at = "../project/"
    assert told["tokenizers"][0] == (
        f'["n={at}tok/t.json", "json:{at}tok/t.json", "org/model", "tiktoken:cl100k_base", '
        f'"{at}tok/t.json?x=1"]'
    )
    assert told["corpus"][0] == (
        f'["en={at}data/en.txt", "{at}data/a=b.txt", "{at}data/*.txt", "data/absent.txt", "-", '
        '"hf:org/set", "https://example.org/data/en.txt"]'
    )
    assert told["terms"][0] == f'"{at}data/en.txt"'
    assert told["lexicon"][0] == f'["tr", "tr={at}data/en.txt"]'
    assert told["family"][0] == '["compression"]'
    assert told["json"][0] == f'"{at}out/new.json"'
    assert told["csv"][0] == '"-"'
    assert told["html"][0] == '"/tmp/page.html"'
    monkeypatch.chdir(folder / "project")
    assert settings(capsys, "metrics")["terms"][0] == '"data/en.txt"'


def test_the_variable_names_the_file_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tokeval.toml").write_text("[metrics]\nalpha = 1.0\n", encoding="utf-8")
    Path("ci.toml").write_text("[metrics]\nalpha = 2.0\n", encoding="utf-8")
    Path("local.toml").write_text("[metrics]\nalpha = 3.0\n", encoding="utf-8")
    monkeypatch.setenv("TOKEVAL_CONFIG", "ci.toml")
    assert settings(capsys, "metrics")["alpha"] == ("2.0", "ci.toml:2")
    told = settings(capsys, "--config", "local.toml", "metrics")
    assert told["alpha"] == ("3.0", "local.toml:2")
    monkeypatch.setenv("TOKEVAL_CONFIG", "absent.toml")
    assert "absent.toml" in refusal(capsys, "metrics", "x.json")


def test_secrets_are_not_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    url = "https://user:hunter2@example.org/v1?api_key=abc123&n=2"
    told = settings(
        capsys, "probe", "count", "--base-url", url, "--model", "sk-0123456789",
        "--api-key-env", "sk-other-secret",
    )  # fmt: skip
    assert told["base-url"][0] == '"https://***@example.org/v1?api_key=***&n=2"'
    assert told["model"][0] == '["***"]'
    assert told["api-key-env"][0] == '"***"'
    assert settings(capsys, "probe", "count")["api-key-env"][0] == '"OPENAI_API_KEY"'


def test_words_of_a_variable_are_cut_at_spaces_outside_of_quotes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, key, option in (
        ("METRICS", "TOKENIZERS", "tokenizers"),
        ("REPORT", "DOCUMENTS", "documents"),  # paths, which the parser alone would cut at colons
        ("METRICS", "CORPUS", "corpus"),
    ):
        name = f"TOKEVAL_{command}_{key}"
        monkeypatch.setenv(name, 'x=a:b.json  "my tok.json" don\'t\\c')
        told = settings(capsys, command.lower())[option]
        assert told == ('["x=a:b.json", "my tok.json", "don\'t\\\\c"]', name)
        monkeypatch.setenv(name, 'a "b')
        subjects = ["x.json"] if option == "corpus" else []
        assert refusal(capsys, command.lower(), *subjects).startswith(
            f"tokeval: {name} has a double quote that is not closed"
        )
        monkeypatch.delenv(name)


def test_names_of_tokenizers_and_of_key_variables_are_no_secrets(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEVAL_METRICS_TOKENIZERS", "ours=tokenizer.json")
    assert settings(capsys, "metrics")["tokenizers"][0] == '["ours=tokenizer.json"]'
    monkeypatch.setenv("TOKEVAL_PROBE_COUNT_API_KEY_ENV", "OPENAI_API_KEY")
    assert settings(capsys, "probe", "count")["api-key-env"][0] == '"OPENAI_API_KEY"'


def test_what_does_not_print_is_spelled() -> None:
    assert printable("a\u202eb\x00\ud800é") == '"a\\u202eb\\u0000\\ud800é"'
    assert printable(["a", 'b"']) == '["a", "b\\""]'
    assert printable(None) == printable([]) == "-"


def test_the_first_line_of_version_is_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tokeval 0.1.0"
    assert lines[1] == "Python " + ".".join(map(str, sys.version_info[:3]))
    assert any(line.startswith("tokenizers ") for line in lines)


def test_help_names_no_variable_for_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["metrics", "--help"]) == 0
    told = capsys.readouterr().out
    assert "TOKEVAL_METRICS" not in told
    assert "--show-settings" in told


def test_completed_metrics_are_those_of_the_catalogue() -> None:
    by_family: dict[str, list[str]] = {}
    for metric in CATALOGUE.values():
        by_family.setdefault(metric.info.family, []).append(metric.info.id)
    assert {family: ids.split() for family, ids in IDS_BY_FAMILY.items()} == by_family
    assert EVERY_FAMILY == EVERYTHING
    assert families("al") == ["all"]
    assert set(metric_ids("fertility")) == {one for one in CATALOGUE if one.startswith("fertility")}


TOKEVAL = "from tokeval.cli.app import main; import sys; sys.argv[0] = 'tokeval'; main()"


def completed(**environment: str) -> str:
    """What the command says to a shell that completes."""
    finished = subprocess.run(
        [sys.executable, "-c", TOKEVAL],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("tokeval mi", {"mixture"}),
        ("tokeval metrics cor", {"correlate"}),
        ("tokeval metrics --al", {"--alpha", "--allow-download"}),
        ("tokeval metrics x.json -f compr", {"compression"}),
        ("tokeval probe count --base", {"--base-url"}),
    ],
)
def test_bash_is_told_what_may_follow(line: str, found: set[str]) -> None:
    n_words = line.count(" ")
    told = completed(_TOKEVAL_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(n_words))
    assert set(told.split()) == found


def test_zsh_and_fish_are_told_too() -> None:
    told = completed(_TOKEVAL_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="tokeval mi")
    assert '"mixture"' in told
    told = completed(
        _TOKEVAL_COMPLETE="complete_fish",
        _TYPER_COMPLETE_ARGS="tokeval metrics -m fert",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert set(told.split()) == set(metric_ids("fert"))


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --command")]
)
def test_every_shell_has_a_script(shell: str, sign: str) -> None:
    script = completed(_TOKEVAL_COMPLETE=f"source_{shell}")
    assert sign in script
    assert "_TOKEVAL_COMPLETE" in script


def test_show_completion_prints_the_script(folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", TOKEVAL, "--show-completion", "bash"],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0
    assert told.stdout.strip() == completed(_TOKEVAL_COMPLETE="source_bash").strip()
