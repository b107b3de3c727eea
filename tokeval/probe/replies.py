"""What an OpenAI-compatible server sends back, and what is read in it."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from tokeval.probe.model import Answer, Failure, FinishReason, TokenLogProbabilities

_FINISH_REASONS: dict[str | None, FinishReason] = {
    "stop": "stop", "length": "length", "content_filter": "filtered",
}  # fmt: skip
_SHOWN = 200
_LEAST_SECRET = 8


class Message(msgspec.Struct, frozen=True):
    """What the model wrote in a chat."""

    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One of the answers; `text` is that of `/completions`, `message` that of a chat."""

    message: Message | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: Any = None


class Counts(msgspec.Struct, frozen=True):
    """Tokens, as the server counts them; `None` where what it says is no count."""

    prompt_tokens: Any = None
    completion_tokens: Any = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            count = getattr(self, name)
            if type(count) is not int or not 0 <= count < 1 << 63:
                msgspec.structs.force_setattr(self, name, None)


class Reply(msgspec.Struct, frozen=True):
    """The body of a successful response; fields that are not named here are not read."""

    choices: list[Choice]
    model: str | None = None
    usage: Counts | None = None


def read_reply(body: bytes, *, secret: str | None = None) -> Reply:
    """The reply in the body of a response, without the secret wherever the server repeats it.

    Raises:
        ValueError: it is cut off, not JSON, or has no choices; says which, and what the server
            says itself.
    """
    try:
        held = without_secret(msgspec.json.decode(body), secret)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError("the server's answer is cut off or not JSON") from None
    except RecursionError:
        raise ValueError("the server's answer is nested too deeply") from None
    said = said_in_error(body, secret=secret) if isinstance(held, dict) else ""
    said = f"; it says: {said}" if said else ""
    try:
        reply = msgspec.convert(held, type=Reply)
    except msgspec.ValidationError as error:
        raise ValueError(f"the server's answer is no completion: {error}{said}") from None
    if not reply.choices:
        raise ValueError(f"the server's answer has no choices{said}")
    return reply


def without_secret(held: Any, secret: str | None) -> Any:
    """What JSON holds, with an ellipsis for the secret in its texts.

    A secret that is short or a number, as those of servers that need none, is left: an answer may
    hold it by chance, and would be changed.
    """
    if secret is None or len(secret) < _LEAST_SECRET or secret.isdigit():
        return held
    if isinstance(held, str):
        return held.replace(secret, "…")
    if isinstance(held, list):
        return [without_secret(one, secret) for one in held]
    if isinstance(held, dict):
        return {key: without_secret(one, secret) for key, one in held.items()}
    return held


def read_answer(reply: Reply) -> Answer | Failure:
    """What the model wrote; a failure where there is no text and nothing cut it off."""
    choice = reply.choices[0]
    text = choice.message.content if choice.message is not None else choice.text
    finish = _FINISH_REASONS.get(choice.finish_reason, "unknown")
    if text is None and finish not in ("length", "filtered"):
        reason = repr(choice.finish_reason)[:_SHOWN]
        return Failure(f"the answer has no text (finish reason {reason})")
    counts = reply.usage or Counts()
    return Answer(
        text=text or "",
        finish_reason=finish,
        prompt_tokens=counts.prompt_tokens,
        completion_tokens=counts.completion_tokens,
        model=reply.model,
    )


def read_log_probabilities(reply: Reply) -> TokenLogProbabilities | Failure:
    """Those of the answer's tokens, in the shape of a chat or of `/completions`."""
    held = reply.choices[0].logprobs
    if not isinstance(held, dict):
        return Failure("the server gives no log probabilities")
    chat = held.get("content")
    if isinstance(chat, list):
        pairs = [
            (one.get("token"), one.get("logprob")) if isinstance(one, dict) else (None, None)
            for one in chat
        ]
    elif isinstance(held.get("tokens"), list) and isinstance(held.get("token_logprobs"), list):
        pairs = list(zip(held["tokens"], held["token_logprobs"], strict=False))
        if len(held["tokens"]) != len(held["token_logprobs"]):
            return Failure("the server gives other numbers of tokens than of log probabilities")
    else:
        return Failure("the server gives no log probabilities")
    answer = read_answer(reply)
    if isinstance(answer, Failure):
        return answer
    return _paired(pairs, answer)


def _paired(pairs: list[tuple[Any, Any]], answer: Answer) -> TokenLogProbabilities | Failure:
    """The pairs of a token and its log probability, where each is what it should be."""
    for token, value in pairs:
        if not isinstance(token, str) or isinstance(value, bool):
            return Failure("the server gives a token that is no text")
        if not isinstance(value, int | float) or math.isnan(value):
            return Failure(f"the server gives no log probability for the token {token[:20]!r}")
    return TokenLogProbabilities(
        tokens=tuple(token for token, _ in pairs),
        log_probabilities=tuple(float(value) for _, value in pairs),
        text=answer.text,
        completion_tokens=answer.completion_tokens,
    )


def said_in_error(body: bytes, *, secret: str | None) -> str:
    """What a server says of an error: one printable line without the secret, perhaps empty."""
    held = _json(body)
    text = body.decode("utf-8", "replace")
    if isinstance(held, dict):
        error = next((held[key] for key in ("error", "detail", "message") if held.get(key)), "")
        text = str((error.get("message") or error) if isinstance(error, dict) else error)
    if secret:
        text = text.replace(secret, "…")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:_SHOWN]


def error_code(body: bytes) -> str:
    """The code that a server gives an error in JSON, such as `insufficient_quota`, or nothing."""
    held = _json(body)
    error = held.get("error") if isinstance(held, dict) else None
    return str(error.get("code") or error.get("type") or "") if isinstance(error, dict) else ""


def _json(body: bytes) -> Any:
    """What a body holds; `None` where it is not JSON, or nested too deeply to be read."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_same_model(asked: str, echoed: str) -> bool:
    """Whether a server that calls itself `echoed` answers as the model that was asked for.

    Servers add a date, a revision or a quantisation to a name, or leave the owner out; another
    owner, size or family is another model.

    >>> is_same_model("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    True
    >>> is_same_model("gpt-4o", "gpt-4o-mini")
    False
    >>> is_same_model("org/tiny", "tiny@main")
    True
    """
    ours, theirs = asked.casefold().strip("/"), echoed.casefold().strip("/")
    if not ("/" in ours and "/" in theirs):
        ours, theirs = ours.split("/")[-1], theirs.split("/")[-1]
    if not theirs.startswith(ours):
        return False
    rest = theirs.removeprefix(ours)
    return not rest or rest[0] in "@:" or (rest[0] == "-" and rest[1:].replace("-", "").isdigit())
