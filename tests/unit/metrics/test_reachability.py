"""Reachability: witnesses are true, and what has none survives a search by brute force."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from tests.toy_tokenizers import byte_level_bpe, lowercase_wordpiece, sentencepiece_bpe, unigram
from tokeval.core.completions import completions, split_characters
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Subject, Tally
from tokeval.core.tokenizer import Vocabulary
from tokeval.core.witnesses import find_witnesses
from tokeval.document import Undefined
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics.reachability import METRICS, STUDY, eligible_ids, measure

TEXTS = [
    "the cat sat on the mat, the cats sit",
    "naïve café 日本語 日本",
    "low lower lowest 12 123",
] * 9
IDS = [metric.info.id for metric in METRICS]


def adapted(library: Tokenizer) -> Any:
    return adapt_tokenizers_object(library, name="toy", source="toy")


def hand_made(*, lower: bool = False) -> Any:
    """Characters a, b, c; `ab` and `bc` by merges; `abc` by none, `cc` by none; `B` beside."""
    vocabulary = {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5, "cc": 6, "B": 7}
    library = Tokenizer(models.BPE(vocabulary, [("a", "b"), ("b", "c")]))
    if lower:
        library.normalizer = normalizers.Lowercase()
    return adapted(library)


def values(tokenizer: Any) -> dict[str, float | str]:
    """Every metric's value, or why it has none."""
    return values_of(measure(Subject(tokenizer)), tokenizer.vocabulary)


def values_of(tally: Tally | Undefined, vocabulary: Vocabulary) -> dict[str, float | str]:
    evidence: Any = Evidence.__new__(Evidence)  # never looked at
    context = Context(evidence, vocabulary, tallies={STUDY.name: tally})
    found: dict[str, float | str] = {}
    for metric in METRICS:
        folds = metric.compute(context)
        found[metric.info.id] = float(folds.values[0]) if isinstance(folds, Folds) else folds.reason
    return found


@pytest.mark.case(golden=IDS)
def test_tokens_that_no_merge_makes_are_counted() -> None:
    # `abc` and `cc` have no merge; all of the eight are eligible.
    assert values(hand_made()) == {"unreachable_tokens": 2, "unreachable_share": 2 / 8}
    tally = measure(Subject(hand_made(lower=True)))
    assert isinstance(tally, Tally)
    assert {f.code: f.examples for f in tally.findings} == {
        "unreachable-token": ("abc", "cc"),
        "normalised-away-token": ("B",),
    }


@pytest.mark.case(oracle=IDS)
@pytest.mark.parametrize("lower", [False, True])
def test_what_is_unreached_survives_every_short_text(lower: bool) -> None:
    tokenizer = hand_made(lower=lower)
    texts = ["".join(text) for n in range(1, 8) for text in product("abcB", repeat=n)]
    emitted = set(tokenizer.encode_batch(texts).ids.tolist())
    unreached = set(range(8)) - emitted
    assert set(find_witnesses(tokenizer, range(8)).unreached) == unreached
    shares = {"unreachable_tokens": len(unreached), "unreachable_share": len(unreached) / 8}
    assert values(tokenizer) == shares


@pytest.mark.parametrize(
    "make",
    [byte_level_bpe, sentencepiece_bpe, lowercase_wordpiece, unigram],
    ids=lambda m: m.__name__,
)
def test_witnesses_hold_their_tokens_and_the_rest_survive_contexts(make: Any) -> None:
    tokenizer = adapted(make(TEXTS))
    ids = eligible_ids(tokenizer.vocabulary)
    found = find_witnesses(tokenizer, ids)
    assert set(found.texts) | set(found.unreached) == set(ids)
    for i, text in found.texts.items():
        assert i in tokenizer.encode_batch([text]).ids
    emitted = set(tokenizer.encode_batch(TEXTS).ids.tolist())
    assert not emitted & set(found.unreached)
    alphabet = "atbsélow, \n1日本"
    around = ["".join(c) for n in range(3) for c in product(alphabet, repeat=n)]
    for i in found.unreached:
        token = (tokenizer.vocabulary.token_bytes[i] or b"").decode(errors="ignore")
        texts = [a + token + b for a in around for b in ("", "a", " ", "\n", "日")]
        assert i not in tokenizer.encode_batch(texts).ids


