"""What `import tokeval` offers: every analysis as a function from objects to a `Report`.

Defaults are those of the command line. Whatever is heavy is imported when a function is called.
"""

from tokeval.api.analyses import analyze_dump, evaluate, infer_mixture
from tokeval.api.documents import compare, gate, load
from tokeval.api.inputs import load_tokenizer, read_corpus
from tokeval.api.probes import run_probe

__all__ = [
    "analyze_dump",
    "compare",
    "evaluate",
    "gate",
    "infer_mixture",
    "load",
    "load_tokenizer",
    "read_corpus",
    "run_probe",
]
