"""The Turkish analyser: the same answer whatever was asked before."""

import pytest


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    pytest.importorskip("zeyrek", reason="the extra tokeval[tr] is not installed")
    from tokeval.loaders.turkish_analyser import turkish_analyser

    words = ["geldik", "geliyor", "gelen", "gelip", "evlerde"]
    forwards, backwards = turkish_analyser(), turkish_analyser()
    first = {word: {str(parse) for parse in forwards._parse(word)} for word in words}
    second = {word: {str(parse) for parse in backwards._parse(word)} for word in reversed(words)}
    assert first == second
    assert all(first.values())
