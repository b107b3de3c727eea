"""What a probe needs of a model: answers to prompts, as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tokeval.errors import TokevalError

FinishReason = Literal["stop", "length", "filtered", "unknown"]


@dataclass(frozen=True)
class Generation:
    """How answers are generated.

    Attributes:
        max_new_tokens: at most so many tokens are written.
        temperature: 0 is greedy.
        seed: of the sampling; ignored by models that have none.
        stop: strings at which an answer ends; they are not part of it.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a model wrote.

    Attributes:
        text: without the prompt and without the stop string.
        finish_reason: why it ended; `length` where it was cut off.
        prompt_tokens, completion_tokens: as the model counts them; `None` where it does not say.
        model: the name that the model gives itself; `None` where it does not say.
        n_retries: how often it had to be asked again.
    """

    text: str
    finish_reason: FinishReason = "unknown"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str | None = None
    n_retries: int = 0


@dataclass(frozen=True)
class Failure:
    """Why there is no answer, in one line, and how often the model was asked again."""

    reason: str
    n_retries: int = 0


@dataclass(frozen=True)
class TokenLogProbabilities:
    """The natural-logarithmic probabilities that a model gives to the tokens of its answer.

    Attributes:
        tokens: of the answer, as the model writes them.
        log_probabilities: of each of these tokens.
        text: the answer that they are said to be of; `None` where it is not known.
        completion_tokens: how many tokens the model counted in it; `None` where it does not say.
    """

    tokens: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    text: str | None = None
    completion_tokens: int | None = None


class ModelGoneError(TokevalError):
    """The model answers no more for now; what it has answered stays good."""


class Model(Protocol):
    """Something that answers prompts.

    Attributes:
        name: as the user called it.
        identity: everything about the model that changes its answers, for the key under which
            they are kept: never a secret.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 -- described above

    @property
    def identity(self) -> str: ...  # noqa: D102 -- described above

    def generate(
        self, prompts: Sequence[str], generation: Generation
    ) -> Iterator[tuple[int, Answer | Failure]]:
        """Each answer as soon as it is there, with the place of its prompt; in any order.

        Closing the iterator stops what has not been asked yet.
        """
        ...

    def log_probabilities(
        self, prompt: str, generation: Generation
    ) -> TokenLogProbabilities | Failure:
        """Those of the answer's tokens, or why the model does not give them."""
        ...
