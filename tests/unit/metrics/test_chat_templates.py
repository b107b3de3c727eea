"""Chat templates of published kinds: what a longer chat changes, who may write markers.

The templates are written here in the manner of two published ones, one that marks turns with added
tokens that are not special, and one that drops the reasoning of turns but the last.
"""

import json
from pathlib import Path

import pytest
from tokenizers import AddedToken

from tests import toy_tokenizers as toy
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.audit_files import template_checks

TURNS = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
)
REASONING = (
    "{% for message in messages %}"
    "<|{{ message.role }}|>"
    "{% if message.role == 'assistant' and loop.last %}<think></think>{% endif %}"
    "{{ message.content }}<|end|>"
    "{% endfor %}"
)


def saved(folder: Path, template: str, markers: tuple[str, ...]) -> Tokenizer:
    """A tokenizer whose markers are added tokens but not special, with its template beside it."""
    trained = toy.with_added(
        toy.byte_level_bpe(["What is 2 + 2? It is 4."] * 3),
        *(AddedToken(marker, special=False, normalized=False) for marker in markers),
    )
    (folder / "tokenizer.json").write_text(trained.to_str(), encoding="utf-8")
    config = json.dumps({"chat_template": template})
    (folder / "tokenizer_config.json").write_text(config, encoding="utf-8")
    return load_tokenizer(str(folder))


@pytest.mark.parametrize(
    ("template", "markers", "n_broken", "injected"),
    [
        (TURNS, ("<|user|>", "<|assistant|>", "<|end|>"), 0, 3),
        (REASONING, ("<|user|>", "<|assistant|>", "<|end|>", "<think>", "</think>"), 1, 5),
        (TURNS, (), 0, 0),
        (TURNS.replace("<|end|>", "\n"), ("<|user|>", "\n"), 0, 1),
    ],
    ids=["turns", "reasoning is dropped", "markers are plain text", "a line end is no marker"],
)
def test_markers_that_are_not_special_count(
    tmp_path: Path, template: str, markers: tuple[str, ...], n_broken: int, injected: int
) -> None:
    tokenizer = saved(tmp_path, template, markers)
    breaks, injections = template_checks(tokenizer, tmp_path)
    assert breaks.n == n_broken
    assert injections.n == injected
