"""Tokenizers from a user's own module, found, adapted or refused in one line."""

import pickle
import subprocess
import sys
import textwrap

import pytest
import tokenizers

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.factory import METHODS, load_factory

WHOLE = """
    import numpy as np
    from tokeval.core.tokenizer import Encoded, EncodedSpans, Vocabulary

    class Letters:
        name = source = "letters"
        fingerprint = "f" * 64
        loader = "mine-1"
        model = "letters"
        vocabulary = Vocabulary(tuple(bytes([i]) for i in range(128)))
        pretokenization = None
        added_texts = ()
        bos_id = eos_id = None
        keeps_whitespace = True
        notes = ("mine",)

        @property
        def merges(self):
            raise NotImplementedError("asked for too early")

        def encode_batch(self, texts):
            return Encoded.from_lists([list(text.encode("ascii")) for text in texts])

        def encode_with_spans(self, texts):
            flat = self.encode_batch(texts)
            spans = np.array([(i, i + 1) for text in texts for i in range(len(text))])
            return EncodedSpans(flat.ids, flat.offsets, spans.reshape(-1, 2))

        def decode(self, ids):
            return bytes(ids)

        def normalize(self, text):
            return text

        @classmethod
        def create(cls):
            return cls()
"""


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    """Writes a module of a name of its own into the current folder; gives the name."""
    monkeypatch.chdir(tmp_path)
    name = "made_by_" + "".join(c if c.isalnum() else "_" for c in request.node.name)

    def write(source: str) -> str:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        sys.modules.pop(name, None)
        return name

    yield write
    sys.modules.pop(name, None)


def test_an_object_with_all_that_the_protocol_names_is_used_as_it_is(module):
    name = module(WHOLE)
    path = list(sys.path)
    tokenizer = load_factory(f"{name}:Letters.create", name="mine")
    assert sys.path == path
    assert (tokenizer.name, tokenizer.source) == ("mine", f"py:{name}:Letters.create")
    assert (tokenizer.loader, tokenizer.model, tokenizer.notes) == ("mine-1", "letters", ("mine",))
    assert tokenizer.keeps_whitespace
    encoded = tokenizer.encode_with_spans(["ab", "", "c"])
    assert encoded.ids.tolist() == [97, 98, 99]
    assert encoded.offsets.tolist() == [0, 2, 2, 3]
    assert encoded.spans.tolist() == [[0, 1], [1, 2], [0, 1]]
    assert tokenizer.encode_batch([]).offsets.tolist() == [0]
    assert tokenizer.decode([97]) == b"a"
    with pytest.raises(NotImplementedError):
        _ = tokenizer.merges


def test_a_whitespace_dropper_says_so(module):
    name = module(WHOLE + "\n    Letters.keeps_whitespace = False\n")
    assert not load_factory(f"{name}:Letters", name="t").keeps_whitespace


def test_another_process_makes_it_again_from_the_same_module(module, tmp_path):
    name = module(WHOLE)
    frozen = tmp_path / "tokenizer.pickle"
    frozen.write_bytes(pickle.dumps(load_factory(f"{name}:Letters", name="mine")))
    code = (
        "import pathlib, pickle; t = pickle.loads(pathlib.Path('tokenizer.pickle').read_bytes()); "
        "print(t.name, t.encode_batch(['ab']).ids.tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "mine [97, 98]\n"


LIBRARY = """
    import tokenizers
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    def make():
        tokenizer = tokenizers.Tokenizer(WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
        tokenizer.pre_tokenizer = Whitespace()
        return tokenizer
"""


def test_an_object_of_the_tokenizers_library_is_adapted(module):
    name = module(LIBRARY)
    tokenizer = load_factory(f"{name}:make", name="words")
    assert tokenizer.encode_batch(["a b c"]).ids.tolist() == [0, 1, 2]
    assert (tokenizer.name, tokenizer.source) == ("words", f"py:{name}:make")
    assert tokenizer.loader == f"tokenizers-{tokenizers.__version__}"


def test_a_fast_tokenizer_of_transformers_is_adapted(module):
    pytest.importorskip("transformers", reason="the extra `hf` is not installed")
    name = module(
        LIBRARY
        + """
    def fast():
        from transformers import PreTrainedTokenizerFast

        return PreTrainedTokenizerFast(tokenizer_object=make(), unk_token="?")
"""
    )
    tokenizer = load_factory(f"{name}:fast", name="words")
    assert tokenizer.encode_batch(["b a"]).ids.tolist() == [1, 0]
    assert tokenizer.source == f"py:{name}:fast"


# --- what is missing -------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["", "module", "module:", ":factory"])
def test_a_spec_without_both_parts_says_how_to_write_it(spec):
    with pytest.raises(UsageError, match="is not `module:factory`") as error:
        load_factory(spec, name="t")
    assert "py:MODULE:FACTORY" in error.value.hint


def test_a_module_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match="there is no module `no_such_module`"):
        load_factory("no_such_module:make", name="t")
    with pytest.raises(UsageError, match=r"there is no module `json\.no_such_part`"):
        load_factory("json.no_such_part:make", name="t")


