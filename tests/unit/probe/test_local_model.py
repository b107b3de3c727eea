"""Models on this machine, against a plain loop that takes the likeliest token."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_language_models import CHAT_TEMPLATE, save_tiny_model
from tokeval.errors import TokevalError, UsageError
from tokeval.probe.loading import load_local_model
from tokeval.probe.local_model import LocalModel
from tokeval.probe.model import Answer, Failure, Generation, TokenLogProbabilities

torch = pytest.importorskip("torch", reason="models on this machine need torch")

PROMPTS = ["banana", "how many a are in banana", "x", "the answer is", "one two three " * 3, "é"]
N_NEW = 24


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """So small a network is only slowed down by threads that wait for each other."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def model(folder: Path) -> LocalModel:
    return load_local_model(str(folder), device="cpu")


def greedy(model: LocalModel, ids: list[int], n_new: int) -> tuple[list[int], list[float]]:
    """The likeliest tokens and their log probabilities, each from the whole text before it."""
    written: list[int] = []
    values: list[float] = []
    while len(written) < n_new and 1 not in written:
        with torch.no_grad():
            logits = model.network(torch.tensor([ids + written])).logits[0, -1].double()
        token = int(logits.argmax())
        values.append(float(logits[token] - torch.logsumexp(logits, 0)))
        written.append(token)
    return written, values


def ask(model: LocalModel, prompts: list[str], **fields: Any) -> list[Any]:
    generation = Generation(**{"max_new_tokens": N_NEW} | fields)
    found = dict(model.generate(prompts, generation))
    return [found[place] for place in range(len(prompts))]


@pytest.mark.parametrize("batch_tokens", [1, 90, 10_000])
def test_greedy_answers_are_those_of_a_plain_loop(folder: Path, batch_tokens: int) -> None:
    model = load_local_model(str(folder), device="cpu", batch_tokens=batch_tokens)
    answers = ask(model, PROMPTS)
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        ids = model.tokenizer(prompt)["input_ids"]
        written, _ = greedy(model, ids, N_NEW)
        assert answer == Answer(
            model.tokenizer.decode(written, skip_special_tokens=True),
            "stop" if written[-1] == 1 else "length",
            prompt_tokens=len(ids),
            completion_tokens=len(written),
        )


def test_the_end_token_ends_an_answer_in_a_batch(model: LocalModel, folder: Path) -> None:
    """The token that the model writes most is made its end."""
    written = Counter(greedy(model, model.tokenizer(PROMPTS[0])["input_ids"], N_NEW)[0][2:])
    end = written.most_common(1)[0][0]
    ending = LocalModel(model.network, model.tokenizer, "m", "f", end_ids=(1, end))
    for prompt, answer in zip(PROMPTS, ask(ending, PROMPTS), strict=True):
        ids, _ = greedy(model, model.tokenizer(prompt)["input_ids"], N_NEW)
        cut = ids[: ids.index(end) + 1] if end in ids else ids
        assert answer.completion_tokens == len(cut)
        assert (answer.finish_reason == "stop") is (end in ids)


def test_the_settings_of_a_checkpoint_do_not_change_greedy_decoding(
    model: LocalModel, tmp_path: Path
) -> None:
    folder = save_tiny_model(
        tmp_path, do_sample=True, temperature=3.0, repetition_penalty=5.0, num_beams=3, top_k=2
    )
    assert ask(load_local_model(str(folder), device="cpu"), PROMPTS) == ask(model, PROMPTS)


