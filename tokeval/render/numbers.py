"""How numbers and intervals are written: every renderer writes them alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tokeval.document import Measured, Undefined, Value

UNDEFINED = "—"
MINUS = "−"
SIGNIFICANT_DIGITS = 4
MAX_DECIMALS = 6
SMALLEST_WRITTEN_OUT = 1e-4

SHARE_UNITS = frozenset({"share"})
"""Units whose values are fractions of one; they are written as percentages."""

COUNT_UNITS = frozenset(
    {"bytes", "characters", "count", "documents", "ids", "lines", "tokens", "types", "words"}
)
"""Units of things that are counted; whole values are written without decimals."""


@dataclass(frozen=True)
class Written:
    """A number as it is read: the value, half of its 95% interval, and what stands behind both.

    Attributes:
        value: such as `1.934`, `12,345` or, when undefined, `—`.
        half_width: such as `0.012`; empty when there is no interval.
        suffix: `%`, or ` pp` (percentage points) for the difference of two shares, else empty.
    """

    value: str
    half_width: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        if not self.half_width:
            return self.short
        return f"{self.value} ± {self.half_width}{self.suffix}"

    @property
    def short(self) -> str:
        """The value and its suffix without the interval."""
        return f"{self.value}{self.suffix}"


def format_value(value: Value, unit: str = "") -> Written:
    """A measured or undefined value; two digits of the standard error decide the decimals.

    Without a standard error the value gets four significant digits. Digits before the decimal
    point are never rounded away. Shares are written as percentages.

    >>> str(format_value(Measured(1.93412, 64, stderr=0.012, low=1.910, high=1.958)))
    '1.934 ± 0.024'
    >>> str(format_value(Measured(0.61234, 64), "share"))
    '61.23%'
    >>> str(format_value(Undefined("no words")))
    '—'
    """
    return _write(value, unit, signed=False)


def format_difference(value: Value, unit: str = "") -> Written:
    """A difference, with its sign; differences of shares are in percentage points.

    >>> drop = Measured(0.0312, 64, stderr=0.004, low=0.0232, high=0.0392)
    >>> str(format_difference(drop, "share"))
    '+3.12 ± 0.80 pp'
    """
    return _write(value, unit, signed=True)


def format_interval(value: Value, unit: str = "") -> str:
    """The ends of the 95% interval with as many decimals as the value has; empty without one.

    >>> format_interval(Measured(1.93412, 64, stderr=0.012, low=1.910, high=1.958))
    '1.910 to 1.958'
    """
    if isinstance(value, Undefined) or value.low is None or value.high is None:
        return ""
    scale = _scale(value, unit)
    suffix = _suffix(unit, signed=False)
    return f"{scale.write(value.low)} to {scale.write(value.high)}{suffix}"


def format_number(value: float, unit: str = "") -> str:
    """A bare number with four significant digits.

    >>> format_number(1.5), format_number(12345.6), format_number(7, "tokens")
    ('1.500', '12,346', '7')
    >>> format_number(3.2e-7)
    '3.200e-7'
    """
    return format_value(Measured(value, n_blocks=0), unit).short


def format_column(values: Sequence[Value], unit: str = "") -> list[str]:
    """Values of one column, with one number of decimals for all: what most of them deserve.

    >>> first = Measured(1.93412, 64, stderr=0.012, low=1.910, high=1.958)
    >>> format_column([first, Undefined("no words"), Measured(2.5, 4), Measured(12.25, 4)])
    ['1.934', '—', '2.500', '12.250']
    """
    scales = [None if isinstance(value, Undefined) else _scale(value, unit) for value in values]
    plain = sorted(scale.decimals for scale in scales if scale and not scale.power)
    middle = plain[(len(plain) - 1) // 2] if plain else 0
    written = []
    for value, scale in zip(values, scales, strict=True):
        if isinstance(value, Undefined) or scale is None:
            written.append(UNDEFINED)
        else:
            text = replace(scale, decimals=middle).write(value.value)
            # A value far smaller than its neighbours must not read as 0.
            if scale.power or (value.value and not text.strip("0.")):
                text = scale.write(value.value)
            written.append(text + _suffix(unit, signed=False))
    return written


def format_count(count: int) -> str:
    """A count with thousands separators.

    >>> format_count(1234567)
    '1,234,567'
    """
    return f"{count:,}".replace("-", MINUS)


def format_bytes(n_bytes: int) -> str:
    """A size in decimal units, as disks and networks count.

    >>> format_bytes(999), format_bytes(1_814_248), format_bytes(25_000_000_000)
    ('999 bytes', '1.8 MB', '25 GB')
    """
    size, unit = float(n_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    decimals = 1 if unit != "bytes" and size < 9.95 else 0
    return f"{size:,.{decimals}f} {unit}"


def format_percent(share: float) -> str:
    """A fraction of one as a percentage with two significant digits.

    >>> format_percent(0.1346), format_percent(0.0134), format_percent(1.2345), format_percent(0)
    ('13%', '1.3%', '123%', '0%')
    """
    percent = share * 100
    decimals = _decimals(percent, None, digits=2)
    return f"{_sign(f'{percent:,.{decimals}f}', signed=False)}%"


def half_width(value: Measured) -> float | None:
    """Half of the 95% interval, in the unit of the value; `None` when there is no interval."""
    if value.low is None or value.high is None:
        return None
    return (value.high - value.low) / 2


def excludes_zero(value: Value) -> bool | None:
    """Whether the 95% interval of a difference lies on one side of 0; `None` without interval."""
    if isinstance(value, Undefined) or value.low is None or value.high is None:
        return None
    return value.low > 0 or value.high < 0


@dataclass(frozen=True)
class _Scale:
    """How the digits of a value and of its interval are written, alike.

    Attributes:
        factor: what numbers are multiplied with before they are written.
        decimals: digits after the point.
        power: the power of ten behind each number, such as `e-7`, or empty.
    """

    factor: float
    decimals: int
    power: str

    def write(self, number: float, *, signed: bool = False) -> str:
        if math.isinf(number):
            return _sign(f"{number:.0f}".replace("inf", "∞"), signed=signed)
        if math.isnan(number):
            return "not a number"
        return _sign(f"{number * self.factor:,.{self.decimals}f}", signed=signed) + self.power

    def write_spread(self, width: float) -> str:
        """Half an interval; `0` only when it is exactly 0, else at least a bound."""
        if width == 0:
            return "0"
        if float(f"{width * self.factor:.{self.decimals}f}") == 0:
            return f"<{10.0**-self.decimals:.{self.decimals}f}{self.power}"
        return self.write(width)


def _write(value: Value, unit: str, *, signed: bool) -> Written:
    if isinstance(value, Undefined):
        return Written(UNDEFINED)
    scale = _scale(value, unit)
    width = half_width(value)
    return Written(
        scale.write(value.value, signed=signed),
        "" if width is None else scale.write_spread(width),
        _suffix(unit, signed=signed),
    )


def _scale(value: Measured, unit: str) -> _Scale:
    """The digits that a value deserves."""
    factor = 100.0 if unit in SHARE_UNITS else 1.0
    number = value.value * factor
    stderr = (value.stderr or 0.0) * factor
    size = max(abs(number), stderr)
    if not math.isfinite(size) or (not stderr and unit in COUNT_UNITS and number.is_integer()):
        return _Scale(factor, 0, "")
    if 0 < size < SMALLEST_WRITTEN_OUT:
        exponent = _exponent(size)
        factor *= 10.0**-exponent
        power = f"e{exponent}"
    else:
        power = ""
    decimals = _decimals(value.value * factor, (value.stderr or 0.0) * factor or None)
    return _Scale(factor, decimals, power)


def _suffix(unit: str, *, signed: bool) -> str:
    """What stands behind a number of this unit."""
    if unit in SHARE_UNITS or unit == "%":
        return " pp" if signed else "%"
    return ""


def _exponent(size: float) -> int:
    """The power of ten of the first digit, after rounding to two digits: 0.0996 is written 0.10."""
    return int(f"{size:.1e}".partition("e")[2])


def _decimals(number: float, stderr: float | None, *, digits: int = SIGNIFICANT_DIGITS) -> int:
    """Decimals that show two digits of the standard error, or that many digits of the number."""
    if stderr is not None:
        wanted = 1 - _exponent(stderr)
    elif number == 0:
        wanted = 0
    else:
        wanted = digits - 1 - int(f"{abs(number):.{digits - 1}e}".partition("e")[2])
    return min(max(wanted, 0), MAX_DECIMALS)


def _sign(text: str, *, signed: bool) -> str:
    """A number's text with a true minus sign, a plus when asked for, and no sign before zero."""
    digits = text.lstrip("-")
    if not any(digit in "123456789∞" for digit in digits):
        return digits
    if text.startswith("-"):
        return MINUS + digits
    return "+" + digits if signed else digits
