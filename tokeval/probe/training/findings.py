"""What trained models show, said only where every seed agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tokeval.document import Finding, Measured, ProbeCell
from tokeval.probe.paired_tests import SIGNIFICANCE
from tokeval.probe.proportions import difference
from tokeval.probe.training.cells import SEEN, UNSEEN, Trained, exact_matches, of_seed
from tokeval.probe.training.metrics import DIFFERENCE, MCNEMAR, SPELLING_GAP
from tokeval.probe.training.tasks import EXACT_MATCH, SUBTASK_ACCURACY, Tally

Values = Mapping[tuple[str, str], Measured]


def training_findings(
    trained: Trained, against: Trained | None, cells: Sequence[ProbeCell]
) -> Iterator[Finding]:
    """A configuration that is learned better, spelling that was not learned, lost cascades."""
    values = {
        (cell.metric, cell.slice): cell.value for cell in cells if isinstance(cell.value, Measured)
    }
    if against is not None:
        yield from _other(trained, against, values)
    yield from _spelling(trained, values)
    yield from _cascades(trained)


def _percents(shares: Sequence[float]) -> str:
    """Shares of seeds in their order."""
    return ", ".join(f"{share:.1%}" for share in shares)


def _seeds(trained: Trained) -> str:
    """How many seeds agree, in words."""
    n = len(trained.runs)
    return "With one seed," if n == 1 else f"With each of {n} seeds,"


def _other(trained: Trained, against: Trained, values: Values) -> Iterator[Finding]:
    """Every seed is better, or every one worse, than what it is compared with."""
    if (EXACT_MATCH, "all") not in trained.runs[0].tally:
        return
    parts = [f"{of_seed(run.seed, 'all')}/against:{against.task.name}" for run in trained.runs]
    signs = {
        values[DIFFERENCE, part].value > 0
        for part in parts
        if values[MCNEMAR, part].value <= SIGNIFICANCE
    }
    if len(signs) == 1 and all(values[MCNEMAR, part].value <= SIGNIFICANCE for part in parts):
        kind = "better" if signs == {True} else "worse"
        message = (
            f"{_seeds(trained)} {trained.task.name} is learned {kind} than {against.task.name}: "
            f"{_percents(exact_matches(trained)['all'])} right against "
            f"{_percents(exact_matches(against)['all'])}."
        )
        yield Finding("training_order", "note", trained.task.name, message, len(parts))


def _spelling(trained: Trained, values: Values) -> Iterator[Finding]:
    """Every seed counts the letters of tokens worse whose spelling it never needed."""
    gaps = [values.get((SPELLING_GAP, of_seed(run.seed, "all"))) for run in trained.runs]
    if all(gap is not None and gap.low is not None and gap.low > 0 for gap in gaps):
        shares = exact_matches(trained)
        message = (
            f"{_seeds(trained)} strings with a token that was never counted are counted right in "
            f"{_percents(shares[UNSEEN])}; the same strings with these tokens spelled in "
            f"{_percents(shares[SEEN])}."
        )
        yield Finding("training_spelling", "warning", trained.task.name, message, len(gaps))


def _cascades(trained: Trained) -> Iterator[Finding]:
    """Every seed gets cascaded carries wrong more often than digits of the same place without."""
    places = [_most_cascaded(run.tally) for run in trained.runs]
    found = []
    for place, run in zip(places, trained.runs, strict=True):
        base = run.tally.get((SUBTASK_ACCURACY, f"subtask:base_multiply/place:{place}"), (0, 0))
        cascaded = run.tally.get(
            (SUBTASK_ACCURACY, f"subtask:cascaded_carry/place:{place}"), (0, 0)
        )
        worse = difference(base, cascaded, "there are none")
        if not isinstance(worse, Measured) or worse.low is None or worse.low <= 0:
            return
        found.append((base, cascaded))
    message = (
        f"{_seeds(trained)} digits at place {places[0]} are right less often after a cascaded "
        f"carry, {_percents([right / n for _, (right, n) in found])}, than where nothing is "
        f"carried in, {_percents([right / n for (right, n), _ in found])}."
    )
    yield Finding("training_cascade", "note", trained.task.name, message, len(found))


def _most_cascaded(tally: Tally) -> str:
    """The place with most cascaded carries among those that hold products; empty without any."""
    asked = {
        part.rsplit(":", 1)[1]: n
        for (metric, part), (_, n) in tally.items()
        if metric == SUBTASK_ACCURACY and part.startswith("subtask:cascaded_carry/place:")
    }
    held = {
        place: n
        for place, n in asked.items()
        if (SUBTASK_ACCURACY, f"subtask:base_multiply/place:{place}") in tally and place != "all"
    }
    return max(held, key=lambda place: (held[place], place), default="")
