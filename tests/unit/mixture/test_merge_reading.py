"""Merge lists of every format, against the list of the trainer and the ids of the library."""

import base64
import io
import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import sentencepiece
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from tests import toy_tokenizers as toy
from tokeval.errors import TokevalError
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.mixture.merge_detection import unit_of_words
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import n_shared_merges, read_merges

TEXTS = [
    "the theatre of the cat and the other cats that sat on the mat\n",
    "  if other:\n      return banana, bandana, ananas\n",
    "Zürich für Übermütige, größer als über: süße Grüße\n",
    "aaa aaaa aaaaa bbbb  abababab 2024 20242024\n",
]


def adapted(library: Tokenizer):
    return adapt_tokenizers_object(library, name="toy", source="toy.json")


@cache
def trained() -> dict:
    """The definition of a byte-level BPE; its trainer lists every merge once, in order."""
    return json.loads(toy.byte_level_bpe(TEXTS * 3, vocab_size=340).to_str())


def loaded(definition: dict, **model):
    changed = {**definition, "model": {**definition["model"], **model}}
    return adapted(Tokenizer.from_str(json.dumps(changed)))


def listed(definition: dict) -> list[list[str]]:
    """The merges as pairs of strings, whichever way the library spells them."""
    merges = definition["model"]["merges"]
    return [entry.split(" ") if isinstance(entry, str) else entry for entry in merges]


def spelled(merges: MergeList) -> list[tuple[bytes, bytes]]:
    return [merges.spelled(step) for step in range(len(merges))]


def in_bytes(string: str) -> bytes:
    """A string of the byte-level alphabet that stands for ASCII."""
    return string.replace("Ġ", " ").replace("Ċ", "\n").encode("ascii")


def every_cut(definition: dict) -> list[list[str]]:
    """What a conversion of ranks lists: each way to cut each token into two tokens."""
    vocabulary = definition["model"]["vocab"]
    tokens = [left + right for left, right in listed(definition)]
    return [
        [token[:cut], token[cut:]]
        for token in tokens
        for cut in range(1, len(token))
        if token[:cut] in vocabulary and token[cut:] in vocabulary
    ]


def applied(merges: MergeList, word: list[bytes]) -> list[bytes]:
    """A word after all merges, one after the other, each from left to right."""
    for pair in spelled(merges):
        place = 0
        while place < len(word) - 1:
            if (word[place], word[place + 1]) == pair:
                word = [*word[:place], pair[0] + pair[1], *word[place + 2 :]]
            place += 1
    return word


def test_a_trained_list_comes_out_as_the_trainer_made_it():
    tokenizer = loaded(trained())
    merges = read_merges(tokenizer)
    assert spelled(merges) == list(tokenizer.merges)
    assert len(merges) == len(listed(trained())) == 340 - 257
    n_compared = 0
    for step, (left, right) in enumerate(listed(trained())):
        if (left + right).replace("Ġ", "").replace("Ċ", "").isascii():
            assert merges.spelled(step) == (in_bytes(left), in_bytes(right))
            n_compared += 1
    assert n_compared > 60


def test_symbols_of_bytes_are_the_256_bytes_and_then_what_merges_make():
    merges = read_merges(loaded(trained()))
    assert (merges.starts_from, merges.n_initial) == ("bytes", 256)
    assert merges.symbols[:256] == tuple(bytes([byte]) for byte in range(256))
    assert merges.results.tolist() == list(range(256, 256 + len(merges)))
    for step, (left, right) in enumerate(spelled(merges)):
        assert left + right == merges.symbols[merges.results[step]]
    assert (merges.pairs < merges.results[:, None]).all()
    assert merges.is_trained.all()


def test_both_spellings_of_merges_are_read():
    as_text = loaded(trained(), merges=[" ".join(pair) for pair in listed(trained())])
    as_pairs = loaded(trained(), merges=listed(trained()))
    assert spelled(read_merges(as_text)) == spelled(read_merges(as_pairs))


