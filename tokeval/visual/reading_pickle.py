"""What `torch.save` pickles, told without unpickling: a machine that knows tensors and containers.

No name in the file is ever looked up or called; anything but tensors, their storages and plain
containers of them is an error.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tokeval.errors import TokevalError

STORAGES = {
    "ByteStorage": "u1",
    "CharStorage": "i1",
    "ShortStorage": "i2",
    "IntStorage": "i4",
    "LongStorage": "i8",
    "BoolStorage": "?",
    "HalfStorage": "f2",
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
}
"""Typed storages of PyTorch, and their dtypes in numpy."""

DTYPES = {"uint16": "u2", "uint32": "u4", "uint64": "u8"}
"""Dtypes that PyTorch saves with untyped storages."""

PUSHED = frozenset(
    [
        "BININT",
        "BININT1",
        "BININT2",
        "INT",
        "LONG1",
        "LONG",
        "BINFLOAT",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "UNICODE",
        "BINUNICODE8",
        "SHORT_BINBYTES",
        "BINBYTES",
    ]
)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
IGNORED = frozenset(["PROTO", "FRAME", "STOP"])
HINT = "save the tensor of ids alone: torch.save(tokens.contiguous().cpu(), path)"


@dataclass(frozen=True)
class Name:
    """A module and a name in it, as the file gives them."""

    module: str
    name: str


@dataclass(frozen=True)
class Storage:
    """Numbers that lie together in a member of the archive.

    Attributes:
        key: name of the member.
        kind: dtype in numpy, empty for untyped bytes.
    """

    key: str
    kind: str


@dataclass(frozen=True)
class Tensor:
    """A view of a storage.

    Attributes:
        storage: where its elements are.
        kind: dtype in numpy.
        offset: first element.
        shape: of the tensor.
        strides: in elements.
    """

    storage: Storage
    kind: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Mark:
    """Where a container begins on the stack."""


def read_pickle(pickled: bytes, *, title: str) -> Any:
    """The tensors and containers that a pickle describes.

    Raises:
        TokevalError: it holds anything else, or is damaged.
    """
    machine = _Machine(title)
    try:
        for opcode, argument, _ in pickletools.genops(pickled):
            machine.step(opcode.name, argument)
        (result,) = machine.stack
    except (ValueError, IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise TokevalError(f"{title}: a damaged pickle", HINT) from error
    return result


class _Machine:
    """The stack and the memory of a pickle that is being told."""

    def __init__(self, title: str) -> None:
        self.stack: list[Any] = []
        self._title = title
        self._memory: dict[int, Any] = {}
        self._containers: dict[str, Callable[[], None]] = {
            "TUPLE": lambda: self._push(tuple(self._since_mark())),
            "LIST": lambda: self._push(self._since_mark()),
            "DICT": lambda: self._push(_pairs(self._since_mark())),
            "EMPTY_LIST": lambda: self._push([]),
            "EMPTY_DICT": lambda: self._push({}),
            "MARK": lambda: self._push(_Mark()),
            "APPEND": lambda: self._extend([self.stack.pop()]),
            "APPENDS": lambda: self._extend(self._since_mark()),
            "SETITEM": lambda: self._update(self._last(2)),
            "SETITEMS": lambda: self._update(self._since_mark()),
            "STACK_GLOBAL": lambda: self._push(Name(*self._last(2))),
            "BINPERSID": lambda: self._push(self._storage(self.stack.pop())),
            "REDUCE": lambda: self._push(self._called(*self._last(2))),
            "BUILD": lambda: self._drop_state(self.stack.pop()),
            "POP": lambda: self._drop_state(self.stack.pop()),
            "MEMOIZE": lambda: self._memory.update({len(self._memory): self.stack[-1]}),
        }

    def step(self, opcode: str, argument: Any) -> None:
        """Does what one opcode says."""
        if opcode in self._containers:
            self._containers[opcode]()
        elif opcode in PUSHED:
            self._push(argument)
        elif opcode in CONSTANTS:
            self._push(CONSTANTS[opcode])
        elif opcode in TUPLES:
            self._push(tuple(self._last(TUPLES[opcode])))
        elif opcode == "GLOBAL":
            self._push(Name(*argument.split(" ", 1)))
        elif opcode in ("BINPUT", "LONG_BINPUT", "PUT"):
            self._memory[argument] = self.stack[-1]
        elif opcode in ("BINGET", "LONG_BINGET", "GET"):
            self._push(self._memory[argument])
        elif opcode not in IGNORED:
            raise self._refused(f"the opcode {opcode}")

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _last(self, count: int) -> list[Any]:
        """The topmost values, taken off."""
        if len(self.stack) < count:
            raise IndexError("the stack is empty")
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def _since_mark(self) -> list[Any]:
        """The values above the topmost mark, taken off with it."""
        at = max(i for i, value in enumerate(self.stack) if isinstance(value, _Mark))
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def _extend(self, values: list[Any]) -> None:
        """Appends to the list on top."""
        self._container(list).extend(values)

    def _update(self, values: list[Any]) -> None:
        """Sets items of the dictionary on top."""
        self._container(dict).update(_pairs(values))

    def _container(self, kind: type[Any]) -> Any:
        """The value on top, which must be of a kind."""
        if not isinstance(self.stack[-1], kind):
            raise TypeError(f"no {kind.__name__}")
        return self.stack[-1]

    def _drop_state(self, state: Any) -> None:
        """Attributes of a dictionary say nothing of its tensors."""
        if not isinstance(state, dict):
            raise self._refused("the state of an object")

    def _storage(self, persistent: Any) -> Storage:
        """The storage that a persistent id names: ("storage", type, key, device, size)."""
        word, kind, key, *_ = persistent
        if word != "storage" or not isinstance(kind, Name) or not isinstance(key, str):
            raise self._refused("a foreign persistent id")
        if kind.name == "UntypedStorage":
            return Storage(key, "")
        if kind.module != "torch" or kind.name not in STORAGES:
            raise self._refused(f"numbers of {kind.name.removesuffix('Storage')}")
        return Storage(key, STORAGES[kind.name])

    def _called(self, name: Any, arguments: Any) -> Any:
        """What a known constructor would make of its arguments."""
        if not isinstance(name, Name):
            raise TypeError("no name")
        full = f"{name.module}.{name.name}"
        if full == "collections.OrderedDict":
            return dict(arguments[0]) if arguments else {}
        if full == "torch.Size":
            return tuple(arguments[0])
        if full == "torch._utils._rebuild_parameter":
            return arguments[0]
        if full in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3"):
            return self._tensor(*arguments)
        raise self._refused(full)

    def _tensor(self, storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> Tensor:
        """A tensor from the arguments of its constructor."""
        whole = [offset, *shape, *strides]
        if not isinstance(storage, Storage) or len(shape) != len(strides):
            raise TypeError("no tensor")
        if any(type(number) is not int or number < 0 for number in whole):
            raise TypeError("no tensor")
        kind = storage.kind
        if not kind:
            dtype = rest[2]
            if not isinstance(dtype, Name) or dtype.name not in DTYPES:
                raise self._refused("a tensor of an unknown dtype")
            kind = DTYPES[dtype.name]
        return Tensor(storage, kind, offset, tuple(shape), tuple(strides))

    def _refused(self, what: str) -> TokevalError:
        """The error for anything that is neither a tensor nor a container of them."""
        return TokevalError(
            f"{self._title}: holds {what}; only tensors of whole numbers are read, nothing is run",
            HINT,
        )


def _pairs(values: list[Any]) -> dict[Any, Any]:
    """Keys and values that follow each other, as a dictionary."""
    return dict(zip(values[::2], values[1::2], strict=True))
