"""Every question is asked once, and what was answered is kept."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tokeval.errors import TokevalError, UsageError
from tokeval.probe.answers_file import answer_key, open_answers
from tokeval.probe.asking import Prices, ask
from tokeval.probe.items import Item, items_sha256
from tokeval.probe.model import Answer, Failure, Generation, ModelGoneError
from tokeval.probe.scripted_models import ScriptedModel

GENERATION = Generation(max_new_tokens=8)


def items(n: int, *, start: int = 0) -> list[Item]:
    return [
        Item(f"q/{i}", "all", "pure", f"q/{i}", f"what is {i}?", str(i))
        for i in range(start, start + n)
    ]


class Recorder:
    """A script that keeps what it was asked; `fails` says what it fails."""

    def __init__(self, fails: Callable[[str], bool] = lambda prompt: False) -> None:
        self.asked: list[str] = []
        self.fails = fails

    def __call__(self, prompt: str) -> Answer | Failure:
        self.asked.append(prompt)
        if self.fails(prompt):
            return Failure("busy", n_retries=2)
        return Answer(f"«{prompt}»\n", "stop", 10, 3, "m-1", n_retries=1)


def test_responses_have_the_order_of_the_questions() -> None:
    class Backwards(ScriptedModel):
        def generate(
            self, prompts: Sequence[str], generation: Generation
        ) -> Iterator[tuple[int, Answer | Failure]]:
            return reversed(list(super().generate(prompts, generation)))

    asked = ask(Backwards(Recorder()), items(5), GENERATION)
    assert [response.item.id for response in asked.responses] == [f"q/{i}" for i in range(5)]
    assert asked.responses[3].text == "«what is 3?»\n"
    assert asked.responses[3].finish_reason == "stop"
    assert asked.model_names == ("m-1",)
    assert asked.items_sha256 == items_sha256(items(5))


def test_what_it_took_by_hand() -> None:
    # Four questions, of which the third fails after two retries; 10 and 3 tokens, 1 retry each.
    script = Recorder(lambda prompt: "2" in prompt)
    usage = ask(ScriptedModel(script), items(4), GENERATION, prices=Prices(2.0, 50.0)).usage
    assert (usage.n_items, usage.n_asked, usage.n_failed, usage.n_retries) == (4, 4, 1, 5)
    assert (usage.prompt_tokens, usage.completion_tokens) == (30, 9)
    assert usage.cost == pytest.approx((30 * 2 + 9 * 50) / 1e6, rel=1e-12)


def test_what_is_not_known_is_not_0() -> None:
    model = ScriptedModel(lambda prompt: Answer("x", prompt_tokens=None if "1" in prompt else 5))
    usage = ask(model, items(3), GENERATION, prices=Prices(1, 1)).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cost) == (None, None, None)
    assert ask(ScriptedModel(Recorder()), items(3), GENERATION).usage.cost is None
    assert ask(ScriptedModel(Recorder()), [], GENERATION).usage.prompt_tokens is None


@pytest.mark.parametrize("prices", [(-1.0, 1.0), (1.0, float("inf")), (1.0, float("nan"))])
def test_prices_that_are_none(prices: tuple[float, float]) -> None:
    with pytest.raises(UsageError):
        Prices(*prices)


def test_a_second_run_asks_only_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "answers.jsonl"
    first = Recorder(lambda prompt: "3" in prompt or "4" in prompt)
    before = ask(ScriptedModel(first), items(6), GENERATION, results=path)
    assert [response.text is None for response in before.responses] == [False] * 3 + [True] * 2 + [
        False
    ]
    assert before.responses[3].finish_reason == "busy"
    second = Recorder()
    after = ask(ScriptedModel(second), items(6), GENERATION, results=path)
    assert second.asked == ["what is 3?", "what is 4?"]
    whole = ask(ScriptedModel(Recorder()), items(6), GENERATION)
    assert after.responses == whole.responses
    assert (after.usage.n_asked, after.usage.n_failed) == (2, 0)
    assert after.usage.completion_tokens == whole.usage.completion_tokens
    third = Recorder()
    assert ask(ScriptedModel(third), items(6), GENERATION, results=path).usage.n_asked == 0
    assert third.asked == []


def test_one_prompt_is_asked_once(tmp_path: Path) -> None:
    script = Recorder(lambda prompt: "1" in prompt)
    asked = ask(ScriptedModel(script), [*items(3), *items(3)], GENERATION)
    assert len(script.asked) == 3
    assert [response.text for response in asked.responses[:3]] == [
        response.text for response in asked.responses[3:]
    ]
    assert (asked.usage.n_asked, asked.usage.n_failed, asked.usage.completion_tokens) == (6, 2, 6)


def test_the_key_is_of_everything_that_an_answer_depends_on() -> None:
    keys = [
        answer_key("m", "p", Generation()),
        answer_key("n", "p", Generation()),
        answer_key("m", "q", Generation()),
        answer_key("m", "p", Generation(max_new_tokens=9)),
        answer_key("m", "p", Generation(temperature=1.0)),
        answer_key("m", "p", Generation(seed=1)),
        answer_key("m", "p", Generation(stop=("\n",))),
        answer_key("mp", "", Generation()),
    ]
    assert len(set(keys)) == len(keys)
    assert answer_key("m", "p", Generation(temperature=0)) == keys[0]
    # Kept files depend on how it is made.
    made_of = b'["m","p",{"max_new_tokens":512,"temperature":0.0,"seed":0,"stop":[]}]'
    assert keys[0] == hashlib.sha256(made_of).hexdigest()


@pytest.mark.parametrize("change", ["model", "generation"])
def test_another_model_is_asked_for_its_own_answers(change: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    ask(ScriptedModel(Recorder(), version="1"), items(3), GENERATION, results=path)
    script = Recorder()
    model = ScriptedModel(script, version="2" if change == "model" else "1")
    generation = Generation(max_new_tokens=9) if change == "generation" else GENERATION
    ask(model, items(3), generation, results=path)
    assert len(script.asked) == 3
    # The answers of the first are still there.
    assert (
        ask(ScriptedModel(script, version="1"), items(3), GENERATION, results=path).usage.n_asked
        == 0
    )


def test_a_file_of_other_questions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    ask(ScriptedModel(Recorder()), items(3), GENERATION, results=path)
    before = path.read_bytes()
    script = Recorder()
    with pytest.raises(UsageError, match="other questions") as raised:
        ask(ScriptedModel(script), items(4), GENERATION, results=path)
    assert "\n" not in str(raised.value)
    assert script.asked == []
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"hello", b"hello\n", b"{}\n", b'{"id": 1}\n{"id": 2}', b"\x00\xff\n", b"\n"]
)
def test_a_file_that_is_not_ours_is_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(TokevalError, match="no file of answers"):
        ask(ScriptedModel(Recorder()), items(1), GENERATION, results=path)
    assert path.read_bytes() == content


def test_every_beginning_of_a_file_can_be_gone_on_with(tmp_path: Path) -> None:
    """Wherever a process is killed while it writes, the next one ends with the same."""
    path = tmp_path / "answers.jsonl"
    whole = ask(ScriptedModel(Recorder()), items(2), GENERATION, results=path)
    held = path.read_bytes()
    n_lines = [held[:end].count(b"\n") for end in range(len(held) + 1)]
    for end in range(len(held) + 1):
        path.write_bytes(held[:end])
        script = Recorder()
        again = ask(ScriptedModel(script), items(2), GENERATION, results=path)
        assert again.responses == whole.responses
        assert len(script.asked) == 2 - max(n_lines[end] - 1, 0)
        assert path.read_bytes() == held


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    ask(ScriptedModel(Recorder()), items(3), GENERATION, results=path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2][:-9], lines[3]]) + "\n")
    with pytest.raises(TokevalError, match="line 3"):
        ask(ScriptedModel(Recorder()), items(3), GENERATION, results=path)


def test_a_file_of_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(
        json.dumps({"tokeval_answers": 2, "items_sha256": items_sha256(items(1))}) + "\n"
    )
    with pytest.raises(UsageError, match="format 2"):
        ask(ScriptedModel(Recorder()), items(1), GENERATION, results=path)


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with (
        open_answers(path, items_sha256(items(1))),
        pytest.raises(UsageError, match="another process"),
    ):
        ask(ScriptedModel(Recorder()), items(1), GENERATION, results=path)
    assert ask(ScriptedModel(Recorder()), items(1), GENERATION, results=path).usage.n_asked == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match="cannot write"):
        ask(ScriptedModel(Recorder()), items(1), GENERATION, results=tmp_path)


def test_a_full_disk_is_one_line() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    from tokeval.probe.answers_file import AnswersFile, Line

    with full.open("wb", buffering=0) as file, pytest.raises(TokevalError, match="cannot write"):
        AnswersFile(file, {}, 0).append(Line("k", "i", failure=Failure("x")))


def test_an_error_in_the_middle_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"

    def breaks(prompt: str) -> Answer:
        if "3" in prompt:
            raise TokevalError("the server is gone", "start it")
        return Answer("x")

    with pytest.raises(TokevalError, match="gone"):
        ask(ScriptedModel(breaks), items(6), GENERATION, results=path)
    script = Recorder()
    ask(ScriptedModel(script), items(6), GENERATION, results=path)
    assert script.asked == ["what is 3?", "what is 4?", "what is 5?"]


def test_a_model_that_says_nothing_has_failed() -> None:
    class Silent(ScriptedModel):
        def generate(
            self, prompts: Sequence[str], generation: Generation
        ) -> Iterator[tuple[int, Answer | Failure]]:
            return iter(list(super().generate(prompts, generation))[1:])

    asked = ask(Silent(Recorder()), items(2), GENERATION)
    assert [response.text is None for response in asked.responses] == [True, False]
    assert asked.usage.n_failed == 1


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int | None]] = []
    ask(
        ScriptedModel(Recorder()),
        items(2),
        GENERATION,
        tell=lambda what, done, total: told.append((what, done, total)),
    )
    assert told == [("asking", 0, 2), ("asking", 1, 2), ("asking", 2, 2)]


def test_a_scripted_model() -> None:
    model = ScriptedModel(lambda prompt: f"{prompt}: 1; 2", name="s", version="7")
    answers = dict(model.generate(["a", "b"], Generation(stop=(";", ":"))))
    assert answers[1] == Answer("b", "stop", model="s")
    assert isinstance(model.log_probabilities("a", Generation()), Failure)
    assert model.identity == "scripted:s|version:7"


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_what_cannot_be_read_again_keeps_no_answers(device: str) -> None:
    if not Path(device).exists():
        pytest.skip(f"this system has no {device}")
    with pytest.raises(TokevalError, match="no file that can be read again"):
        ask(ScriptedModel(Recorder()), items(1), GENERATION, results=Path(device))


LIMITED = """
import resource, sys
from pathlib import Path
from tests.unit.probe.test_asking import GENERATION, Recorder, items
from tokeval.errors import TokevalError
from tokeval.probe.asking import ask
from tokeval.probe.scripted_models import ScriptedModel
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    ask(ScriptedModel(Recorder()), items(9), GENERATION, results=Path(sys.argv[1]))
except TokevalError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("room", [40, 500])
def test_a_disk_that_fills_up_is_one_line_and_is_gone_on_from(room: int, tmp_path: Path) -> None:
    """At once, or in the middle of an answer."""
    path = tmp_path / "answers.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), str(room)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.startswith(f"cannot write {path}: ")
    n_kept = max(path.read_bytes().count(b"\n") - 1, 0)
    assert (n_kept > 0) is (room == 500)
    script = Recorder()
    again = ask(ScriptedModel(script), items(9), GENERATION, results=path)
    assert again.usage.n_asked == len(script.asked) == 9 - n_kept


@pytest.mark.parametrize("has_file", [False, True])
def test_a_model_that_is_gone_says_what_is_kept(has_file: bool, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"

    def breaks(prompt: str) -> Answer:
        if "3" in prompt:
            raise ModelGoneError("the server is gone", "run it again")
        return Answer("x")

    with pytest.raises(ModelGoneError) as raised:
        ask(ScriptedModel(breaks), items(6), GENERATION, results=path if has_file else None)
    hint = (
        f"run it again: the answers so far, 3, are kept in {path}"
        if has_file
        else "run it again, with --results FILE.jsonl to keep the answers that come"
    )
    assert (raised.value.message, raised.value.hint) == ("the server is gone", hint)