def test_merges_that_a_conversion_added_are_left_out():
    redundant = every_cut(trained())
    assert len(redundant) > len(listed(trained()))
    merges = read_merges(loaded(trained(), merges=redundant))
    assert spelled(merges) == spelled(read_merges(loaded(trained())))
    assert merges.notes[0].startswith(
        f"{len(redundant) - len(merges)} of {len(redundant)} merges make a token again"
    )


def test_ranks_alone_give_the_same_list(tmp_path):
    merges = read_merges(loaded(trained()))
    lines = [
        b"%b %d" % (base64.b64encode(token), rank) for rank, token in enumerate(merges.symbols)
    ]
    file = tmp_path / "toy.tiktoken"
    file.write_bytes(b"\n".join(lines))
    ranked = read_merges(load_tokenizer(f"tiktoken:{file}?pattern=gpt2"))
    assert spelled(ranked) == spelled(merges)
    assert ranked.starts_from == "bytes"


def test_a_gguf_file_gives_the_same_list(tmp_path):
    gguf = pytest.importorskip("gguf", reason="the gguf package, which writes the file, is missing")
    vocabulary = trained()["model"]["vocab"]
    writer = gguf.GGUFWriter(str(tmp_path / "toy.gguf"), "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(sorted(vocabulary, key=vocabulary.__getitem__))
    writer.add_token_merges([" ".join(pair) for pair in listed(trained())])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    merges = read_merges(load_tokenizer(str(tmp_path / "toy.gguf")))
    assert spelled(merges) == spelled(read_merges(loaded(trained())))
    assert merges.starts_from == "bytes"


@pytest.mark.parametrize("pair", [(b"\xc3", b"\xbc"), (b" ", b"\xc3"), (b"a", b"b")])
def test_words_begin_as_bytes_where_it_is_declared_or_a_part_is_no_text(pair):
    tokenizer = Changed(loaded(trained()), (pair,))
    assert unit_of_words(tokenizer, {}, (pair,)) == "bytes"
    tokenizer.pretokenization = None
    assert unit_of_words(tokenizer, trained(), (pair,)) == "bytes"
    undeclared = "characters" if pair == (b"a", b"b") else "bytes"
    assert unit_of_words(tokenizer, {}, (pair,)) == undeclared


def sentencepiece_model(tmp_path: Path, **options):
    model = io.BytesIO()
    arguments = {"vocab_size": 120, "model_type": "bpe", "minloglevel": 2} | options
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 5), model_writer=model, **arguments
    )
    path = tmp_path / "toy.model"
    path.write_bytes(model.getvalue())
    return load_tokenizer(str(path))


@pytest.mark.parametrize("options", [{}, {"allow_whitespace_only_pieces": True}])
def test_merges_of_a_sentencepiece_model_split_words_as_the_library_does(tmp_path, options):
    options = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False} | options
    tokenizer = sentencepiece_model(tmp_path, **options)
    merges = read_merges(tokenizer)
    assert merges.starts_from == "characters"
    assert b" " in merges.symbols[: merges.n_initial]
    assert all(len(symbol.decode()) == 1 for symbol in merges.symbols[: merges.n_initial])
    for word in sorted({word for text in TEXTS for word in text.split()}):
        ids = tokenizer.encode_batch([word]).ids
        tokens = [tokenizer.vocabulary.token_bytes[i] for i in ids]
        assert applied(merges, [c.encode() for c in f" {word}"]) == tokens, word


def test_tokens_of_a_sentencepiece_model_are_in_the_order_of_training(tmp_path):
    tokenizer = sentencepiece_model(tmp_path, allow_whitespace_only_pieces=True)
    merges = read_merges(tokenizer)
    library = sentencepiece.SentencePieceProcessor(model_file=tokenizer.source)
    pieces = [library.id_to_piece(i) for i in range(3, library.get_piece_size())]
    made = [piece.replace("▁", " ").encode() for piece in pieces if len(piece) > 1]
    assert [merges.symbols[i] for i in merges.results] == made