def test_a_part_of_a_character_has_a_witness_on_both_sides() -> None:
    # `€` is E2 82 AC. The merge of 82 AC comes first, so E2 must stand before the token.
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    shown = dict(pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str("€"))
    lead, middle, last = next(iter(shown))
    vocabulary = {char: i for i, char in enumerate(alphabet)} | {middle + last: 256}
    library = Tokenizer(models.BPE(vocabulary, [(middle, last)]))
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    assert lead in alphabet
    found = find_witnesses(adapted(library), [256])
    assert found.unreached == ()
    assert b"\x82\xac" in found.texts[256].encode()


def test_a_part_of_a_character_is_freed_by_the_token_behind_it() -> None:
    # E2 82 is joined with every byte that completes it, unless C3 took that byte before: `€é`.
    to_byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)

    def shown(text: str) -> str:
        return "".join(piece for piece, _ in to_byte.pre_tokenize_str(text))

    lead, middle, last = shown("€")
    pairs = [(lead, middle), (last, shown("é")[0])]
    pairs += [(lead + middle, shown(chr(point))[2]) for point in range(0x2080, 0x20C0)]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*alphabet, *(a + b for a, b in pairs)])}
    library = Tokenizer(models.BPE(vocabulary, pairs))
    library.pre_tokenizer = to_byte
    library.decoder = decoders.ByteLevel()
    wanted = vocabulary[lead + middle]
    for point in range(0x2080, 0x20C0):
        assert wanted not in library.encode(chr(point)).ids
    assert wanted in library.encode("€é").ids
    found = find_witnesses(adapted(library), [wanted])
    assert found.unreached == ()
    assert wanted in library.encode(found.texts[wanted]).ids


@pytest.mark.parametrize("text", ["é", "€", "😀", "a€b", "é😀"])
def test_every_cut_of_a_text_can_be_completed(text: str) -> None:
    whole = text.encode()
    for start in range(len(whole)):
        for end in range(start + 1, len(whole) + 1):
            token = whole[start:end]
            found = list(completions(token))
            assert found
            for before, behind in found:
                assert token in (before + token + behind).decode().encode()


@pytest.mark.parametrize("token", [b"\xc3\xc3", b"\xff", b"\xc0\x80", b"\xed\xa0", b"\x80" * 4])
def test_bytes_of_no_text_have_no_completion(token: bytes) -> None:
    assert split_characters(token) is None
    assert list(completions(token)) == []


def test_a_part_of_a_character_without_a_witness_counts_like_any_other_token() -> None:
    # E2 82 is joined with every byte that completes it, and nothing takes that byte before.
    to_byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    spelled = [
        "".join(p for p, _ in to_byte.pre_tokenize_str(chr(c))) for c in range(0x2080, 0x20C0)
    ]
    pairs = [(spelled[0][0], spelled[0][1]), *((text[:2], text[2]) for text in spelled)]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*alphabet, *(a + b for a, b in pairs)])}
    library = Tokenizer(models.BPE(vocabulary, pairs))
    library.pre_tokenizer = to_byte
    library.decoder = decoders.ByteLevel()
    tally = measure(Subject(adapted(library)))
    assert isinstance(tally, Tally)
    by_code = {finding.code: finding.examples for finding in tally.findings}
    assert by_code["unreachable-part"] == ("⟨E2 82⟩",)
    assert int(tally.sums("unreached")[0]) == sum(finding.n for finding in tally.findings)


@pytest.mark.case(undefined=IDS)
def test_a_tokenizer_of_given_texts_is_undefined() -> None:
    class Listed:
        whole_texts_only = True
        vocabulary = Vocabulary((b"a",))

    assert set(values(Listed()).values()) == {
        "it encodes the texts of its file only, so no context can be tried"
    }
    empty = Tally(0, {"tokens": np.array([0]), "unreached": np.array([0])})
    assert values_of(empty, Vocabulary(())) == {
        "unreachable_tokens": 0,
        "unreachable_share": "no token other than special and byte tokens",
    }
