"""Amounts: exact, in whole micro-units, with a currency's code; and price lists' arithmetic."""

import random
from decimal import ROUND_CEILING, Decimal

import pytest

from studio.charges import currencies, money, price_text
from studio.charges.money import MICRO, MOST, Money
from studio.charges.prices import UNITS, Price, PriceList
from studio.errors import StudioError


@pytest.mark.parametrize(
    ("written", "code", "micros", "shown"),
    [
        ("12.50", "EUR", 12_500_000, "12.50 EUR"),
        ("12.5", "eur", 12_500_000, "12.50 EUR"),
        ("0.000001", "USD", 1, "0.000001 USD"),
        ("0.0042", "USD", 4_200, "0.0042 USD"),
        ("1234567", "JPY", 1_234_567_000_000, "1,234,567 JPY"),
        ("1.5", "JPY", 1_500_000, "1.5 JPY"),
        ("2", "KWD", 2_000_000, "2.000 KWD"),
        (" 0 ", "EUR", 0, "0.00 EUR"),
        ("1000000000", "EUR", MOST, "1,000,000,000.00 EUR"),
    ],
)
def test_an_amount_is_read_and_shown_exactly(written, code, micros, shown):
    found = money.read(written, code)
    assert found == Money(micros, code.upper()) and str(found) == shown
    assert money.read(money.plain(micros, found.currency), code) == found


@pytest.mark.parametrize(
    "written", ["", "12,50", "1,000", "-1", "+1", "1e3", "0.1234567", ".5", "5.", "²", "1000000001"]
)
def test_what_is_no_amount_is_named(written):
    with pytest.raises(StudioError, match="no amount"):
        money.read(written, "EUR")


def test_every_amount_survives_being_written():
    rng = random.Random(18)
    for code in sorted(currencies.DIGITS):
        for micros in (rng.randrange(MOST), rng.randrange(MICRO), rng.randrange(100) * 10_000):
            assert money.read(money.plain(micros, code), code).micros == micros


@pytest.mark.parametrize(("given", "near"), [("EURO", "EUR"), ("XAU", ""), ("", "")])
def test_a_currency_that_is_none_is_named(given, near):
    with pytest.raises(StudioError, match="no currency") as told:
        currencies.checked(given)
    assert near in told.value.remedy


def test_a_price_is_never_counted_short_and_by_less_than_a_micro_unit_over():
    rng = random.Random(7)
    for unit, parts in UNITS.items():
        for _ in range(200):
            micros, quantity = rng.randrange(10**9), rng.randrange(10**9)
            prices = (Price("thing", unit, micros),)
            held = PriceList("x", 1, "EUR", prices, "", "", "ana", "", "")
            exact = Decimal(micros) * quantity / parts
            wanted = int(exact.to_integral_value(ROUND_CEILING))
            assert held.quote("thing", quantity).money == Money(wanted, "EUR")


def test_prices_are_written_as_they_are_read():
    text = "# their page\nhunyuan3d-2, call, 0.08\n\n rented-h100 , second, 0.00087\n*, hour, 1\n"
    found = price_text.read(text, "USD")
    assert found == [
        Price("hunyuan3d-2", "call", 80_000),
        Price("rented-h100", "second", 870),
        Price("*", "hour", MICRO),
    ]
    assert price_text.read(price_text.written(found, "USD"), "USD") == found
    for wrong, said in (("a, call", "Line 1"), ("\na, call, x", "Line 2: 'x'")):
        with pytest.raises(StudioError, match=said):
            price_text.read(wrong, "USD")
