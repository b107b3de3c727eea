"""What is read in the replies of servers."""

from __future__ import annotations

import json

import pytest

from tokeval.probe.model import Answer
from tokeval.probe.replies import (
    error_code,
    is_same_model,
    read_answer,
    read_reply,
    said_in_error,
)


@pytest.mark.parametrize(
    ("asked", "echoed", "is_same"),
    [
        ("gpt-4o", "gpt-4o", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("gpt-4", "gpt-4-0613", True),
        ("GPT-4o", "gpt-4o", True),
        ("llama3", "llama3:8b-q4", True),
        ("org/llama3", "llama3", True),
        ("llama3", "org/llama3", True),
        ("/models/llama3", "/models/llama3@main", True),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4o", "gpt-4o-mini", False),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4o", "gpt-4", False),
        ("m-1", "m-10", False),
        ("llama-3.1", "llama-3.1-8b", False),
        ("one/llama3", "two/llama3", False),
        ("m", "", False),
    ],
)
def test_names_of_one_model(asked: str, echoed: str, is_same: bool) -> None:
    assert is_same_model(asked, echoed) is is_same


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "too long"}}', "too long"),
        (b'{"error": "too long"}', "too long"),
        (b'{"detail": [{"loc": "x"}]}', "[{'loc': 'x'}]"),
        (b'{"message": "too\\n  long"}', "too long"),
        (b"<html>\x1b[31mBad\x00 Gateway\xff</html>", "<html> [31mBad Gateway\ufffd</html>"),
        (b'{"error": null}', ""),
        (b'{"error": null, "message": "too long"}', "too long"),
        (b"[" * 100_000, "[" * 200),
        (b"[1]", "[1]"),
        (b"", ""),
        (json.dumps({"error": {"message": "key s3cret is bad"}}).encode(), "key … is bad"),
    ],
)
def test_what_an_error_says(body: bytes, said: str) -> None:
    assert said_in_error(body, secret="s3cret") == said  # noqa: S106 -- of no account


def test_what_an_error_says_is_short() -> None:
    assert len(said_in_error(b"x" * 10_000, secret=None)) == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": {"code": "insufficient_quota"}}', "insufficient_quota"),
        (b'{"error": {"code": null, "type": "billing_not_active"}}', "billing_not_active"),
        (b'{"error": "x"}', ""),
        (b"[]", ""),
        (b"\xff", ""),
        (b'{"error":' * 100_000, ""),
    ],
)
def test_the_code_of_an_error(body: bytes, code: str) -> None:
    assert error_code(body) == code


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"choices": [{"text": "x"', "cut off"),
        (b"", "cut off"),
        (b'{"choices": []}', "no choices"),
        (b'{"error": {"message": "x"}}', "no completion"),
        (b'{"choices": [{"message": {"content": 3}}]}', "no completion"),
        (b"[]", "no completion"),
        (b'{"error": {"message": "quota gone"}}', "it says: quota gone"),
        (b'{"choices": [{"text": "x"}], "y": ' + b"[" * 100_000, "nested too deep"),
    ],
)
def test_replies_that_are_none(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_reply(body)


@pytest.mark.parametrize("count", ["-1", "2.5", "true", '"3"', "18446744073709551616", "[]"])
def test_what_is_no_count_of_tokens_is_not_known_and_costs_no_answer(count: str) -> None:
    usage = f'{{"prompt_tokens": {count}, "completion_tokens": 4}}'
    reply = read_reply(f'{{"choices": [{{"text": "x"}}], "usage": {usage}}}'.encode())
    answer = read_answer(reply)
    assert isinstance(answer, Answer)
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("x", None, 4)