def test_byte_tokens_and_special_tokens_begin_no_word():
    merges = read_merges(adapted(toy.sentencepiece_bpe(TEXTS * 3, vocab_size=330)))
    initial = set(merges.symbols[: merges.n_initial])
    assert {b"a", b" ", "ß".encode()} <= initial
    assert not {b"<s>", b"\xc3", b"A"} & initial


def test_an_added_character_begins_a_word_only_where_training_joined_it():
    library = toy.sentencepiece_bpe(TEXTS * 3, vocab_size=330)
    merges = read_merges(adapted(library))
    joined = b"".join(merges.symbols[merges.n_initial :])
    assert "ü".encode() in joined
    assert b"m" not in joined
    assert b"m" in merges.symbols
    with_added = read_merges(adapted(toy.with_added(library, "ü", "m")))
    assert spelled(with_added) == spelled(merges)
    assert set(merges.symbols) - set(with_added.symbols) == {b"m"}


def character_bpe(tokens: list[str], merges: list[tuple[str, str]], added: tuple[str, ...] = ()):
    """A BPE over characters with `▁` for spaces, ids in the order of the tokens."""
    vocabulary = {token: i for i, token in enumerate(tokens)}
    library = Tokenizer(models.BPE(vocabulary, merges))
    library.normalizer = normalizers.Replace(" ", "▁")
    library.add_tokens(list(added))
    return adapted(library)


def test_runs_with_a_score_of_their_own_come_where_their_ids_say():
    tokenizer = character_bpe(
        ["▁▁", "▁a", "▁▁▁▁", "ab", "▁", "a", "b"],
        [("▁", "a"), ("a", "b"), ("▁", "▁"), ("▁▁", "▁▁")],
    )
    merges = read_merges(tokenizer)
    assert spelled(merges) == [(b" ", b" "), (b" ", b"a"), (b"  ", b"  "), (b"a", b"b")]
    assert merges.is_trained.all()
    assert "2 runs of white space stand at the end of the list" in merges.notes[0]


def test_runs_put_in_by_hand_are_applied_and_not_trained():
    """As Gemma has them: every cut of every run, those of an added token among them."""
    cuts = [(n, cut) for n in range(2, 10) for cut in range(1, n)]
    listed = [(mark * cut, mark * (n - cut)) for mark in "▁\n" for n, cut in cuts]
    lengths = range(2, 10)
    tokens = [mark * n for mark in "▁\n" for n in lengths]
    tokenizer = character_bpe([*tokens, "ab", "▁", "\n", "a", "b"], [*listed, ("a", "b")], ("\n",))
    merges = read_merges(tokenizer)
    assert [merges.symbols[i] for i in merges.results] == [*(b" " * n for n in lengths), b"ab"]
    assert merges.is_trained.tolist() == [False] * 8 + [True]
    assert b"\n" not in merges.symbols
    assert len(merges.first(1)) == 9


def extended():
    """The toy's list, and two merges after it."""
    definition = trained()
    vocabulary = dict(definition["model"]["vocab"])
    further = [["q", "z"], ["qz", "j"]]
    for left, right in further:
        vocabulary[left + right] = len(vocabulary)
    return loaded(definition, vocab=vocabulary, merges=[*listed(definition), *further])


def test_merges_taken_over_are_applied_and_not_trained():
    original = loaded(trained())
    n_shared = len(listed(trained()))
    merges = read_merges(extended(), skip_shared_with=original)
    assert spelled(merges) == spelled(read_merges(extended()))
    assert merges.is_trained.tolist() == [False] * n_shared + [True, True]
    assert any(f"The first {n_shared} merges are those of toy" in note for note in merges.notes)
    assert len(merges.first(1)) == n_shared + 1


def test_a_list_that_is_all_shared_is_refused():
    with pytest.raises(TokevalError, match="none is left to read a mixture from"):
        read_merges(loaded(trained()), skip_shared_with=extended())


