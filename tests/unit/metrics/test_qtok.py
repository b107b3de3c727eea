"""Qtok's classes: by hand, against a twin that knows each token's text, and where undefined."""

import json
import random
import unicodedata
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.unit.metrics.studied import evidence_of
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Subject, Tally
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import Undefined
from tokeval.metrics import qtok

IDS = [metric.info.id for metric in qtok.METRICS]

IN_CLEAR = {
    "control": ["<s>", "[INST]", "<>", "[</b]"],
    "pure_unicode": ["<0x41>", "<0x0a>", "<0xFF>"],  # not the letter itself: see inner_other
    "char_alpha": ["д", "中"],
    "spaced_alpha": ["▁ма", "▁word", "▁É"],
    "inner_alpha": ["ма", "word", "Ġword"],
    "char_other": ["—", "▁"],
    "spaced_other": ["▁word.", "▁wordма", "▁▁", "▁5"],
    "inner_other": ["a", "é", "h2.", "</h2>", "[TD]", "wordма", "a▁b"],
    "unicode_flanks": [],
    "char_errors": ["\n", "\ue000"],
    "spaced_errors": ["▁\n", "▁a\t"],
    "inner_errors": ["\n\n", "a\t"],
}
"""Tokens of a file with Cyrillic letters in clear, by the class that they must be in."""

IN_BYTES = {
    "control": ["<s>", "<|end|>", "[i]"],
    "pure_unicode": ["a", "<0xC3>", "Ã©"],  # the last one spells é, which stands for a byte
    "char_alpha": ["Ð´"],  # д
    "spaced_alpha": ["Ġword", "Ġa"],
    "inner_alpha": ["word", "Ð´Ð´"],
    "char_other": ["Ġ"],
    "spaced_other": ["ĠĠ", "Ġ5", "Ġa."],
    "inner_other": ["<br>", "12"],
    "unicode_flanks": ["Ð", "a´", "日", "ï¿½"],  # 日 is no byte, ï¿½ is U+FFFD
    "char_errors": ["Ċ"],
    "spaced_errors": ["ĠĊ"],
    "inner_errors": ["ĊĊ"],
}
"""Tokens of a byte-level file, likewise."""


def written(folder: Path, vocabulary: Any, added: list[str], **model: Any) -> Path:
    """A file with a vocabulary and added tokens, as much of a `tokenizer.json` as Qtok reads."""
    definition = {
        "added_tokens": [{"id": i, "content": content} for i, content in enumerate(added)],
        "model": {"vocab": vocabulary, **model},
    }
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    return path


def measured(source: str) -> Tally | Undefined:
    return qtok.measure(Subject(cast(Tokenizer, SimpleNamespace(source=source))))


def counts(tally: Tally | Undefined) -> dict[str, int]:
    """The values of all metrics, by class."""
    context = Context(evidence_of(), Vocabulary(()), tallies={qtok.STUDY.name: tally})
    found = {}
    for metric in qtok.METRICS:
        folds = metric.compute(context)
        assert isinstance(folds, Folds)
        found[metric.info.id.removeprefix("qtok_")] = int(folds.values[0])
    return found


@pytest.mark.case(golden=IDS)
@pytest.mark.parametrize("by_class", [IN_CLEAR, IN_BYTES])
def test_tokens_classified_by_hand(tmp_path: Path, by_class: dict[str, list[str]]) -> None:
    tokens = [token for of_class in by_class.values() for token in of_class]
    path = written(tmp_path, {token: i for i, token in enumerate(tokens)}, ["<s>", "<added>"])
    expected = {name: len(of_class) for name, of_class in by_class.items()}
    expected["control"] += 1
    assert counts(measured(str(path))) == expected


@pytest.mark.parametrize("shape", ["json:{}", "name=json:{}", "name={}", "{}", "hf:{}"])
def test_the_file_is_found_by_its_source(tmp_path: Path, shape: str) -> None:
    path = written(tmp_path, {"ab": 0}, [])
    assert counts(measured(shape.format(path)))["inner_alpha"] == 1
    assert counts(measured(shape.format(path.parent)))["inner_alpha"] == 1


