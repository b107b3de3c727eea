"""tokeval: tokenizer analysis and evaluation, with every number explained.

Functions and types are imported when they are first used, so that `import tokeval` is instant;
`__init__.pyi` tells type checkers and editors what they are.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Parameters": "tokeval.core.metric",
    "Resources": "tokeval.core.resources",
    "Slice": "tokeval.core.corpus",
    "Tokenizer": "tokeval.core.tokenizer",
    "Report": "tokeval.document",
    "TokevalError": "tokeval.errors",
    "UsageError": "tokeval.errors",
    "analyze_dump": "tokeval.api",
    "dump": "tokeval.document",
    "evaluate": "tokeval.api",
    "infer_mixture": "tokeval.api",
    "load": "tokeval.api",
    "load_tokenizer": "tokeval.api",
    "read_corpus": "tokeval.api",
    "run_probe": "tokeval.api",
}
_CALLABLE_PACKAGES = ("compare", "gate")
"""Packages that are functions as well; see CallableModule."""


class CallableModule(ModuleType):
    """A package that can be called: `tokeval.gate(report, rules)` beside `tokeval.gate.rules`.

    Importing a submodule sets the attribute of its name, so that a function of that name would be
    gone as soon as anything imported the package. The class of a module may be replaced:
    https://docs.python.org/3/reference/datamodel.html#customizing-module-attribute-access
    """

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """What the function of this name in `tokeval.api` returns."""
        return self.function(*arguments, **settings)

    @property
    def function(self) -> Any:
        """The function of this name in `tokeval.api`."""
        return getattr(import_module("tokeval.api"), self.__name__.rpartition(".")[2])

    @property
    def __signature__(self) -> Any:
        from inspect import signature  # slow to import; for editors and `help` only

        return signature(self.function)


def __getattr__(name: str) -> Any:
    """What `tokeval` offers under a name, imported now."""
    if name in _CALLABLE_PACKAGES:
        return import_module(f"tokeval.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module 'tokeval' has no attribute {name!r}")
    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """All names that there are, imported or not."""
    return sorted({*globals(), *_PLACES, *_CALLABLE_PACKAGES})