def test_an_answer_ends_exactly_before_a_stop_string(model: LocalModel) -> None:
    whole = ask(model, PROMPTS)
    stops = [answer.text[len(answer.text) // 2 :][:3] for answer in whole]
    for prompt, answer, stop in zip(PROMPTS, whole, stops, strict=True):
        [stopped] = ask(model, [prompt], stop=(stop,))
        assert stopped.text == answer.text[: answer.text.index(stop)]
        assert stopped.finish_reason == "stop"
        assert stopped.completion_tokens < answer.completion_tokens
    # In one batch, rows that have ended wait for the others.
    together = ask(model, PROMPTS, stop=tuple(stops))
    assert together == [ask(model, [prompt], stop=tuple(stops))[0] for prompt in PROMPTS]


def test_log_probabilities_are_those_of_a_plain_loop(model: LocalModel) -> None:
    found = model.log_probabilities(PROMPTS[1], Generation(max_new_tokens=N_NEW))
    written, values = greedy(model, model.tokenizer(PROMPTS[1])["input_ids"], N_NEW)
    assert isinstance(found, TokenLogProbabilities)
    assert found.log_probabilities == pytest.approx(values, abs=1e-4)
    assert found.completion_tokens == len(written) == len(found.tokens)
    assert found.text == ask(model, [PROMPTS[1]])[0].text


def test_sampling_depends_on_the_seed_and_the_prompt_alone(model: LocalModel) -> None:
    state = torch.random.get_rng_state()
    alone = [ask(model, [prompt], temperature=1.0, seed=3)[0] for prompt in PROMPTS]
    assert ask(model, PROMPTS[::-1], temperature=1.0, seed=3)[::-1] == alone
    assert ask(model, PROMPTS, temperature=1.0, seed=4) != alone
    assert torch.equal(torch.random.get_rng_state(), state)


def test_sampling_at_temperature_one_has_the_probabilities_of_the_model(model: LocalModel) -> None:
    ids = model.tokenizer("x")["input_ids"]
    with torch.no_grad():
        expected = torch.softmax(model.network(torch.tensor([ids])).logits[0, -1], -1)
    n = 300
    drawn = Counter(
        ask(model, ["x"], max_new_tokens=1, temperature=1.0, seed=seed)[0].text for seed in range(n)
    )
    for token in expected.topk(2).indices.tolist():
        p = float(expected[token])
        n_drawn = drawn[model.text([token])]
        assert abs(n_drawn - n * p) < 4.5 * math.sqrt(n * p * (1 - p))


def test_a_chat_template_is_used_once(folder: Path, tmp_path: Path) -> None:
    chatting = load_local_model(
        str(save_tiny_model(tmp_path, chat_template=CHAT_TEMPLATE)), device="cpu"
    )
    plain = load_local_model(str(folder), device="cpu")
    assert chatting.has_chat_template
    assert not plain.has_chat_template
    ids = chatting.prompt_ids("hi")
    assert ids == plain.prompt_ids("<user>hi<assistant>")
    assert ids.count(0) == 1
    assert chatting.identity != plain.identity


def test_prompts_that_do_not_fit_fail_alone(model: LocalModel) -> None:
    answers = ask(model, ["x" * 200, "banana"])
    assert isinstance(answers[0], Failure)
    assert "128 positions" in answers[0].reason
    assert answers[1] == ask(model, ["banana"])[0]
    assert isinstance(model.log_probabilities("x" * 200, Generation()), Failure)


def test_the_identity_is_of_the_weights_and_not_of_the_place(folder: Path, tmp_path: Path) -> None:
    same = load_local_model(str(save_tiny_model(tmp_path / "a")), device="cpu", name="other")
    another = load_local_model(str(save_tiny_model(tmp_path / "b", seed=1)), device="cpu")
    first = load_local_model(str(folder), device="cpu")
    assert first.identity == same.identity != another.identity
    assert (first.name, same.name) == (str(folder), "other")


def test_weights_that_are_absent_are_an_error(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = save_tiny_model(tmp_path)
    weights = load_file(broken / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TokevalError, match="up_proj"):
        load_local_model(str(broken), device="cpu")


def test_code_beside_the_weights_is_not_run(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path)
    mark = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass Evil: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "evil"
    config["auto_map"] = {"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TokevalError) as raised:
        load_local_model(str(folder), device="cpu")
    assert "\n" not in str(raised.value)
    assert not mark.exists()


def test_a_gguf_file(tmp_path: Path) -> None:
    pytest.importorskip("gguf", reason="GGUF files need gguf")
    pytest.importorskip("accelerate", reason="GGUF files need accelerate")
    from tests.tiny_gguf_models import save_both

    folder, path = tmp_path / "whole", tmp_path / "packed" / "tiny.gguf"
    save_both(folder, path)
    whole = load_local_model(str(folder), device="cpu")
    for where in (path, path.parent):
        packed = load_local_model(str(where), device="cpu")
        ids = packed.tokenizer(PROMPTS[1])["input_ids"]
        assert ids == whole.tokenizer(PROMPTS[1], add_special_tokens=False)["input_ids"]
        # The same weights write the same, token by token.
        assert greedy(packed, ids, N_NEW) == greedy(whole, ids, N_NEW)
        written, _ = greedy(whole, ids, N_NEW)
        [answer] = ask(packed, [PROMPTS[1]])
        assert answer.text == whole.text(written)


@pytest.mark.parametrize("content", [None, "{", '{"model_type": "llama"}'])
def test_folders_that_hold_no_model(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(TokevalError) as raised:
        load_local_model(str(tmp_path), device="cpu")
    assert raised.value.hint
    assert "\n" not in str(raised.value)


def test_files_that_are_damaged_are_one_line(folder: Path, tmp_path: Path) -> None:
    for name, content, said in (
        ("model.safetensors", (folder / "model.safetensors").read_bytes()[:100], "cannot be read"),
        ("chat_template.jinja", b"{{ 1", "takes no message of a user"),
        ("chat_template.jinja", b"{{ raise_exception('alone') }}", "takes no message of a user"),
    ):
        where = tmp_path / said.replace(" ", "-") / str(len(content))
        shutil.copytree(folder, where)
        (where / name).write_bytes(content)
        with pytest.raises(TokevalError, match=said) as raised:
            load_local_model(str(where), device="cpu")
        assert raised.value.hint
        assert "\n" not in str(raised.value)


def test_weights_that_are_code_are_not_run_and_said_to_be_none(
    folder: Path, tmp_path: Path
) -> None:
    where = tmp_path / "model"
    shutil.copytree(folder, where)
    (where / "model.safetensors").unlink()
    (where / "pytorch_model.bin").write_bytes(b"no pickle")
    with pytest.raises(TokevalError, match="something else than tensors"):
        load_local_model(str(where), device="cpu")


def test_a_gguf_file_that_is_cut_short_is_one_line_and_a_whole_one_is_quiet(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("gguf", reason="GGUF files need gguf")
    pytest.importorskip("accelerate", reason="GGUF files need accelerate")
    from tests.tiny_gguf_models import save_both

    path = tmp_path / "tiny.gguf"
    save_both(tmp_path / "whole", path)
    capfd.readouterr()
    load_local_model(str(path), device="cpu")
    assert capfd.readouterr().err == ""
    held = path.read_bytes()
    for n in (300, 1000, len(held) - 500):
        path.write_bytes(held[:n])
        with pytest.raises(TokevalError, match="cannot be read as a model"):
            load_local_model(str(path), device="cpu")


def test_a_hub_id_is_not_downloaded_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(TokevalError) as raised:
        load_local_model("no-one/no-model", device="cpu")
    assert raised.value.message == (
        "no-one/no-model is neither a folder here nor in the cache of the hub"
    )
    assert "--allow-download" in raised.value.hint


def test_a_hub_that_is_not_reached_is_one_line(tmp_path: Path) -> None:
    script = "from tokeval.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "probe", "selftest", "--model", "no-one/no-model",
         "--allow-download"],
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("tokeval: no-one/no-model cannot be fetched: the hub is not")
    assert done.stderr.count("\n") == 1


def test_a_device_that_is_not_there(folder: Path) -> None:
    with pytest.raises(UsageError, match="'nowhere'"):
        load_local_model(str(folder), device="nowhere")
