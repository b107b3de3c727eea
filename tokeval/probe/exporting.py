"""The questions of a probe as a task of another harness, with the same exact match.

The files that are written need tokeval no more: the questions, and the patterns with which their
answers are read, are in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Literal, get_args

import msgspec

import tokeval
from tokeval.errors import TokevalError, UsageError
from tokeval.probe.items import Item, items_sha256
from tokeval.probe.model import Generation
from tokeval.probe.parsing import ANSWER_PATTERN, IGNORED_PATTERN

Harness = Literal["lm-eval", "inspect"]

HARNESSES: tuple[Harness, ...] = get_args(Harness)

_LEADING_ZEROS = r"(?<![0-9])0+(?=[0-9])"
_NAME = re.compile(r"[a-z][a-z0-9_]*")

_LM_EVAL_TASK = Template("""\
# Questions of `tokeval probe`, version $version, data set $sha256.
# lm_eval run --include_path . --tasks $task --model MODEL
# Add --apply_chat_template for a chat model; seeds are lm_eval's own.
task: $task
custom_dataset: !function ${task}_items.load
test_split: test
output_type: generate_until
doc_to_text: prompt
doc_to_target: expected
num_fewshot: 0
generation_kwargs:
  until: $stop
  max_gen_toks: $max_new_tokens
  do_sample: $do_sample
  temperature: $temperature
filter_list:
  - name: last_integer
    filter:
      - function: regex
        regex_pattern: $pattern
        group_select: -1
        fallback: "[invalid]"
      - function: take_first
metric_list:
  - metric: exact_match
    aggregation: mean
    higher_is_better: true
    regexes_to_ignore: $ignored
metadata:
  version: 1.0
  items_sha256: "$sha256"
""")

_LM_EVAL_ITEMS = Template('''\
"""The questions of the task $task."""

import json
from pathlib import Path

from datasets import Dataset

COLUMNS = ("id", "slice", "format", "pair", "prompt", "expected")


def load(**_):
    """The questions as the one split of a data set."""
    lines = Path(__file__).with_name("$items_file").read_text(encoding="utf-8").split("\\n")
    rows = [json.loads(line) for line in lines if line]
    return {"test": Dataset.from_list([{key: row[key] for key in COLUMNS} for row in rows])}
''')

_INSPECT_TASK = Template('''\
"""Questions of `tokeval probe`, version $version: inspect eval $task.py --model MODEL."""

import re
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, grouped, scorer, stderr
from inspect_ai.solver import generate

ITEMS_SHA256 = "$sha256"
ANSWER = re.compile($pattern)
IGNORED = [re.compile(pattern) for pattern in $ignored]


def last_integer(text):
    """The last integer of a text as it is compared, or None where it has none."""
    found = ANSWER.findall(text)
    if not found:
        return None
    answer = found[-1]
    for pattern in IGNORED:
        answer = pattern.sub("", answer)
    return answer.replace("\\N{MINUS SIGN}", "-")


@scorer(metrics=[grouped(accuracy(), "slice"), accuracy(), stderr()])
def exact_match():
    """Whether the last integer of an answer is the right one."""

    async def score(state, target):
        answer = last_integer(state.output.completion)
        return Score(value=CORRECT if answer == target.text else INCORRECT, answer=answer)

    return score


@task
def $task():
    """The questions, each asked once."""
    return Task(
        dataset=json_dataset(
            str(Path(__file__).with_name("$items_file")),
            FieldSpec(
                input="prompt", target="expected", id="id", metadata=["slice", "format", "pair"]
            ),
        ),
        solver=generate(),
        scorer=exact_match(),
        config=GenerateConfig(
            max_tokens=$max_new_tokens,
            temperature=$temperature,
            seed=$seed,
            stop_seqs=$stop_or_none,
        ),
    )
''')


def export(
    items: Sequence[Item],
    generation: Generation,
    directory: Path,
    *,
    to: Harness,
    name: str = "probe",
) -> list[Path]:
    """The files of a task that asks the questions in another harness, after they were written.

    For `lm-eval` a task in YAML with the module that reads the questions, for `inspect` a task file
    in Python; beside it the questions as JSON lines. An answer is right under the same condition
    as here: its last integer is the right one. (lm-eval cannot rewrite U+2212 as a hyphen, which
    matters where the right answer is negative.)

    Args:
        items: the questions.
        generation: how answers are generated.
        directory: where the files go; it is made where there is none.
        to: the harness.
        name: the task is called `tokeval_` and this; small letters, digits and underscores.

    Raises:
        TokevalError: the files cannot be written.
        UsageError: there is nothing to export, or the name is none.
    """
    if not items:
        raise UsageError("there are no questions to export", "ask for at least one per condition")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be part of the name of a task",
            "use small letters, digits and underscores",
        )
    files = _files(items, generation, to=to, task=f"tokeval_{name}")
    written = [directory / file for file in files]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # The questions come last in the list and first on the disk: no task is without them.
        for path in reversed(written):
            path.write_bytes(files[path.name].encode())
    except OSError as error:
        raise TokevalError(
            f"cannot write {directory}: {error.strerror or error}", "choose another directory"
        ) from error
    return written


def _files(
    items: Sequence[Item], generation: Generation, *, to: Harness, task: str
) -> Mapping[str, str]:
    """The content of the files of a task, by name."""
    # Characters beyond ASCII are escaped: some are ends of lines to some readers.
    lines = [json.dumps(msgspec.to_builtins(item), sort_keys=True) + "\n" for item in items]
    # Tasks of both probes and harnesses may stand in one folder.
    items_file = f"{task}_{to.replace('-', '_')}.jsonl"
    questions = {items_file: "".join(lines)}
    fields = _fields(items, generation, task) | {"items_file": items_file}
    if to == "inspect":
        return {f"{task}.py": _INSPECT_TASK.substitute(_in_python(fields))} | questions
    return {
        f"{task}.yaml": _LM_EVAL_TASK.substitute(_in_yaml(fields)),
        f"{task}_items.py": _LM_EVAL_ITEMS.substitute(task=task, items_file=items_file),
    } | questions


def _fields(items: Sequence[Item], generation: Generation, task: str) -> dict[str, object]:
    """What both kinds of task hold."""
    return {
        "task": task,
        "version": tokeval.__version__,
        "sha256": items_sha256(items),
        "pattern": ANSWER_PATTERN,
        "ignored": [IGNORED_PATTERN, _LEADING_ZEROS],
        "stop": list(generation.stop),
        "stop_or_none": list(generation.stop) or None,
        "max_new_tokens": generation.max_new_tokens,
        "do_sample": generation.temperature > 0,
        "temperature": float(generation.temperature),
        "seed": generation.seed,
    }


_AS_IT_IS = ("task", "version", "sha256", "items_file")


def _in_python(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as they are written in Python, in which every character is a plain one."""
    return {key: held if key in _AS_IT_IS else ascii(held) for key, held in fields.items()}


def _in_yaml(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as they are written in YAML, of which JSON is a part."""
    return {key: held if key in _AS_IT_IS else json.dumps(held) for key, held in fields.items()}
