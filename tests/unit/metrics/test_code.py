"""Code: a program counted by hand under two vocabularies, and a slow recount of another one."""

import re
from typing import cast

import pytest

from tests import toy_tokenizers as toy
from tests.merge_tokenizers import byte_bpe, one_block_each, words
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.program_text import count_levels, name_parts
from tokeval.core.study import Sample, Subject, Tally, pool_tallies
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics import code

BY_ID = {metric.info.id: metric for metric in code.METRICS}
PROGRAM = "def f:\n    ab_cd = 1\n        xY\n\n"
TABS = "\t\tx\n"
MERGED = byte_bpe(["\n    ", "  ", "\t\t", "def", "ab", "_cd", "xY"])


def code_sample(*texts: str) -> Sample:
    return one_block_each(texts, name="code/python", domain="code")


def compute(metric_id: str, tokenizer: Tokenizer, sample: Sample) -> Folds | Undefined:
    tallies = {"code": code.measure(Subject(tokenizer, sample))}
    context = Context(cast(Evidence, None), tokenizer.vocabulary, tallies=tallies)
    return BY_ID[metric_id].compute(context)


def value(metric_id: str, tokenizer: Tokenizer, *texts: str) -> float:
    folds = compute(metric_id, tokenizer, code_sample(*texts))
    assert isinstance(folds, Folds)
    return float(folds.values[0])


BY_HAND = {
    # bytes: def_f:↵ 7, ____ab_cd_=_1↵ 14, ________xY↵ 11, ↵ 1
    # merged: def _ f : ↵____ ab _cd _ = _ 1 ↵____ __ __ xY ↵ ↵
    "tokens_per_code_line": (33 / 3, 17 / 3),
    "tokens_per_indent_level": (12 / 3, 2 / 3),
    "whitespace_token_share": (19 / 33, 9 / 17),
    "newline_merge_share": (0 / 2, 2 / 2),
    "identifier_split_rate": (2 / 2, 1 / 2),
    "identifier_split_precision": (3 / 5, 1 / 1),
    "identifier_kept_whole": (0 / 3, 2 / 3),
}


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
def test_a_program_counted_by_hand(metric_id: str) -> None:
    by_bytes, by_merges = BY_HAND[metric_id]
    assert value(metric_id, ByteTokenizer(), PROGRAM) == pytest.approx(by_bytes)
    assert value(metric_id, MERGED, PROGRAM) == pytest.approx(by_merges)


@pytest.mark.case(golden=["tab_cost"])
def test_tabs_counted_by_hand() -> None:
    assert value("tab_cost", ByteTokenizer(), TABS, PROGRAM) == 1
    assert value("tab_cost", MERGED, TABS, PROGRAM) == 1 / 2
    assert value("tokens_per_indent_level", MERGED, TABS) == 1 / 2


OTHER = """\
class HttpServer:
\tdef read_all(self):
\t\tbuffer_size = self.maxSize
\t\treturn parse_HTTPHeader(buffer_size) or readAll2Times

\tdef close(self): pass
"""
PARTS = {
    "HttpServer": {4},
    "read_all": {4, 5},
    "buffer_size": {6, 7},
    "maxSize": {3},
    "parse_HTTPHeader": {5, 6, 10},
    "readAll2Times": {4, 8},
}
N_PARTS = 1 + 1 + 2 * 1 + 1 + 2 + 2


def recount(tokenizer: Tokenizer) -> dict[str, float]:
    spans = tokenizer.encode_with_spans([OTHER]).spans.tolist()
    pieces = [OTHER[start:end] for start, end in spans]
    names = [(m.start(), m.end()) for m in re.finditer(r"[A-Za-z_]\w+", OTHER)]
    whole = [
        (s, e) for s, e in names if [s, e] in spans or ([s - 1, e] in spans and OTHER[s - 1] == " ")
    ]
    met, cuts, right = set(), 0, 0
    for s, e in names:
        allowed = PARTS.get(OTHER[s:e], set())
        if not allowed:
            continue
        for start, _ in spans:
            if s < start < e:
                cuts += 1
                right += start - s in allowed
                if start - s in allowed:
                    underscore = OTHER[start - 1] == "_"
                    met.add(start - 1 if underscore else start)
    in_indent = [p for p, (s, _) in zip(pieces, spans, strict=True) if set(p) == {"\t"}]
    lines = [line for line in OTHER.split("\n") if line.strip()]
    n_tabs = sum(len(line) - len(line.lstrip("\t")) for line in lines)
    before_indent = [m.start() for m in re.finditer(r"\n(?=\t+\S)", OTHER)]
    merged = [p for p in before_indent if any(s <= p and e > p + 1 for s, e in spans)]
    return {
        "tokens_per_code_line": len(spans) / len(lines),
        "tokens_per_indent_level": len(in_indent) / n_tabs,
        "tab_cost": len(in_indent) / n_tabs,
        "whitespace_token_share": sum(not p.strip() for p in pieces) / len(pieces),
        "newline_merge_share": len(merged) / len(before_indent),
        "identifier_split_rate": len(met) / N_PARTS,
        "identifier_split_precision": right / cuts,
        "identifier_kept_whole": len(whole) / len(names),
    }


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize(
    "tokenizer",
    [
        ByteTokenizer(),
        byte_bpe(["\n\t", "def", " read", "_all", "self", "buffer_", " return", "Server", "maxS"]),
        byte_bpe(["\t\t", " buf", "siz", "erS", "HTTP", "H", "2Ti", "self", "pass", ":\n"]),
    ],
)
def test_a_slow_recount(tokenizer: Tokenizer) -> None:
    expected = recount(tokenizer)
    assert {id_: value(id_, tokenizer, OTHER) for id_ in BY_ID} == pytest.approx(expected)


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_prose_is_not_code(metric_id: str) -> None:
    prose = one_block_each([PROGRAM], name="en", domain="prose")
    reason = Undefined("not code: the slice has no label domain=code")
    assert compute(metric_id, ByteTokenizer(), prose) == reason


