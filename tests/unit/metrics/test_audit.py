"""The audit: each check counts what was put there to be found, and nothing where there is none."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer, pre_tokenizers

from tests.toy_tokenizers import (
    byte_level_bpe,
    lowercase_wordpiece,
    sentencepiece_bpe,
    with_added,
)
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Subject, Tally
from tokeval.core.tokenizer import Encoded, Vocabulary
from tokeval.document import Undefined
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics import audit_files
from tokeval.metrics.audit import METRICS, STUDY, measure, series
from tokeval.metrics.audit_checks import LOSS_PROBES
from tokeval.metrics.codes import CODES

TEXTS = [
    "the cat sat on the mat, the cats sit",
    "naïve café 日本語 日本",
    "low lower lowest 12 123",
] * 9
IDS = [metric.info.id for metric in METRICS]
IN_TEMPLATES = {"template_prefix_breaks", "template_injections"}
PLAIN = "{% for m in messages %}<|s|>{{ m['role'] }}\n{{ m['content'] }}<|e|>\n{% endfor %}"
FORGETFUL = (
    "{% for m in messages %}{% if loop.last %}<|s|>{% endif %}{{ m['content'] }}{% endfor %}"
)


class Stub:
    """A tokenizer of characters with a vocabulary and merges made by hand."""

    name = "stub"
    source = "nowhere"
    keeps_whitespace = True
    added_texts: tuple[str, ...] = ()
    shift = False

    def __init__(self, tokens: tuple[bytes | None, ...], merges: Any = None) -> None:
        self.vocabulary = Vocabulary(tokens)
        self.merges = merges
        self.n_calls = 0

    def encode_batch(self, texts: Any) -> Encoded:
        self.n_calls += self.shift
        return Encoded.from_lists([[(ord(c) + self.n_calls) % 7 for c in text] for text in texts])

    def normalize(self, text: str) -> str:
        return text


def context(tokenizer: Any) -> Context:
    evidence: Any = Evidence.__new__(Evidence)  # never looked at
    tally = measure(Subject(tokenizer))
    return Context(evidence, tokenizer.vocabulary, tallies={STUDY.name: tally})


def values(tokenizer: Any) -> dict[str, float | str]:
    """Every metric's value, or why it has none."""
    whole = context(tokenizer)
    found: dict[str, float | str] = {}
    for metric in METRICS:
        folds = metric.compute(whole)
        found[metric.info.id] = float(folds.values[0]) if isinstance(folds, Folds) else folds.reason
    return found


def codes(tokenizer: Any) -> dict[str, int]:
    tally = measure(Subject(tokenizer))
    assert isinstance(tally, Tally)
    return {finding.code: finding.n for finding in tally.findings}


def adapted(library: Tokenizer) -> Any:
    return adapt_tokenizers_object(library, name="toy", source="toy")


def saved(folder: Path, template: str | None = None, vocab_size: int | None = None) -> Any:
    """A tokenizer with two chat markers in a folder, with the files that models have beside."""
    library = with_added(byte_level_bpe(TEXTS), AddedToken("<|s|>"), AddedToken("<|e|>"))
    library.save(str(folder / "tokenizer.json"))
    if template is not None:
        config = json.dumps({"chat_template": template})
        (folder / "tokenizer_config.json").write_text(config, encoding="utf-8")
    if vocab_size is not None:
        config = json.dumps({"vocab_size": vocab_size})
        (folder / "config.json").write_text(config, encoding="utf-8")
    return load_tokenizer(f"toy={folder / 'tokenizer.json'}")


@pytest.mark.case(golden=["broken_merges", "id_gaps", "duplicate_tokens", "partial_utf8_tokens"])
def test_faults_of_a_vocabulary_are_counted() -> None:
    # gap: 2; duplicate: 4 repeats 0; parts of characters: 5; merges: `ac` and the part `x` lack.
    merges = ((b"a", b"b"), (b"a", b"c"), (b"x", b"b"))
    stub = Stub((b"a", b"b", None, b"ab", b"a", b"\xe2\x82", b"c"), merges)
    found = values(stub)
    assert found["broken_merges"] == 2
    assert found["id_gaps"] == 1
    assert found["duplicate_tokens"] == 1
    assert found["partial_utf8_tokens"] == 1
    assert codes(stub) == {
        "broken-merge": 2, "id-gap": 1, "duplicate-token": 1, "partial-utf8-token": 1
    }  # fmt: skip


