"""One way to read numbers: finite, bounded, and never a traceback."""

import ast
import math

import pytest

from studio import numbers
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.training import setting_values
from studio.training.config import TrainConfig
from tests.odd_numbers import ODD


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("12", 12),
        (" 7\n", 7),
        ("1e3", 1000),
        ("32.0", 32),
        (5, 5),
        (5.0, 5),
        ("+3", 3),
        ("1_000", 1000),
        ("007", 7),
    ],
)
def test_a_whole_number_is_read_as_it_is_meant(given, found):
    read = numbers.whole("steps", given, 0, 1000)
    assert (read, type(read)) == (found, int)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "²",
        "٣",
        "1__0",
        "_1",
        "0x10",
        "1:30",
        "nan",
        "1.5",
        "1e9",
        "-1",
        "9" * 5000,
        "1e999999999",
    ]
    + [math.nan, math.inf, True, None, [1], {"a": 1}],
)
def test_what_is_no_whole_number_within_bounds_is_named_with_them(given):
    with pytest.raises(StudioError) as refused:
        numbers.whole("steps", given, 0, 1000)
    assert refused.value.message.startswith("steps is ") and len(refused.value.message) < 150
    assert refused.value.remedy == "Give a whole number from 0 to 1000."


def test_an_int_that_python_writes_no_more_is_told_by_its_length():
    for read in (numbers.whole, numbers.number):
        with pytest.raises(StudioError, match="steps is a number of more than 40 digits"):
            read("steps", 10**5000, 0, 1000)


def test_a_number_is_finite_and_a_decimal_comma_is_answered_with_a_point():
    assert numbers.number("rate", "1e-4", 0, 1) == 1e-4
    for given in (math.nan, "nan", ".inf", "1e400", math.inf, "-1"):
        with pytest.raises(StudioError, match="rate is"):
            numbers.number("rate", given, 0, 1)
    with pytest.raises(StudioError) as refused:
        numbers.number("rate", "0,5", 0, 1)
    assert refused.value.remedy == "Give a number from 0 to 1, as 0.5."


def test_a_seed_beyond_the_generators_is_refused_with_the_one_that_draws_the_same():
    assert numbers.seed("4294967295") == numbers.SEEDS - 1
    with pytest.raises(StudioError, match="to 4294967295. 7 draws the same picture"):
        numbers.seed(2**32 + 7)
    for given in (10**20, -1, "many"):
        with pytest.raises(StudioError) as refused:
            numbers.seed(given)
        assert "the same picture" not in refused.value.remedy


def test_what_an_address_counts_is_digits_within_what_there_can_be():
    assert [numbers.counted(text) for text in ("0", "12", "007", "2147483647")] == [
        0,
        12,
        7,
        2147483647,
    ]
    for text in (None, "", "²", "٣", "-1", "+1", " 1", "1.0", "2147483648", "1" * 25, "9" * 5000):
        assert numbers.counted(text) is None


def test_a_thousand_odd_numbers_are_read_or_refused_by_every_setting():
    read = 0
    for name in setting_values.BOUNDS:
        kind = type(getattr(TrainConfig, name))
        low, high = setting_values.BOUNDS[name]
        for given in ODD:
            try:
                found = setting_values.read(name, given, kind, name)
            except StudioError as error:
                assert error.remedy
                continue
            assert isinstance(found, kind) and low <= found <= high
            read += 1
    assert read > 500  # most are none, and those that are one are read


def test_nothing_else_asks_a_text_whether_it_is_a_number():
    asks = {"isdigit", "isdecimal", "isnumeric"}
    for file in [
        CHECKOUT / "Home.py",
        *CHECKOUT.glob("pages/**/*.py"),
        *CHECKOUT.glob("studio/**/*.py"),
    ]:
        named = {
            n.attr for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Attribute)
        }
        assert not asks & named, file