@pytest.mark.parametrize(
    ("metric_id", "what"),
    [
        ("tokens_per_code_line", "lines of code"),
        ("tokens_per_indent_level", "indented lines"),
        ("tab_cost", "lines indented by tabs"),
        ("newline_merge_share", "newlines before indentation"),
        ("identifier_split_rate", "camelCase or snake_case names"),
        ("identifier_split_precision", "cuts in camelCase or snake_case names"),
        ("identifier_kept_whole", "names"),
    ],
)
def test_code_without_what_is_counted(metric_id: str, what: str) -> None:
    found = compute(metric_id, ByteTokenizer(), code_sample("\n \n"))
    assert found == Undefined(f"the slice has no {what}")


def test_tokens_without_white_space() -> None:
    bert = adapt_tokenizers_object(toy.lowercase_wordpiece([OTHER]), name="bert", source="test")
    reason = Undefined("its tokens do not hold the white space of the text")
    for metric_id in ("tokens_per_indent_level", "tab_cost", "whitespace_token_share"):
        assert compute(metric_id, bert, code_sample(OTHER)) == reason
    assert isinstance(compute("tokens_per_code_line", bert, code_sample(OTHER)), Folds)


def test_the_mark_before_a_text_is_no_white_space_of_it() -> None:
    llama = toy.sentencepiece_bpe(["the mat"], vocab_size=265)
    tokenizer = adapt_tokenizers_object(llama, name="llama", source="test")
    assert tokenizer.decode(tokenizer.encode_batch(["z"]).ids[:1]) == b" "
    assert value("whitespace_token_share", tokenizer, "z") == 0
    assert value("whitespace_token_share", tokenizer, "z z") == 1 / 4


def test_an_unknown_name_is_not_kept_whole() -> None:
    assert value("identifier_kept_whole", words(["known known"]), "known other") == 1 / 2


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("x", {"domain": "code"}, True),
        ("python", {"domain": "prose"}, False),
        ("Python", {}, True),
        ("code/anything", {}, True),
        ("en", {}, False),
    ],
)
def test_which_slices_are_code(name: str, labels: dict[str, str], expected: bool) -> None:
    assert code.is_code(one_block_each(["x"], name=name, **labels)) == expected


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (b"camelCase", [b"camel", b"Case"]),
        (b"__init__", [b"init"]),
        (b"HTTPServer2", [b"HTTP", b"Server2"]),
        (b"MAX_LEN", [b"MAX", b"LEN"]),
        (b"utf8_decode", [b"utf8", b"decode"]),
        (b"_", []),
        (b"x1y2", [b"x1", b"y2"]),
    ],
)
def test_parts_of_names(name: bytes, parts: list[bytes]) -> None:
    assert [name[start:end] for start, end in name_parts(name)] == parts


def test_levels_of_indentation() -> None:
    assert count_levels([b"  ", b"    ", b"\t"]) == [1, 2, 1]
    # one aligned line among many does not change what a level is
    assert count_levels([b"    "] * 10 + [b" " * 7]) == [1] * 10 + [7 / 4]
    assert count_levels([]) == []


def test_only_code_is_pooled_and_the_figure_shows_it() -> None:
    samples = [code_sample(PROGRAM), one_block_each(["prose"], name="en", domain="prose")]
    pooled = pool_tallies([code.measure(Subject(MERGED, sample)) for sample in samples])
    assert isinstance(pooled, Tally)
    context = Context(cast(Evidence, None), MERGED.vocabulary, tallies={"code": pooled})
    (figure,) = code.series("merged", context)
    assert dict(zip(figure.x, figure.y, strict=True))["Names kept whole"] == pytest.approx(2 / 3)
    assert code.series("none", Context(cast(Evidence, None), MERGED.vocabulary)) == []
