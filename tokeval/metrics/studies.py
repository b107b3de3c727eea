"""Studies of a run: every study that the chosen metrics need, on samples of the slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tokeval.core.corpus import Slice
from tokeval.core.engine import run
from tokeval.core.metric import WHOLE_CORPUS, Metric
from tokeval.core.resources import Resources
from tokeval.core.study import Sample, Study, Subject, Tally, draw_samples, pool_tallies
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Finding, Undefined
from tokeval.errors import TokevalError
from tokeval.loaders.segmentations import UnknownTextError

Tallies = Mapping[str, Tally | Undefined]


@dataclass(frozen=True)
class Studied:
    """What the studies of a run counted.

    Attributes:
        tallies: by tokenizer, by slice (`all` among them), by study.
        findings: of all studies, by tokenizer, without repetitions.
    """

    tallies: Mapping[str, Mapping[str, Tallies]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def of(self, tokenizer: str, part: str) -> Tallies:
        """The tallies of one tokenizer on one slice; none where nothing was studied."""
        return self.tallies.get(tokenizer, {}).get(part, {})


@dataclass(frozen=True)
class _Task:
    """One tokenizer to be studied on one slice, or alone (`sample` is `None`)."""

    tokenizer: int
    sample: Sample | None


@dataclass(frozen=True)
class _Student:
    """Makes the studies of a task; a copy of it lives in every worker process."""

    tokenizers: tuple[Tokenizer, ...]
    studies: tuple[Study, ...]
    resources: Resources
    samples: tuple[Sample, ...]

    def __call__(self, task: _Task) -> dict[str, Tally | Undefined]:
        """The tallies of a task by study."""
        tokenizer = self.tokenizers[task.tokenizer]
        if task.sample is None:
            subject = Subject(tokenizer, resources=self.resources, samples=self.samples)
        else:
            subject = Subject(tokenizer, task.sample, self.resources)
        scope = "tokenizer" if task.sample is None else "slice"
        return {study.name: _made(study, subject) for study in self.studies if study.scope == scope}


def _made(study: Study, subject: Subject) -> Tally | Undefined:
    """The tally of a study; undefined where it asks for texts that a `seg:` file does not have."""
    try:
        return study.measure(subject)
    except UnknownTextError:
        return Undefined("the tokenizer only knows the texts of its own file")


def make_studies(
    tokenizers: Sequence[Tokenizer],
    slices: Sequence[Slice],
    metrics: Sequence[Metric],
    *,
    resources: Resources,
    engine: str = "serial",
    jobs: int | None = None,
) -> Studied:
    """Everything that the studies of the given metrics count, each study made once.

    Args:
        tokenizers: with distinct names.
        slices: the text that samples are drawn from.
        metrics: those that are wanted.
        resources: word lists and gold data.
        engine: `serial` or `processes`.
        jobs: number of processes.

    Raises:
        TokevalError: two different studies have one name.
    """
    studies: dict[str, Study] = {}
    for metric in metrics:
        study = metric.study
        if study is not None and studies.setdefault(study.name, study) != study:
            raise TokevalError(
                f"the metric {metric.info.id!r} names its study {study.name!r}, as another one is",
                "give the study of the plugin a name of its own",
            )
    if not studies:
        return Studied()
    samples = tuple(draw_samples(slices).values())
    student = _Student(tuple(tokenizers), tuple(studies.values()), resources, samples)
    found: dict[str, dict[str, dict[str, Tally | Undefined]]] = {t.name: {} for t in tokenizers}
    tasks = list(_tasks(student))
    for task, tallies in zip(tasks, run(student, tasks, engine=engine, jobs=jobs), strict=True):
        part = WHOLE_CORPUS if task.sample is None else task.sample.slice
        found[tokenizers[task.tokenizer].name][part] = tallies
    for by_slice in found.values():
        whole = by_slice.setdefault(WHOLE_CORPUS, {})
        for study in studies.values():
            if study.scope == "slice":
                parts = [by_slice[sample.slice][study.name] for sample in samples]
                whole[study.name] = pool_tallies(parts)
    return Studied(found, _findings(found))


def _tasks(student: _Student) -> Iterator[_Task]:
    """Every tokenizer alone where a study asks for it, and on every slice."""
    scopes = {study.scope for study in student.studies}
    for t in range(len(student.tokenizers)):
        if "tokenizer" in scopes:
            yield _Task(t, None)
        if "slice" in scopes:
            yield from (_Task(t, sample) for sample in student.samples)


def _findings(found: Mapping[str, Mapping[str, Tallies]]) -> tuple[Finding, ...]:
    """The findings of the whole corpus, each tokenizer's in turn, without repetitions."""
    return tuple(
        dict.fromkeys(
            finding
            for by_slice in found.values()
            for tally in by_slice[WHOLE_CORPUS].values()
            if isinstance(tally, Tally)
            for finding in tally.findings
        )
    )