def names(text: str) -> set[str]:
    return {unicodedata.name(char, "").split(" ")[0] for char in text}


def twin(text: str, in_bytes: bool) -> str:
    """The class of a token that spells a text, by the order of rules in the paper's description."""
    printable = len(text) == 1 and (" " < text < "\x7f" or "\xa0" < text <= "ÿ")
    if printable and text != "\xad":
        return "pure_unicode" if in_bytes else "inner_other"
    place = "char" if len(text) == 1 else "spaced" if text[0] == " " else "inner"
    found = names(text[1:] if place == "spaced" else text)
    if "" in found:
        return f"{place}_errors"
    return f"{place}_{'alpha' if len(found) == 1 and found <= qtok.SCRIPTS else 'other'}"


def byte_alphabet() -> dict[int, str]:
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    rest = iter(range(256, 512))
    return {byte: chr(byte) if byte in plain else chr(next(rest)) for byte in range(256)}


@pytest.mark.case(oracle=IDS)
@pytest.mark.parametrize("in_bytes", [True, False])
def test_random_vocabularies_agree_with_a_twin(tmp_path: Path, in_bytes: bool) -> None:
    draw = random.Random(5)  # noqa: S311 - a test, not a secret
    signs = "abcXYZéß 12.,-дяжקα中文日カ\n\t\ue000—"
    texts = {"".join(draw.choices(signs, k=draw.randint(1, 4))) for _ in range(3000)}
    alphabet = byte_alphabet()
    if in_bytes:
        strings = ["".join(alphabet[byte] for byte in text.encode()) for text in texts]
        extra = {"control": "<s>", "unicode_flanks": "Ð"}
    else:
        # a mark that does not begin a string is a block element to Qtok
        texts = {text for text in texts if " " not in text[1:]} - {" "}
        strings = [text.replace(" ", "▁") for text in texts]
        extra = {"control": "<s>", "char_other": "▁", "inner_other": "ма▁"}
    expected = Counter(twin(text, in_bytes) for text in texts) + Counter(extra.keys())
    vocabulary = {string: i for i, string in enumerate([*sorted(strings), *extra.values()])}
    path = written(tmp_path, vocabulary, ["<s>"])
    assert counts(measured(str(path))) == {name: expected[name] for name in qtok.CLASSES}


@pytest.mark.case(undefined=IDS)
@pytest.mark.parametrize(
    "source", ["tiktoken:cl100k_base", "spm:{}", "missing.json", "py:a:b", "="]
)
def test_other_sources_are_undefined(tmp_path: Path, source: str) -> None:
    tally = measured(source.format(written(tmp_path, {"ab": 0}, [])))
    context = Context(evidence_of(), Vocabulary(()), tallies={qtok.STUDY.name: tally})
    for metric in qtok.METRICS:
        assert metric.compute(context) == qtok.NOT_JSON


def test_a_list_of_pieces_is_undefined_with_its_reason(tmp_path: Path) -> None:
    assert measured(str(written(tmp_path, [["ab", -1.0]], []))) == qtok.NO_MAPPING
    (tmp_path / "tokenizer.json").write_text("[]")
    assert measured(str(tmp_path)) == qtok.NOT_JSON
    (tmp_path / "tokenizer.json").write_text('{"type": "tekken"}')
    assert measured(str(tmp_path)) == qtok.NOT_JSON


def test_strings_on_which_qtok_stops_are_classified() -> None:
    tokens = qtok.loaded_tokens("", {"model": {"vocab": {"": 0, "<0xZZ>": 1, "<0x1FF>": 2}}})
    assert [qtok.classify(token) for token in tokens] == ["inner_other", "control", "control"]
    assert (len(qtok.SCRIPTS), len(qtok.TAGS)) == (75, 16)