@pytest.mark.case(oracle=["broken_merges", "id_gaps", "duplicate_tokens", "partial_utf8_tokens"])
@pytest.mark.parametrize("seed", range(5))
def test_random_vocabularies_are_counted_as_by_definition(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    pool = [b"a", b"b", b"ab", b"\xc3", b"\xa9", "é".encode(), b"ba"]
    tokens = [draw.choice([*pool, None]) for _ in range(12)] + [b"z"]
    merges = tuple((draw.choice(pool), draw.choice(pool)) for _ in range(6))
    found = values(Stub(tuple(tokens), merges))
    counts = Counter(token for token in tokens if token is not None)
    assert found["id_gaps"] == len(tokens) - counts.total()
    assert found["duplicate_tokens"] == counts.total() - len(counts)
    assert found["partial_utf8_tokens"] == counts[b"\xc3"] + counts[b"\xa9"]
    whole = [all(part in counts for part in (a, b, a + b)) for a, b in merges]
    assert found["broken_merges"] == whole.count(False)


@pytest.mark.case(golden=["nondeterministic_texts"], oracle=["nondeterministic_texts"])
def test_ids_that_change_with_every_call_are_counted() -> None:
    stub = Stub((b"a",))
    assert values(stub)["nondeterministic_texts"] == 0
    stub.shift = True
    # Of the seven probes, all but the empty one are given other ids each time.
    assert values(stub)["nondeterministic_texts"] == 6


@pytest.mark.case(golden=["normaliser_losses"], oracle=["normaliser_losses"])
def test_what_a_normaliser_takes_is_named() -> None:
    assert values(adapted(byte_level_bpe(TEXTS)))["normaliser_losses"] == 0
    tokenizer = adapted(lowercase_wordpiece(TEXTS))
    library = Tokenizer.from_str(tokenizer.definition)
    changed = {  # the library's own normaliser, and white space, which WordPiece never keeps
        kind
        for kind, probes in LOSS_PROBES.items()
        if kind == "white space"
        or any(library.normalizer.normalize_str(probe) != probe for probe in probes)
    }
    tally = measure(Subject(tokenizer))
    assert isinstance(tally, Tally)
    (found,) = [one for one in tally.findings if one.code == "normaliser-loss"]
    assert {example.split(":")[0] for example in found.examples} == changed
    assert {"case", "accents", "white space"} <= changed
    assert values(tokenizer)["normaliser_losses"] == len(changed)


@pytest.mark.case(
    golden=["injectable_special_tokens", "injectable_chat_markers", "loader_disagreements"],
    oracle=["injectable_special_tokens", "injectable_chat_markers"],
)
def test_markers_in_plain_text_are_found(tmp_path: Path) -> None:
    found = values(saved(tmp_path))
    assert found["injectable_special_tokens"] == 1  # <|endoftext|>
    assert found["injectable_chat_markers"] == 2
    library = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in ("<|endoftext|>", "<|s|>", "<|e|>"):
        assert library.token_to_id(text) in library.encode(f"x{text}y").ids
    pytest.importorskip("transformers")
    assert found["loader_disagreements"] == 0


@pytest.mark.case(oracle=["loader_disagreements"])
def test_a_class_that_replaces_the_pre_tokenizer_is_compared_text_by_text(tmp_path: Path) -> None:
    """The class of GPT-2 in transformers cuts as GPT-2 did, whatever its tokenizer.json states."""
    transformers = pytest.importorskip("transformers")
    library = byte_level_bpe(TEXTS)
    digits = pre_tokenizers.Digits(individual_digits=True)
    library.pre_tokenizer = pre_tokenizers.Sequence([digits, library.pre_tokenizer])
    library.save(str(tmp_path / "tokenizer.json"))
    tokenizer = load_tokenizer(f"toy={tmp_path / 'tokenizer.json'}")
    texts = ["the cat", "low 12 123", "lower", "12"]
    assert audit_files.loader_disagreements(tokenizer, texts).n == 0
    config = json.dumps({"tokenizer_class": "GPT2Tokenizer"})
    (tmp_path / "tokenizer_config.json").write_text(config, encoding="utf-8")
    made = transformers.AutoTokenizer.from_pretrained(str(tmp_path), local_files_only=True)
    theirs = [made(text, add_special_tokens=False)["input_ids"] for text in texts]
    differ = [t for t, ids in zip(texts, theirs, strict=True) if ids != library.encode(t).ids]
    assert differ
    checked = audit_files.loader_disagreements(tokenizer, texts)
    assert checked.n == len(differ)
    assert checked.findings[0].examples == tuple(differ)
    assert "transformers" in checked.findings[0].message


@pytest.mark.case(golden=["ids_beyond_vocab_size"], oracle=["ids_beyond_vocab_size"])
@pytest.mark.parametrize("difference", [-3, 0, 5])
def test_the_declared_size_is_compared_with_the_ids(tmp_path: Path, difference: int) -> None:
    n_ids = len(saved(tmp_path).vocabulary.token_bytes)
    tokenizer = saved(tmp_path, vocab_size=n_ids + difference)
    beyond = [i for i in range(n_ids) if i >= n_ids + difference]
    assert values(tokenizer)["ids_beyond_vocab_size"] == len(beyond) == max(-difference, 0)
    assert ("padded-vocab-size" in codes(tokenizer)) == (difference > 0)


@pytest.mark.case(golden=list(IN_TEMPLATES), oracle=list(IN_TEMPLATES))
def test_templates_keep_their_beginning_or_not(tmp_path: Path) -> None:
    found = values(saved(tmp_path, PLAIN))
    assert {name: found[name] for name in IN_TEMPLATES} == {
        "template_prefix_breaks": 0,
        "template_injections": 2,  # <|s|> and <|e|> of a message become ids
    }
    tokenizer = saved(tmp_path, FORGETFUL)
    # The mark stands before the last message only: all three shorter chats are cut otherwise.
    assert values(tokenizer)["template_prefix_breaks"] == 3
    contents = [message["content"] for message in audit_files.CHAT]
    written = ["".join(contents[: k - 1]) + "<|s|>" + contents[k - 1] for k in range(1, 5)]
    ids = audit_files.id_lists(tokenizer.encode_batch(written))
    assert sum(ids[3][: len(own)] != own for own in ids) == 3


def test_a_template_cannot_leave_its_sandbox(tmp_path: Path) -> None:
    escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    assert audit_files.render(escape, audit_files.CHAT, tmp_path) is None


@pytest.mark.case(undefined=IDS)
def test_what_cannot_be_checked_is_undefined_with_a_reason() -> None:
    stub = Stub((b"a",))
    stub.keeps_whitespace = False
    stub.whole_texts_only = True  # type: ignore[attr-defined]
    found = values(stub)
    # Two counts exist for every vocabulary.
    assert {name: found.pop(name) for name in ("id_gaps", "partial_utf8_tokens")} == {
        "id_gaps": 0,
        "partial_utf8_tokens": 0,
    }
    assert all(isinstance(reason, str) and reason for reason in found.values())
    assert values(Stub(()))["id_gaps"] == 0
    missing = Context(context(stub).evidence, stub.vocabulary)
    assert all(isinstance(metric.compute(missing), Undefined) for metric in METRICS)


@pytest.mark.parametrize("make", [byte_level_bpe, sentencepiece_bpe, lowercase_wordpiece])
def test_a_trained_tokenizer_has_no_errors(make: Any) -> None:
    found = codes(adapted(make(TEXTS)))
    assert {CODES[code].severity for code in found} <= {"warning", "note"}


def test_the_figure_shows_every_count() -> None:
    tokenizer = adapted(byte_level_bpe(TEXTS))
    (figure,) = series("toy", context(tokenizer))
    measured = [value for value in values(tokenizer).values() if not isinstance(value, str)]
    assert list(figure.y) == measured
    assert len(figure.x) == len(figure.y)
