"""Keys of the cache: each thing that a number depends on changes the key, and nothing else does."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.toy_tokenizers import byte_level_bpe
from tokeval.core.cache import Cache
from tokeval.core.corpus import Slice, chunks, make_chunk
from tokeval.core.metric import Metric, Parameters
from tokeval.core.pretokens import Cut
from tokeval.core.resources import GoldWord, Lexicon, Resources
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders import content_keys
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.identities import identity
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics import kept_evidence, kept_results
from tokeval.metrics.catalogue import choose_metrics
from tokeval.metrics.encoding_paths import EncodingPath
from tokeval.metrics.kept_evidence import KeptEvidence
from tokeval.metrics.kept_results import result_key

SPACES = EncodingPath(Cut.SPACE, None)
TEXT = [f"the wolf ran over {n} hills" for n in range(40)]


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    byte_level_bpe(TEXT).save(str(tmp_path / "a.json"))
    (loaded,) = load_tokenizers([str(tmp_path / "a.json")])
    return loaded


@pytest.fixture
def part(tmp_path: Path) -> Slice:
    (tmp_path / "en.txt").write_text("\n".join(TEXT), encoding="utf-8")
    (found,) = read_corpus([f"en={tmp_path / 'en.txt'}"])
    return found


def changed(tokenizer: Tokenizer, **attributes: Any) -> Tokenizer:
    """A tokenizer of which that is different."""
    other = copy.copy(tokenizer)
    for name, value in attributes.items():
        setattr(other, name, value)
    return other


def all_different(keys: list[str | None]) -> bool:
    return None not in keys and len(set(keys)) == len(keys)


def test_all_that_a_result_depends_on_is_in_its_key(
    tokenizer: Tokenizer, part: Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = identity(tokenizer)
    metrics = choose_metrics(["tokens", "fertility"])

    def key(**other: Any) -> str | None:
        given: dict[str, Any] = {
            "identities": [me], "slices": [part], "parameters": Parameters(),
            "metrics": metrics, "resources": Resources(),
        }  # fmt: skip
        given |= other
        three = [given.pop(name) for name in ("identities", "slices", "parameters")]
        return result_key(*three, **given)

    assert key() == key(), "nothing of a run is in it but what it measures"
    settings: list[dict[str, Any]] = [
        {"alpha": 2.0}, {"words": "icu-dictionary"}, {"special": ("eos",)},
        {"special": ("bos", "eos")}, {"special": ("eos", "bos")}, {"reference_slice": "en"},
        {"baseline": "a"}, {"max_length": 5}, {"price": 2.0},
    ]  # fmt: skip
    lists: list[dict[str, Any]] = [
        {"gold": {"tr": (GoldWord("ab", ("a", "b")),)}},
        {"gold": {"tr": (GoldWord("ab", ("a", "b"), 2),)}},
        {"gold": {"tr": (GoldWord("ab", ("ab",)),)}},
        {"gold": {"en": (GoldWord("ab", ("a", "b")),)}},
        {"lexicons": {"tr": Lexicon("x", frozenset("ab"), frozenset("c"))}},
        {"lexicons": {"tr": Lexicon("x", frozenset("a"), frozenset("c"))}},
        {"lexicons": {"tr": Lexicon("x", frozenset("ab"), frozenset("bc"))}},
        {"lexicons": {"tr": Lexicon("y", frozenset("ab"), frozenset("c"))}},
        {"terms": ("a", "b")}, {"terms": ("b", "a")}, {"logged_ids": ((1, 2),)},
        {"logged_ids": ((1,), (2,))}, {"hashes": {"f": "0"}}, {"hashes": {"f": "1"}},
    ]  # fmt: skip
    slices = [
        replace(part, name="de"), replace(part, labels={"language": "en"}),
        replace(part, labels={"language": "de"}), replace(part, parallel="p"),
        replace(part, source="elsewhere"),
    ]  # fmt: skip
    keys = [
        key(),
        *(key(parameters=Parameters(**one)) for one in settings),
        *(key(resources=Resources(**one)) for one in lists),
        *(key(slices=[one]) for one in slices),
        key(slices=[part, replace(part, name="de")]),
        key(slices=[replace(part, name="de"), part]),
        key(identities=[replace(me, name="b")]),
        key(identities=[replace(me, key="0")]),
        key(identities=[replace(me, info=structs.replace(me.info, notes=("n",)))]),
        key(metrics=metrics[::-1]),
        key(metrics=metrics[:1]),
        key(exact_path=True),
    ]
    for name, value in (
        ("UNICODE_VERSION", "0"), ("WORD_RULE", "other"), ("program_version", lambda _: "0"),
        ("installed_distributions", lambda: ("numba-0.dist-info",)),
    ):  # fmt: skip
        with monkeypatch.context() as other:
            other.setattr(kept_results, name, value)
            keys.append(key())
    with monkeypatch.context() as other:
        other.setattr("sys.version", "4.0")
        keys.append(key())
    assert all_different(keys)


def test_nothing_is_kept_of_what_cannot_be_told_by_its_content(
    tokenizer: Tokenizer, part: Slice
) -> None:
    def compute(_context: object) -> None:
        """A metric of a plugin."""

    (metric,) = choose_metrics(["tokens"])
    mine: Metric = replace(metric, compute=compute)  # type: ignore[arg-type] # is never called
    me, found = identity(tokenizer), Resources()

    def key(one: Any, texts: Any, *metrics: Metric) -> str | None:
        return result_key([one], [texts], Parameters(), metrics=metrics, resources=found)

    assert key(me, part, metric) is not None
    assert key(me, part, metric, mine) is None
    assert key(replace(me, key=None), part, metric) is None
    assert key(me, replace(part, documents=lambda: iter(())), metric) is None


def test_all_that_evidence_depends_on_is_in_its_key(
    tokenizer: Tokenizer, part: Slice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache("evidence", tmp_path / "cache")
    (chunk,) = chunks(part)

    def keys(
        one: Tokenizer = tokenizer,
        path: EncodingPath = SPACES,
        special: tuple[str, ...] = (),
    ) -> list[str | None]:
        kept = KeptEvidence.of(cache, [one], [path], special)
        return [kept._chunk_key(0, chunk), kept._slice_key(0, "text")]

    assert keys() == keys(changed(tokenizer, name="b", source="elsewhere"))
    fewer = list(tokenizer.vocabulary.token_bytes)
    fewer[-1] = b"?"
    vocabulary = tokenizer.vocabulary
    found = [
        *keys(),
        *(key for special in (("bos",), ("bos", "eos")) for key in keys(special=special)),
        *keys(path=EncodingPath(Cut.TEXT, None)),
        *keys(path=EncodingPath(Cut.SPACE, tokenizer)),
        *(
            key
            for name, value in (
                ("fingerprint", "0"), ("loader", "other-1"), ("model", "x"), ("bos_id", 3),
                ("eos_id", 3), ("keeps_whitespace", not tokenizer.keeps_whitespace),
                ("added_texts", ("<x>",)),
                ("vocabulary", replace(vocabulary, token_bytes=tuple(fewer))),
                ("vocabulary", replace(vocabulary, special=frozenset({1}))),
                ("vocabulary", replace(vocabulary, unknown_id=1)),
                ("vocabulary", replace(vocabulary, byte_tokens=frozenset({1}))),
            )
            for key in keys(changed(tokenizer, **{name: value}))
        ),
    ]  # fmt: skip
    versions = dict.fromkeys(kept_evidence.ENCODING_LIBRARIES, "1")
    for name, value in (
        ("UNICODE_VERSION", "0"), ("WORD_RULE", "other"), ("program_version", lambda _: "0"),
        ("library_versions", lambda _: versions),
        ("library_versions", lambda _: versions | {"regex": "2"}),
        ("library_versions", lambda _: versions | {"python": "4"}),
    ):  # fmt: skip
        with monkeypatch.context() as other:
            other.setattr(kept_evidence, name, value)
            found += keys()
    assert all_different(found)


def test_a_chunk_is_known_by_its_documents_and_their_blocks(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    cache = Cache("evidence", tmp_path / "cache")
    kept = KeptEvidence.of(cache, [tokenizer], [EncodingPath(Cut.TEXT, None)], ())
    documents = (("ab", "c"), ("d",))
    given: list[tuple[tuple[tuple[str, ...], ...], int, int]] = [
        (documents, 0, 4), (documents, 1, 4), (documents, 0, 5),
        ((("ab",), ("c", "d")), 0, 4), ((("a", "bc"), ("d",)), 0, 4), ((("abc",), ("d",)), 0, 4),
    ]  # fmt: skip
    keys = [
        kept._chunk_key(0, make_chunk("en", texts, first=first, n_blocks=n))
        for texts, first, n in given
    ]
    assert all_different(keys)
    other_name = make_chunk("de", documents, first=0, n_blocks=4)
    assert kept._chunk_key(0, other_name) == keys[0]


def test_a_slice_is_known_by_its_bytes_in_order_and_how_they_are_read(tmp_path: Path) -> None:
    lines = {"a": "one\ntwo\n", "b": "three\n", "ab": "one\ntwo\nthree\n"}
    for name, text in lines.items():
        for kind in ("txt", "jsonl"):
            (tmp_path / f"{name}.{kind}").write_text(text, encoding="utf-8")
    for kind in ("csv", "tsv"):
        (tmp_path / f"t.{kind}").write_text("text\na,b\n", encoding="utf-8")
    (tmp_path / "r.jsonl").write_text('{"text": "a", "body": "b"}\n', encoding="utf-8")

    def key(place: str, **options: Any) -> str | None:
        (found,) = read_corpus([f"x={tmp_path / place}"], ReadOptions(**options))
        return content_keys.slice_key(found)

    keys = [
        key("a.txt"), key("b.txt"), key("ab.txt"), key("[ab].txt"), key("a.txt", unit="line"),
        key("a.txt", unit="file"), key("a.txt", line_ends=True), key("a.txt", parallel=True),
        key("r.jsonl"), key("r.jsonl", field="body"), key("t.csv"), key("t.tsv"),
    ]  # fmt: skip
    assert all_different(keys)
    (known,) = read_corpus([f"x={tmp_path / 'a.txt'}"])
    assert content_keys.slice_key(replace(known, n_documents=2000)) not in keys, "other blocks"
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")
    (tmp_path / "b.txt").rename(tmp_path / "a.txt")
    (tmp_path / "c.txt").rename(tmp_path / "b.txt")
    assert [key("b.txt"), key("a.txt")] == keys[:2], "files that swap their names"
    assert key("[ab].txt") not in keys, "and are read in another order then"
