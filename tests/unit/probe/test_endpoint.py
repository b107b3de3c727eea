"""A model behind a server: what is sent, what is read, and what happens when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest

from tests.fake_model_server import MODEL, FakeServer, answer_to, tokens_of
from tokeval.errors import TokevalError, UsageError
from tokeval.probe.connections import FAILURES_IN_A_ROW, WrongModelError
from tokeval.probe.endpoint import Endpoint
from tokeval.probe.model import (
    Answer,
    Failure,
    Generation,
    ModelGoneError,
    TokenLogProbabilities,
)
from tokeval.probe.retrying import Patience, asked_wait

QUICK = Patience(n_retries=3, first_wait=0.01, longest_wait=0.02)
GREEDY = Generation(max_new_tokens=32)
SECRET = "sk-very-secret-1234567890"  # noqa: S105 -- of no account


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def endpoint(server: FakeServer, **fields: Any) -> Endpoint:
    return Endpoint(server.base_url, MODEL, **{"patience": QUICK, "timeout": 10.0} | fields)


def ask(model: Endpoint, *prompts: str, generation: Generation = GREEDY) -> list[Any]:
    found = dict(model.generate(prompts, generation))
    return [found[place] for place in range(len(prompts))]


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_answers_have_text_counts_and_name(api: Any) -> None:
    prompts = [f"count {n} letters" for n in range(20)]
    with FakeServer() as server:
        answers = ask(endpoint(server, api=api), *prompts)
    assert [answer.text for answer in answers] == [answer_to(prompt) for prompt in prompts]
    assert answers[0] == Answer(answer_to(prompts[0]), "stop", 3, 6, MODEL, 0)


def test_a_request_holds_the_settings_and_nothing_else() -> None:
    generation = Generation(max_new_tokens=7, temperature=0.5, seed=3, stop=("gamma",))
    with FakeServer() as server:
        [answer] = ask(endpoint(server), "hello", generation=generation)
        ask(
            endpoint(server, omitted=("seed", "stop", "temperature"), limit_field="n_max"),
            "hello",
            generation=generation,
        )
        first, second = (line["body"] for line in server.script.log)
    assert first == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 3,
        "stop": ["gamma"],
    }
    assert set(second) == {"model", "messages", "n_max"}
    assert "gamma" not in answer.text


@pytest.mark.parametrize(
    "fault",
    [
        *({"status": status} for status in (408, 429, 500, 502, 503, 504, 529)),
        {"kind": "reset"},
        {"kind": "cut"},
        {"kind": "cut body"},
        {"kind": "slow", "seconds": 0.6},
        {"kind": "replaced", "replaced": {"choices": []}},
        {"kind": "replaced", "replaced": {"choices": "none"}},
    ],
    ids=lambda fault: " ".join(str(value) for value in fault.values()),
)
def test_what_passes_is_asked_again(fault: Mapping[str, Any]) -> None:
    with FakeServer([fault, fault]) as server:
        [answer] = ask(endpoint(server, timeout=0.3), "hello")
        assert answer == Answer(answer_to("hello"), "stop", 1, 6, MODEL, n_retries=2)
        assert len(server.script.log) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 501])
def test_what_does_not_pass_is_one_clear_line_at_once(status: int) -> None:
    with (
        FakeServer([{"status": status, "message": "not like\nthis"}] * 9) as server,
        pytest.raises(TokevalError) as raised,
    ):
        ask(endpoint(server, n_at_once=1), "hello", "there")
    assert len(server.script.log) == 1
    assert str(status) in raised.value.message
    assert raised.value.hint
    assert "\n" not in str(raised.value)


def test_one_prompt_that_the_server_refuses_fails_alone() -> None:
    faults = [None, {"status": 400, "message": "the prompt is too long"}, None]
    with FakeServer(faults) as server:
        answers = ask(endpoint(server, n_at_once=1), "a", "b", "c")
    assert [type(answer) for answer in answers] == [Answer, Failure, Answer]
    assert answers[1].reason == "HTTP 400: the prompt is too long"


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(as_date: bool) -> None:
    moment = int(time.time()) + 2
    value = formatdate(moment, usegmt=True) if as_date else "1"
    fault = {"status": 429, "headers": {"Retry-After": value}}
    with FakeServer([None, fault]) as server:
        ask(endpoint(server, n_at_once=1), "a", "b", "c")
        times = [line["at"] for line in server.script.log]
    assert len(times) == 4
    assert times[2] >= moment if as_date else times[2] - times[1] >= 0.99


def test_a_pause_holds_for_all_requests() -> None:
    fault = {"status": 429, "headers": {"Retry-After": "1"}}
    slow = {"kind": "slow", "seconds": 0.3}
    with FakeServer([fault, slow]) as server:
        ask(endpoint(server, n_at_once=2), "a", "b", "c", "d")
        first, *later = [line["at"] for line in server.script.log[:1] + server.script.log[2:]]
    assert min(later) - first >= 0.95


def test_a_wait_beyond_patience_is_a_failure() -> None:
    fault = {"status": 429, "message": "slow down", "headers": {"Retry-After": "3600"}}
    with FakeServer([None, fault]) as server:
        answers = ask(endpoint(server, n_at_once=1), "a", "b")
        assert answers[1] == Failure("HTTP 429: slow down", n_retries=0)


def test_an_exhausted_quota_is_not_asked_again() -> None:
    body = {"error": {"message": "no money", "code": "insufficient_quota"}}
    with (
        FakeServer([{"status": 429, "body": body}]) as server,
        pytest.raises(TokevalError, match="no money"),
    ):
        ask(endpoint(server), "hello")
    assert len(server.script.log) == 1


def test_patience_ends_in_a_failure_with_its_reason() -> None:
    with FakeServer([None, *[{"status": 503, "message": "loading"}] * 4]) as server:
        answers = ask(endpoint(server, n_at_once=1), "a", "b")
    assert answers[1] == Failure("HTTP 503: loading", n_retries=3)


def test_a_server_that_fails_prompt_after_prompt_is_given_up() -> None:
    quick = Patience(n_retries=0)
    with FakeServer([None, *[{"status": 500}] * 99]) as server:
        answers = endpoint(server, n_at_once=1, patience=quick).generate(["x"] * 50, GREEDY)
        came: list[Any] = []
        with pytest.raises(TokevalError, match="HTTP 500"):
            came.extend(answer for _, answer in answers)
    assert len(came) == FAILURES_IN_A_ROW
    assert isinstance(came[0], Answer)


def test_a_server_that_is_not_there() -> None:
    with FakeServer() as server:
        model = endpoint(server)
    with pytest.raises(TokevalError, match="no connection"):
        ask(model, "hello")


@pytest.mark.parametrize("echoed", ["fake-2", "other", "fake-1-mini", "own/fake", "fake"])
def test_another_model_is_refused(echoed: str) -> None:
    with FakeServer(always={"model": echoed}) as server:
        with pytest.raises(WrongModelError, match=repr(echoed)):
            ask(endpoint(server), "hello")
        [answer] = ask(endpoint(server, answers_as=echoed), "hello")
        assert answer.model == echoed


@pytest.mark.parametrize(
    "echoed", ["fake-1", "fake-1-2024-07-18", "own/Fake-1", "fake-1@main", None]
)
def test_the_same_model_under_a_longer_name(echoed: str | None) -> None:
    with FakeServer(always={"model": echoed}) as server:
        [answer] = ask(endpoint(server), "hello")
    assert answer.model == echoed


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"finish_reason": "length", "message": {"content": None}}, Answer("", "length")),
        ({"finish_reason": "content_filter", "message": {"content": None}}, Answer("", "filtered")),
        ({"finish_reason": "eos", "message": {"content": "x"}}, Answer("x", "unknown")),
        (
            {"finish_reason": "tool_calls", "message": {"content": None}},
            Failure("the answer has no text (finish reason 'tool_calls')"),
        ),
    ],
)
def test_the_ends_of_answers(choice: dict[str, Any], expected: Answer | Failure) -> None:
    with FakeServer(always={"choices": [choice], "usage": None, "model": None}) as server:
        assert ask(endpoint(server), "hello") == [expected]


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_log_probabilities(api: Any) -> None:
    with FakeServer() as server:
        found = endpoint(server, api=api).log_probabilities("hello", GREEDY)
    text = answer_to("hello")
    assert found == TokenLogProbabilities(tuple(tokens_of(text)), (-0.25,) * 6, text, 6)


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {},
        {"content": [{"token": "a"}]},
        {"content": ["a"]},
        {"content": [{"token": "a", "logprob": True}]},
        {"tokens": ["a"], "token_logprobs": []},
        {"tokens": ["a"], "token_logprobs": [None]},
    ],
)
def test_log_probabilities_that_are_not_there(logprobs: Any) -> None:
    choice = {"finish_reason": "stop", "message": {"content": "a"}, "logprobs": logprobs}
    with FakeServer(always={"choices": [choice]}) as server:
        assert isinstance(endpoint(server).log_probabilities("hello", GREEDY), Failure)


def test_log_probabilities_that_the_server_refuses() -> None:
    with FakeServer([{"status": 400, "message": "logprobs unsupported"}]) as server:
        found = endpoint(server).log_probabilities("hello", GREEDY)
    assert found == Failure("HTTP 400: logprobs unsupported")


def test_redirects_are_not_followed() -> None:
    with FakeServer() as other:
        headers = {"Location": f"{other.base_url}/chat/completions"}
        with (
            FakeServer([{"status": 307, "headers": headers}]) as server,
            pytest.raises(TokevalError, match="HTTP 307"),
        ):
            ask(endpoint(server), "hello")
        assert other.script.log == []


def test_proxies_of_the_environment_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer() as proxy, FakeServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        for uses_proxies in (False, True):
            ask(endpoint(server, uses_proxies=uses_proxies), "hello")
        assert len(server.script.log) == 2
        assert proxy.script.log == []


def test_the_key_is_sent_and_appears_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("MY_KEY", SECRET)
    seen = []
    for status in (400, 401, 403, 404, 500):
        faults = [{"status": status, "message": f"bad key {SECRET}"}] * 9
        with FakeServer(faults) as server:
            model = endpoint(server, key_variable="MY_KEY")
            with pytest.raises(TokevalError) as raised:
                ask(model, "hello")
            assert server.script.log[0]["key"] == f"Bearer {SECRET}"
        seen += [str(raised.value), repr(raised.value), repr(model), model.identity, model.name]
        seen += [repr(vars(error)) for error in (raised.value, raised.value.__cause__) if error]
    with FakeServer(always={"model": f"x-{SECRET}"}) as server:
        with pytest.raises(WrongModelError) as wrong:
            ask(endpoint(server, key_variable="MY_KEY"), "hello")
        seen.append(str(wrong.value))
    assert SECRET not in "\n".join([*seen, caplog.text])


def test_a_server_that_repeats_the_key_has_it_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    choices = [
        {"message": {"content": f"your key is {SECRET}, 7"}, "finish_reason": "stop"},
        {"message": {"content": None}, "finish_reason": f"{SECRET}\n"},
    ]
    for choice, said in zip(choices, ("your key is …, 7", "…"), strict=True):
        with FakeServer(always={"choices": [choice], "model": f"{MODEL}@{SECRET}"}) as server:
            [answer] = ask(endpoint(server, key_variable="MY_KEY"), "hello")
        assert SECRET not in repr(answer)
        assert said in repr(answer)


@pytest.mark.parametrize("key", ["EMPTY", "7", "123456789"])
def test_a_key_that_is_no_secret_changes_no_answer(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", key)
    text = f"the answer {key} is EMPTY or 123456789"
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    with FakeServer(always={"choices": [choice]}) as server:
        [answer] = ask(endpoint(server, key_variable="MY_KEY"), "hello")
    assert answer.text == text


def test_a_key_in_place_of_its_variable_is_not_shown() -> None:
    with FakeServer() as server, pytest.raises(UsageError, match="is not set") as raised:
        ask(endpoint(server, key_variable=SECRET), "hello")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SSL_CERT_FILE", "/no/such/file", "SSL_CERT_FILE"),
        ("HTTP_PROXY", "junk://me:sk-1@x", "HTTP_PROXY"),
        ("HTTP_PROXY", "http://me:sk-1@[::", "HTTP_PROXY"),
    ],
)
def test_surroundings_that_cannot_be_used_are_one_line(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    model = Endpoint("http://192.0.2.1/v1", "m", timeout=1.0, patience=QUICK, uses_proxies=True)
    with pytest.raises(UsageError, match=said) as raised:
        ask(model, "hello")
    assert "sk-1" not in str(raised.value)


def test_an_address_that_httpx_cannot_ask_is_one_line() -> None:
    with pytest.raises(UsageError, match="no address that can be asked"):
        ask(Endpoint("http://xn--/v1", "m"), "hello")


def test_an_answer_without_end_is_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokeval.probe.connections.MOST_BYTES", 1 << 20)
    with (
        FakeServer(always={"padding": "x" * (3 << 20)}) as server,
        pytest.raises(ModelGoneError, match="more than 1 MiB"),
    ):
        ask(endpoint(server, patience=Patience(n_retries=0)), "hello")


@pytest.mark.parametrize("key", ["sk-a b", "sk-\n1", "sk-ü"])
def test_a_key_that_is_none(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with FakeServer() as server, pytest.raises(UsageError, match="OPENAI_API_KEY") as raised:
        ask(endpoint(server), "hello")
    assert key not in str(raised.value)


@pytest.mark.parametrize(
    ("base_url", "variable", "is_sent"),
    [
        ("https://example.org/v1", "OPENAI_API_KEY", True),
        ("http://127.0.0.1:1/v1", "OPENAI_API_KEY", True),
        ("http://[::1]:1/v1", "OPENAI_API_KEY", True),
        ("http://example.org/v1", "OPENAI_API_KEY", False),
        ("http://localhost.example.org/v1", "OPENAI_API_KEY", False),
        ("http://example.org/v1", "MY_KEY", True),
    ],
)
def test_the_default_key_is_never_sent_in_the_clear(
    base_url: str, variable: str, is_sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, SECRET)
    assert (Endpoint(base_url, "m", key_variable=variable)._key() == SECRET) is is_sent


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://x/v1",
        "http://",
        "http://me:sk-1@x/v1",
        "http://x/v1?key=sk-1",
        "http://@x/v1",
        "http://x y/v1",
        "http://x\n/v1",
        "http://example.org\\.localhost/v1",
    ],
)
def test_a_base_url_that_is_none_is_not_shown(base_url: str) -> None:
    with pytest.raises(UsageError) as raised:
        Endpoint(base_url, "m")
    assert "sk-1" not in str(raised.value)


@pytest.mark.parametrize(
    "base_url", ["http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/chat/completions"]
)
def test_the_address(base_url: str) -> None:
    assert Endpoint(base_url, "m").url == "http://h:1/v1/chat/completions"


@pytest.mark.parametrize(
    "fields",
    [
        {"model": ""},
        {"n_at_once": 0},
        {"timeout": 0.0},
        {"omitted": ("model",)},
        {"limit_field": ""},
        {"limit_field": "model"},
    ],
)
def test_settings_that_are_none(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Endpoint(**{"base_url": "http://h/v1", "model": "m"} | fields)


def test_the_identity_tells_models_and_requests_apart() -> None:
    variants = [
        Endpoint("http://h/v1", "m"),
        Endpoint("http://h/v1", "n"),
        Endpoint("http://g/v1", "m"),
        Endpoint("http://h/v1", "m", api="completions"),
        Endpoint("http://h/v1", "m", omitted=("seed",)),
    ]
    assert len({model.identity for model in variants}) == len(variants)
    assert Endpoint("http://h/v1/", "m", timeout=1.0).identity == variants[0].identity


@pytest.mark.parametrize("n_at_once", [1, 4])
def test_no_more_requests_at_once_than_allowed(n_at_once: int) -> None:
    with FakeServer(delay=0.05) as server:
        ask(endpoint(server, n_at_once=n_at_once), *(str(number) for number in range(12)))
        assert server.script.n_at_once == n_at_once


def test_a_named_variable_that_is_not_set() -> None:
    with FakeServer() as server, pytest.raises(UsageError, match="MY_KEY is not set"):
        ask(endpoint(server, key_variable="MY_KEY"), "hello")


def test_closing_the_iterator_asks_no_more() -> None:
    with FakeServer(hold_after=1) as server:
        answers = endpoint(server, n_at_once=2).generate([str(n) for n in range(50)], GREEDY)
        next(answers)
        began = time.monotonic()
        answers.close()  # type: ignore[attr-defined]
        assert time.monotonic() - began < 2
        assert len(server.script.log) <= 3


def test_it_works_inside_a_running_loop() -> None:
    async def in_a_notebook() -> list[Any]:
        return ask(endpoint(server), "hello")

    # In a thread of its own: another test's browser may keep a loop running in this one.
    with FakeServer() as server, ThreadPoolExecutor(1) as thread:
        answers = thread.submit(lambda: asyncio.run(in_a_notebook())).result()
    assert answers[0].text == answer_to("hello")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0), ("120", 120.0), (" 3 ", 3.0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:02:00 -0000", 20.0),
        (None, None), ("", None), ("soon", None), (f"Fri, 31 Dec {10**20} 23:59:59 GMT", None),
        ("-5", None), ("1.5e3x", None), ("٣", None),
    ],
)  # fmt: skip
def test_what_retry_after_asks_for(header: str | None, seconds: float | None) -> None:
    assert asked_wait(header, now=100.0) == seconds


def waits(patience: Patience, draw: float) -> Iterator[float | None]:
    for attempt in range(8):
        yield patience.wait(attempt, asked=None, draw=draw)


def test_waits_double_up_to_a_limit_and_are_spread() -> None:
    patience = Patience(n_retries=6, first_wait=1.0, longest_wait=10.0)
    assert list(waits(patience, 0.0)) == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, None, None]
    assert list(waits(patience, 1.0))[:5] == [1.0, 2.0, 4.0, 8.0, 10.0]
    assert patience.wait(0, asked=400.0, draw=0.0) is None
    assert patience.wait(0, asked=40.0, draw=0.0) == 40.0


def test_patience_that_is_none() -> None:
    with pytest.raises(UsageError):
        Patience(n_retries=-1)