def test_nothing_is_skipped_where_nothing_is_shared():
    other = adapted(toy.byte_level_bpe(["xyxyxyxy zqzq"] * 9, vocab_size=265))
    merges = read_merges(loaded(trained()), skip_shared_with=other)
    assert merges.is_trained.all()
    assert "The first merge is not that of toy: none was skipped." in merges.notes


def test_lists_of_bytes_and_of_characters_share_nothing():
    one = character_bpe(["a", "b", "ab"], [("a", "b")])
    plain = trained()
    vocabulary = {**plain["model"]["vocab"], "ab": 1000}
    other = loaded(plain, vocab=vocabulary, merges=[["a", "b"]])
    assert n_shared_merges(read_merges(one), read_merges(other)) == 0
    assert n_shared_merges(read_merges(other), read_merges(other)) == 1


def test_few_merges_and_ignore_merges_are_said():
    notes = read_merges(loaded(trained(), ignore_merges=True)).notes
    assert "Pieces that are tokens are taken whole when it encodes (ignore_merges)." in notes
    assert "Only 83 merges say something about the text." in notes
    assert not any("ignore_merges" in note for note in read_merges(loaded(trained())).notes)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: toy.unigram(TEXTS * 9, vocab_size=80), "is a Unigram tokenizer, which has no"),
        (lambda: toy.lowercase_wordpiece(TEXTS, vocab_size=80), "is a WordPiece tokenizer"),
        (lambda: toy.word_level(TEXTS), "is a WordLevel tokenizer"),
        (lambda: Tokenizer(models.BPE({"a": 0}, [])), "(BPE) has no merges"),
    ],
)
def test_what_has_no_merges_is_refused_with_the_reason(make, said):
    with pytest.raises(TokevalError) as caught:
        read_merges(adapted(make()))
    assert said in caught.value.message
    assert caught.value.message.startswith("toy.json ")
    assert caught.value.hint


def test_a_sentencepiece_model_of_characters_is_refused(tmp_path):
    tokenizer = sentencepiece_model(tmp_path, model_type="char", vocab_size=30)
    with pytest.raises(TokevalError, match="is a Character tokenizer, which has no merges"):
        read_merges(tokenizer)


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ({"end_of_word_suffix": "</w>"}, "that end a word with '</w>' (end_of_word_suffix)"),
        ({"continuing_subword_prefix": "##"}, "inside a word with '##'"),
    ],
)
def test_marks_of_a_place_in_the_word_are_refused(option, key):
    library = Tokenizer(models.BPE(**option))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    library.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=60, **option))
    with pytest.raises(TokevalError) as caught:
        read_merges(adapted(library))
    assert key in caught.value.message


class Changed:
    """A tokenizer whose merges are other ones."""

    def __init__(self, tokenizer, merges):
        self._tokenizer, self.merges = tokenizer, merges

    def __getattr__(self, name):
        return getattr(self._tokenizer, name)


def test_a_merge_that_names_a_missing_token_is_refused():
    tokenizer = loaded(trained())
    pairs = [*tokenizer.merges[:7], (b"t", b"zz")]
    with pytest.raises(TokevalError) as caught:
        read_merges(Changed(tokenizer, tuple(pairs)))
    assert "merge 7 joins 't' and 'zz', but its vocabulary has no token 'zz'" in str(caught.value)


def test_a_reversed_list_does_not_look_like_a_trained_order():
    tokenizer = loaded(trained())
    with pytest.raises(TokevalError, match="does not look like a trained order"):
        read_merges(Changed(tokenizer, tokenizer.merges[::-1]))


def test_steps_make_distinct_symbols_from_what_is_made_already():
    merges = read_merges(adapted(toy.sentencepiece_bpe(TEXTS * 3, vocab_size=360)))
    assert len(set(merges.symbols)) == len(merges.symbols)
    assert all(one < other for one, other in pairwise(merges.results.tolist()))
    assert (merges.pairs < merges.results[:, None]).all()
