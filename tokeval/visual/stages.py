"""Statistics of samples of a dump, stage by stage: here, or each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from tokeval.core.engine import run
from tokeval.visual import measurements, sample_measurements
from tokeval.visual.counting_stretches import is_mapped, others_can_read
from tokeval.visual.dump import Dump, Samples
from tokeval.visual.measurements import Measurement
from tokeval.visual.ngrams import LONGEST_NGRAM
from tokeval.visual.settings import Settings

Tell = Callable[..., None]

WORTH_PROCESSES = 2_000_000
"""Tokens of a dump from which on starting worker processes pays."""


def choose_engine(dump: Dump, jobs: int | None) -> str:
    """The engine for a dump: processes where they can read it and pay."""
    several = (jobs or os.cpu_count() or 1) > 1
    worth = dump.n_tokens >= WORTH_PROCESSES and is_mapped(dump)
    return "processes" if several and worth else "serial"


@dataclass(frozen=True)
class Stages:
    """The statistics of the stage of a name; a worker process reads the samples by itself.

    Attributes:
        dump: the tokens.
        settings: how many of them each stage sees.
    """

    dump: Dump
    settings: Settings

    @cached_property
    def samples(self) -> Samples:
        """What pairs, contexts, n-grams and compressors see."""
        return self.dump.sample(self.settings.sample_tokens)

    @cached_property
    def short(self) -> Samples:
        """What merges and the map of offsets see."""
        return self._at_most(self.settings.search_tokens)

    def _at_most(self, n_tokens: int) -> Samples:
        return self.dump.sample(min(self.settings.sample_tokens, n_tokens))

    @cached_property
    def _functions(self) -> Mapping[str, Callable[[], Iterator[Measurement]]]:
        """By name, in the order of the document."""
        dump, settings = self.dump, self.settings
        of_direction, of_ngrams = measurements.of_direction, sample_measurements.of_ngrams
        return {
            "factors": lambda: sample_measurements.of_factors(dump, self.samples, settings),
            **{
                f"n-grams of {n}": partial(lambda n: of_ngrams(dump, self.samples, n), n)
                for n in range(1, LONGEST_NGRAM + 1)
            },
            **{
                f"neighbours, {name.replace('_', ' ')}": partial(
                    lambda name: of_direction(dump, self.samples, name), name
                )
                for name in measurements.directions(dump.layout)
            },
            "contexts": lambda: measurements.of_contexts(dump, self.samples),
            "scan orders": lambda: measurements.of_scans(dump, self._at_most(settings.scan_tokens)),
            "compressors": lambda: measurements.of_compressors(dump, self.samples),
            "merges": lambda: sample_measurements.of_structure(dump, self.short),
            "classes": lambda: sample_measurements.of_classes(dump, self.samples),
            "positions": lambda: sample_measurements.of_positions(dump, self.samples),
            "scales": lambda: sample_measurements.of_scales(dump, self.samples),
            "frames": lambda: sample_measurements.of_video(dump, self.samples),
        }

    def __call__(self, name: str) -> list[Measurement]:
        """The statistics of a stage."""
        return list(self._functions[name]())

    def all(
        self, *, tell: Tell, engine: str = "serial", jobs: int | None = None
    ) -> Iterator[Measurement]:
        """Those of all stages, in the same order and to the same bit for any number of processes.

        Args:
            tell: told of each stage.
            engine: `serial`, `processes` or `dask`; the last two where others can map the files.
            jobs: number of worker processes; all cores when `None`.
        """
        names = list(self._functions)
        # The longest first: processes then end at about the same time.
        ordered = sorted(names, key=lambda name: _LONGEST.index(name.split()[0]))
        serial = engine == "serial" or not others_can_read(self.dump, engine)
        found: dict[str, list[Measurement]] = {}
        # What was read here need not be sent to others.
        stages = self if serial else replace(self)
        for number, measured in enumerate(
            run(stages, ordered, engine="serial" if serial else engine, jobs=jobs)
        ):
            found[ordered[number]] = measured
            tell(f"{self.dump.name}: {ordered[number]}", number + 1, len(names))
        for name in names:
            yield from found[name]


_LONGEST = (
    "contexts", "scan", "compressors", "merges", "neighbours,", "n-grams", "positions", "classes",
    "factors", "scales", "frames",
)  # fmt: skip
"""First words of the names of stages: what a worker takes at once has a bit of each kind."""
