"""tiktoken with the ranks of a tokenizer.json finds the tokens that the library finds."""

from __future__ import annotations

from benchmarks.bare_loop import count_tokens
from benchmarks.peer_runs import byte_of_character, with_tiktoken
from benchmarks.scaling import divided, resized
from benchmarks.tokenizer_files import GPT2_PATTERN, _train

LINES = ["the cat sat on the mat", "Die Katze saß  auf der Matte.", "猫はマットの上 123!", ""]


def test_tiktoken_counts_the_same_tokens(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(LINES * 5) + "\n", encoding="utf-8")
    tokenizer = tmp_path / "t.json"
    _train(tokenizer, {"t": text}, GPT2_PATTERN, 320)
    counted = with_tiktoken(str(tokenizer), [str(text)])
    assert counted == count_tokens(str(tokenizer), [str(text)]) > 0


def test_the_letters_of_bytes_are_those_of_gpt2():
    letters = byte_of_character()
    assert sorted(letters.values()) == list(range(256))
    assert (letters["Ġ"], letters["Ċ"], letters["a"]) == (0x20, 0x0A, 0x61)


def test_dividing_keeps_all_lines_in_order(tmp_path):
    paths = {}
    for name, lines in (("a", ["1", "2", "3"]), ("b", ["4", "5"])):
        paths[name] = tmp_path / f"{name}.txt"
        paths[name].write_text("".join(f"{line}\n" for line in lines))
    parts = divided(paths, 3, tmp_path)
    assert [path.read_text().split() for path in parts.values()] == [["1"], ["2", "3"], ["4", "5"]]


def test_shorter_texts_end_at_a_line(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.scaling.CACHE", tmp_path)
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\nthree\n")
    assert resized({"a": path}, 10e-6)["a"].read_text() == "one\ntwo\n"
