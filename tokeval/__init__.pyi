from types import ModuleType

from tokeval.api import analyze_dump as analyze_dump
from tokeval.api import compare as compare
from tokeval.api import evaluate as evaluate
from tokeval.api import gate as gate
from tokeval.api import infer_mixture as infer_mixture
from tokeval.api import load as load
from tokeval.api import load_tokenizer as load_tokenizer
from tokeval.api import read_corpus as read_corpus
from tokeval.api import run_probe as run_probe
from tokeval.core.corpus import Slice as Slice
from tokeval.core.metric import Parameters as Parameters
from tokeval.core.resources import Resources as Resources
from tokeval.core.tokenizer import Tokenizer as Tokenizer
from tokeval.document import Report as Report
from tokeval.document import dump as dump
from tokeval.errors import TokevalError as TokevalError
from tokeval.errors import UsageError as UsageError

__version__: str

class CallableModule(ModuleType): ...
