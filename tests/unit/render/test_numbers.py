"""Numbers as readers see them: digits from the standard error, signs, shares, counts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.document import Measured, Undefined, Value
from tokeval.render.numbers import (
    excludes_zero,
    format_bytes,
    format_column,
    format_count,
    format_difference,
    format_interval,
    format_number,
    format_percent,
    format_value,
)


def measured(value: float, stderr: float, t: float = 2.0) -> Measured:
    return Measured(value, 64, stderr, value - t * stderr, value + t * stderr)


@pytest.mark.parametrize(
    ("value", "stderr", "written"),
    [
        (1.93412, 0.012, "1.934 ± 0.024"),
        (1.93412, 0.12, "1.93 ± 0.24"),
        (1.93412, 1.2, "1.9 ± 2.4"),
        (1234567.8, 45000.0, "1,234,568 ± 90,000"),
        # 0.0996 to two digits is 0.10, so two decimals and not three
        (5.0, 0.0996, "5.00 ± 0.20"),
        (5.0, 0.00996, "5.000 ± 0.020"),
        (0.0, 0.01, "0.000 ± 0.020"),
        (-1.5, 0.1, "−1.50 ± 0.20"),
        # a jackknife of a constant leaves only rounding noise
        (1.0, 1e-12, "1.000000 ± <0.000001"),
        (3.2e-7, 1.2e-8, "3.20e-7 ± 0.24e-7"),
    ],
)
def test_two_digits_of_the_standard_error_decide(value: float, stderr: float, written: str) -> None:
    assert str(format_value(measured(value, stderr))) == written


def test_a_standard_error_of_exactly_zero_is_written_as_zero() -> None:
    assert str(format_value(Measured(1.5, 64, 0.0, 1.5, 1.5))) == "1.500 ± 0"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1.93412, "", "1.934"),
        (12.3456, "", "12.35"),
        (12345.6, "", "12,346"),
        (999.96, "", "1,000"),
        (0.00123456, "", "0.001235"),
        (3.2e-7, "", "3.200e-7"),
        (0.0, "", "0"),
        (-0.0, "", "0"),
        (0.61234, "share", "61.23%"),
        (61.234, "%", "61.23%"),
        (1234567.0, "tokens", "1,234,567"),
        (7.0, "types", "7"),
        (7.0, "tokens/word", "7.000"),
        (-2.5, "", "−2.500"),
    ],
)
def test_without_standard_error_four_digits(value: float, unit: str, written: str) -> None:
    assert str(format_value(Measured(value, 3), unit)) == written
    assert format_number(value, unit) == written


def test_undefined_is_a_dash_and_never_a_zero() -> None:
    assert str(format_value(Undefined("no words"))) == "—"
    assert str(format_difference(Undefined("no words"), "share")) == "—"
    assert format_interval(Undefined("no words")) == ""


@pytest.mark.parametrize(
    ("value", "stderr", "unit", "written"),
    [
        (0.0312, 0.004, "", "+0.0312 ± 0.0080"),
        (-0.0312, 0.004, "", "−0.0312 ± 0.0080"),
        (0.0312, 0.004, "share", "+3.12 ± 0.80 pp"),
        (0.00001, 0.004, "", "0.0000 ± 0.0080"),
        (-0.00001, 0.004, "", "0.0000 ± 0.0080"),
    ],
)
def test_differences_are_signed(value: float, stderr: float, unit: str, written: str) -> None:
    assert str(format_difference(measured(value, stderr), unit)) == written


def test_the_interval_has_the_decimals_of_the_value() -> None:
    assert format_interval(measured(1.93412, 0.012)) == "1.910 to 1.958"
    assert format_interval(measured(0.5, 0.01), "share") == "48.0 to 52.0%"
    assert format_interval(measured(0.0, 0.1)) == "−0.20 to 0.20"
    assert format_interval(Measured(1.0, 4, stderr_reason="4 blocks")) == ""


def test_one_column_has_one_number_of_decimals() -> None:
    column: list[Value] = [
        measured(1.5, 0.012),
        Undefined("x"),
        measured(20.25, 0.018),
        measured(3.0, 0.5),
    ]
    assert format_column(column) == ["1.500", "—", "20.250", "3.000"]


def test_a_small_value_among_large_ones_does_not_read_as_zero() -> None:
    column = [Measured(50.0, 4), Measured(60.0, 4), Measured(0.0012, 4), Measured(0.0, 4)]
    assert format_column(column) == ["50.00", "60.00", "0.001200", "0.00"]
    assert format_column([Undefined("x")]) == ["—"]


def test_numbers_that_are_none() -> None:
    assert str(format_value(Measured(math.inf, 1))) == "∞"
    assert str(format_value(Measured(-math.inf, 1))) == "−∞"
    assert str(format_value(Measured(math.nan, 1))) == "not a number"


def test_counts_sizes_and_percentages() -> None:
    assert format_count(-1234) == "−1,234"
    assert format_bytes(0) == "0 bytes"
    assert format_bytes(1000) == "1.0 kB"
    assert format_bytes(9_999_999) == "10 MB"
    assert format_bytes(999_999) == "1.0 MB"
    assert format_percent(0.00034) == "0.034%"
    assert format_percent(-0.13) == "−13%"
    assert format_percent(12.5) == "1,250%"


def test_zero_is_excluded_only_by_an_interval_on_one_side() -> None:
    assert excludes_zero(measured(1.0, 0.1)) is True
    assert excludes_zero(measured(-1.0, 0.1)) is True
    assert excludes_zero(measured(0.1, 0.1)) is False
    assert excludes_zero(Measured(0.2, 64, 0.1, 0.0, 0.4)) is False
    assert excludes_zero(Measured(1.0, 4)) is None
    assert excludes_zero(Undefined("x")) is None


@given(
    value=st.floats(-1e9, 1e9),
    stderr=st.floats(1e-5, 1e6),
)
def test_what_is_written_is_within_a_tenth_of_the_standard_error(
    value: float, stderr: float
) -> None:
    written = format_value(measured(value, stderr)).value
    mantissa, _, exponent = written.replace(",", "").replace("−", "-").partition("e")
    read = float(mantissa) * 10.0 ** int(exponent or 0)
    assert abs(read - value) <= max(0.06 * stderr, 0.5e-6) or stderr > 1
    assert abs(read - value) <= max(0.5, 0.06 * stderr)