def test_an_attribute_that_does_not_exist_is_named_with_its_holder(module):
    name = module(WHOLE)
    with pytest.raises(UsageError, match=f"`{name}` has no attribute `make`"):
        load_factory(f"{name}:make", name="t")
    with pytest.raises(UsageError, match=rf"`{name}\.Letters` has no attribute `made`"):
        load_factory(f"{name}:Letters.made.now", name="t")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_dependency", "the module needs `no_such_dependency`"),
        ("1 / 0", "importing the module raised ZeroDivisionError: division by zero"),
        ("def make(:", "importing the module raised SyntaxError"),
        ("def make():\n    raise OSError('two\\nlines')", "raised OSError: two lines"),
        ("def make(path): pass", "calling the factory without arguments raised TypeError"),
        ("make = 5", "has the type int, and is no function"),
    ],
)
def test_code_that_fails_is_one_line(module, source, message):
    name = module(source)
    with pytest.raises(TokevalError, match=message) as error:
        load_factory(f"{name}:make", name="t")
    assert "\n" not in str(error.value)
    assert name in error.value.message


def test_each_missing_attribute_is_named(module):
    name = module(WHOLE + "\n    del Letters.bos_id, Letters.normalize, Letters.merges\n")
    with pytest.raises(TokevalError, match=r"Letters, which lacks merges, bos_id, normalize \("):
        load_factory(f"{name}:Letters", name="t")


def test_nothing_is_a_tokenizer_that_lacks_everything(module):
    name = module("def make(): pass")
    with pytest.raises(TokevalError, match=r"builtins\.NoneType, which lacks name, source,"):
        load_factory(f"{name}:make", name="t")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("Letters.vocabulary = {'a': 0}", "whose `vocabulary` is a dict"),
        ("Letters.decode = b''", "whose decode cannot be called"),
    ],
)
def test_a_member_of_the_wrong_type_is_named(module, change, message):
    name = module(WHOLE + f"\n    {change}\n")
    with pytest.raises(TokevalError, match=message):
        load_factory(f"{name}:Letters", name="t")


@pytest.mark.parametrize(
    "returned",
    [
        "[[97]]",
        "Encoded(np.array([97]), np.array([0, 1]))",
        "Encoded(np.array([97], np.int32), np.array([0]))",
        "Encoded(np.array([97], np.int32), np.array([0, 2]))",
    ],
)
def test_an_encoder_that_returns_something_else_is_found_out(module, returned):
    name = module(WHOLE + f"\n    Letters.encode_batch = lambda self, texts: {returned}\n")
    with pytest.raises(TokevalError, match="did not return flat int32 ids with offsets for 1 text"):
        load_factory(f"{name}:Letters", name="t").encode_batch(["a"])


def test_spans_of_the_wrong_shape_are_found_out(module):
    change = "Letters.encode_with_spans = Letters.encode_batch"
    name = module(WHOLE + f"\n    {change}\n")
    with pytest.raises(TokevalError, match="no spans of shape"):
        load_factory(f"{name}:Letters", name="t").encode_with_spans(["a"])


def test_the_methods_asked_for_are_those_of_the_protocol():
    public = {key for key, value in vars(Tokenizer).items() if callable(value) and key[0] != "_"}
    assert public == set(METHODS)
