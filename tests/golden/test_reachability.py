"""Reachability on published vocabularies; expected figures were found by independent search."""

from pathlib import Path

import pytest

from tokeval.core.study import Subject, Tally
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.reachability import eligible_ids, measure


@pytest.mark.case(golden=["unreachable_tokens"])
def test_every_token_of_llama_2_is_reachable(shared: Path) -> None:
    path = shared / "data" / "tokenizers" / "phi-3-medium-4k-instruct.json"
    tally = measure(Subject(load_tokenizer(f"phi-3={path}")))
    assert isinstance(tally, Tally)
    assert tally.findings == ()
    assert int(tally.sums("unreached")[0]) == 0
    assert int(tally.sums("tokens")[0]) > 31_000


def test_no_token_of_real_text_is_called_unreachable(shared: Path) -> None:
    """Added tokens of GPT-NeoX take runs of spaces before its own tokens of them can."""
    tokenizer = load_tokenizer(f"dolly={shared / 'data' / 'tokenizers' / 'dolly-v2-12b.json'}")
    tally = measure(Subject(tokenizer))
    assert isinstance(tally, Tally)
    spaced = [example for finding in tally.findings for example in finding.examples]
    assert spaced
    texts = []
    for path in sorted((shared / "data" / "flores").glob("*.txt"))[:6]:
        texts += path.read_text(encoding="utf-8").splitlines()[:200]
    emitted = set(tokenizer.encode_batch(texts).ids.tolist())
    reported = {example.encode() for example in spaced}
    unreached = {
        i for i in eligible_ids(tokenizer.vocabulary)
        if tokenizer.vocabulary.token_bytes[i] in reported and i not in tokenizer.added_ids  # type: ignore[attr-defined]
    }  # fmt: skip
    assert unreached
    assert not emitted & unreached
