"""What the owner of a tokenizer should know of its digits and letters, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokeval.core.digits import CONTEXTS
from tokeval.document import Finding, Measured
from tokeval.document.probe import ProbeCell
from tokeval.probe.number_contexts import TITLES

ALWAYS = 0.95
RARELY = 0.5
SOME = 0.05


def numeracy_findings(name: str, cells: Sequence[ProbeCell]) -> Iterator[Finding]:
    """Sums out of line, numbers without a rule, contexts, glued operators, merged letters."""
    values = {
        cell.metric: cell.value.value
        for cell in cells
        if cell.slice == "all" and isinstance(cell.value, Measured)
    }
    yield from _alignment(name, values)
    yield from _variety(name, values)
    yield from _contexts(name, values)
    yield from _letters(name, values)


def _alignment(name: str, values: dict[str, float]) -> Iterator[Finding]:
    """Whether longer sums line up, and whether separators would help."""
    longer, match = (values.get(f"answer_alignment_{kind}") for kind in ("mismatch", "match"))
    if longer is None or match is None:
        return
    separated = values.get("answer_alignment_separators")
    if longer >= ALWAYS and match >= ALWAYS:
        message = "The chunks of a sum line up with those of its operands, whatever its length."
        yield Finding("sums_line_up", "note", name, message)
        return
    helps = (
        f"; with thousands separators they line up in {separated:.0%}: write numbers as 1,234,567"
        if separated is not None and separated > longer
        else ""
    )
    message = (
        f"Where a sum has more digits than its operands, its chunks line up with theirs in "
        f"{longer:.0%} of cases (in {match:.0%} where it has as many){helps}."
    )
    yield Finding("sums_out_of_line", "warning", name, message)


def _variety(name: str, values: dict[str, float]) -> Iterator[Finding]:
    """Numbers that are cut by no rule, and lengths of which only some are one token."""
    if values.get("scheme_mixed", 0) > SOME:
        message = (
            f"{values['scheme_mixed']:.0%} of numbers are cut neither digit by digit nor in "
            "threes: numbers of equal length line up in many ways "
            f"({values['chunk_entropy']:.1f} bits)."
        )
        yield Finding("numbers_without_rule", "warning", name, message)
    for length in (2, 3, 4):
        share = values.get(f"single_token_integers_{length}", 0)
        if SOME < share < ALWAYS:
            message = (
                f"{share:.0%} of the numbers of {length} digits are one token: these are learnt "
                "by heart, their neighbours are composed."
            )
            yield Finding("some_numbers_are_tokens", "warning", name, message)


def _contexts(name: str, values: dict[str, float]) -> Iterator[Finding]:
    """The context that changes most numbers, and operators in one token with digits."""
    stable = {
        context: values[f"context_stability_{context}"]
        for context in CONTEXTS
        if f"context_stability_{context}" in values
    }
    worst = min(stable, key=lambda context: stable[context], default=None)
    if worst is not None and stable[worst] < ALWAYS:
        message = (
            f"After {TITLES[worst]}, {1 - stable[worst]:.0%} of numbers are cut otherwise than "
            "alone: the same number is another sequence there."
        )
        yield Finding("numbers_change_in_context", "warning", name, message)
    glued = values.get("operator_glued", 0)
    if glued > SOME:
        message = f"{glued:.0%} of operators between numbers share a token with a digit."
        yield Finding("operators_glued", "warning", name, message)


def _letters(name: str, values: dict[str, float]) -> Iterator[Finding]:
    """Letters that are merged in bare text, and the format that parts them."""
    pure = values.get("letter_isolation_pure")
    if pure is None or pure >= RARELY:
        return
    formats = [form for form in ("space", "comma", "list") if _parts(values, form)]
    helps = f" Written {' or '.join(formats)}, they are apart." if formats else ""
    n_ids = values.get("letter_ids_pure")
    each = "" if n_ids is None else f", each of them in {n_ids:.0f} tokens"
    message = (
        f"{1 - pure:.0%} of letters in texts such as abbab share a token with other letters{each}: "
        f"counting them needs to know what tokens spell.{helps}"
    )
    yield Finding("letters_merged", "warning", name, message)


def _parts(values: dict[str, float], form: str) -> bool:
    """Whether a format parts almost all letters."""
    return values.get(f"letter_isolation_{form}", 0) >= ALWAYS
