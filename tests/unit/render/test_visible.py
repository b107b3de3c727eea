"""Text made visible: nothing hides, nothing acts, and different bytes look different."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tokeval.document import TokenSpan
from tokeval.errors import TokevalError
from tokeval.render.visible import inert, labels, pieces, pieces_and_gaps, shorten, visible

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "a \n\t\r\x00\x1b\x7f\x9b\u202e\u2066\u200d\ufeff\u0301␣↵→⟨⟩∅│◌\u3164\u00ad"
        ),
    )
)


def acts(text: str) -> list[str]:
    """Characters that control a terminal, reorder text, or cannot be seen."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co")]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"The cat\n", "The␣cat↵"),
        (b"\t\r\x1b[31m", "→⟨U+000D⟩⟨U+001B⟩[31m"),
        ("€".encode()[:2], "⟨E2 82⟩"),
        ("€".encode()[1:] + b"a", "⟨82 AC⟩a"),
        (b"a\xff\xfeb", "a⟨FF FE⟩b"),
        ("\u202e\u00a0\u3000".encode(), "⟨U+202E⟩⟨U+00A0⟩⟨U+3000⟩"),
        ("\u0301e\u0301".encode(), "◌\u0301e\u0301"),
        ("␣⟨".encode(), "⟨U+2423⟩⟨U+27E8⟩"),
        # an overlong slash and an encoded surrogate are not UTF-8
        (b"\xc0\xaf\xed\xa0\x80", "⟨C0 AF ED A0 80⟩"),
        ("\U0001f469\u200d\U0001f467".encode(), "\U0001f469⟨U+200D⟩\U0001f467"),
        ("\u3164\u2800\ufe0f".encode(), "⟨U+3164⟩⟨U+2800⟩⟨U+FE0F⟩"),
        (b"", ""),
    ],
)
def test_visible(data: bytes, shown: str) -> None:
    assert visible(data) == shown


def test_stacked_marks_do_not_climb_over_the_lines_above() -> None:
    shown = visible(("a" + "\u0301" * 50).encode())
    assert shown.count("\u0301") == 4
    assert shown.count("⟨U+0301⟩") == 46


@given(st.binary(), st.binary())
@example(b"\n", "↵".encode())
@example("\u202e".encode(), "⟨U+202E⟩".encode())
@example(b"\xe2\x82", "⟨E2 82⟩".encode())
@example("\u0301".encode(), "◌\u0301".encode())
def test_different_bytes_look_different(first: bytes, second: bytes) -> None:
    assert (visible(first) == visible(second)) == (first == second)


@given(HOSTILE)
def test_nothing_acts(text: str) -> None:
    assert not acts(visible(text.encode("utf-8", "surrogatepass")))
    assert not acts(inert(text))
    assert inert(inert(text)) == inert(text)


@given(st.lists(HOSTILE, max_size=8), st.integers(12, 30))
def test_labels_are_short_inert_and_unique(names: list[str], cells: int) -> None:
    short = labels(names, cells)
    assert list(short) == list(dict.fromkeys(names))
    assert len(set(short.values())) == len(short)
    assert all(cell_len(label) <= cells and label and not acts(label) for label in short.values())


def test_long_names_that_differ_only_in_the_middle_stay_apart() -> None:
    names = [f"a-very-long-prefix-{i}-and-a-very-long-suffix" for i in range(12)]
    short = labels(names, 16)
    assert len(set(short.values())) == 12
    assert short[names[0]] == "a-very-l…-suffix"
    assert short[names[1]] == "a-very-…2…suffix"


def test_wide_characters_count_as_two_cells() -> None:
    assert cell_len(shorten("分词器把中文切成很小的片段", 11)) <= 11


def test_a_label_does_not_take_the_name_of_another() -> None:
    short = labels(["abcdefghijkl", "abc…jkl"], 7)
    assert len(set(short.values())) == 2


def test_a_name_of_a_million_characters_is_shortened_at_once() -> None:
    assert shorten("\x00" * 10**6, 20).startswith("⟨U+0000⟩")


def test_pieces_cut_inside_a_character_show_its_bytes() -> None:
    spans = (TokenSpan(7, 0, 3), TokenSpan(8, 3, 4))
    first, second = pieces("a€", spans)
    assert (first.shown, first.kind) == ("a⟨E2 82⟩", "bytes")
    assert (second.shown, second.kind) == ("⟨AC⟩", "bytes")


def test_empty_overlapping_and_missing() -> None:
    spans = (
        TokenSpan(1, 0, 0),
        TokenSpan(2, 0, 2),
        TokenSpan(3, 0, 2),
        TokenSpan(4, 3, 5),
        TokenSpan(5, 5, 5),
    )
    shown = pieces_and_gaps("éxyz!", spans)
    assert [(p.id, p.shown, p.kind, p.overlaps) for p in shown] == [
        (1, "", "empty", False),
        (2, "é", "text", False),
        (3, "é", "text", True),
        (None, "x", "gap", False),
        (4, "yz", "text", False),
        (5, "", "empty", False),
        (None, "!", "gap", False),
    ]
    assert [p.id for p in pieces("éxyz!", spans)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (0, 99), (99, 99)])
def test_spans_outside_the_text_are_refused(span: tuple[int, int]) -> None:
    with pytest.raises(TokevalError, match=r"token 0 \(id 5\) stands for bytes .* of 3 bytes"):
        pieces("abc", (TokenSpan(5, *span),))


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=9))
def test_pieces_and_gaps_cover_every_byte(text: str, cuts: list[tuple[int, int]]) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    bounds = sorted((min(a, b, size), min(max(a, b), size)) for a, b in cuts)
    shown = pieces_and_gaps(text, [TokenSpan(i, a, b) for i, (a, b) in enumerate(bounds)])
    covered = {k for piece in shown for k in range(piece.start, piece.end)}
    assert covered == set(range(size))
    gaps = {k for piece in shown if piece.kind == "gap" for k in range(piece.start, piece.end)}
    assert gaps == set(range(size)) - {k for a, b in bounds for k in range(a, b)}
