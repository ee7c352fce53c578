"""`costs`: limits, prices, one-time costs, what was spent, CSV, and unconfirmed calls."""

import csv
import json
from pathlib import Path

import pytest

from studio import context
from studio.charges import calls, report
from studio.charges.calls import Meant
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.cli import costs, main
from studio.database import engine as db


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("costs") / "home"
    db.open_database(home).dispose()
    return home


def called(home, capsys, *words, code=0):
    asked = ["costs", *words, "--json", "--home", str(home), "--user", "ana"]
    assert main.main(asked) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_money_from_a_limit_to_the_books(home, capsys, tmp_path):
    assert called(home, capsys, "limits")["limits"] == []
    called(home, capsys, "limit", "20", "eur", "--why", "budget of the winter")
    called(home, capsys, "limit", "5", "EUR", "--person", "*", "--why", "until we know more")
    (tmp_path / "prices.txt").write_text("mesh, call, 0.08\n")
    file, why = str(tmp_path / "prices.txt"), ["--why", "their page"]
    told = called(home, capsys, "set-prices", "shop", file, "--currency", "EUR", *why)
    assert (told["name"], told["version"]) == ("shop", 1)
    (listed,) = called(home, capsys, "prices")["lists"]
    assert listed["prices"] == [{"item": "mesh", "unit": "call", "micros": 80_000}]

    engine, now = db.open_database(home), context.now()
    meant = Meant("one", "mesh", "a mesh", "shop", "bo", "props")
    made = calls.reserve(engine, meant, Quote(Money(80_000, "EUR")), now=now)
    assert calls.send(engine, made.id, now=now)
    calls.lose(engine, made.id, now=now, note="reset")
    engine.dispose()
    (lost,) = called(home, capsys, "unconfirmed")["charges"]
    assert (lost["id"], lost["token"]) == (made.id, made.token)
    done = called(home, capsys, "settle", str(made.id), "0.09", "--why", "on their bill")
    assert (done["state"], done["actual"]) == ("settled", 90_000)

    once = called(home, capsys, "enter", "12.50", "EUR", "--what", "a licence", "--style", "props")
    wrong = called(home, capsys, "enter", "3", "EUR", "--what", "a mistake", "--style", "props")
    called(home, capsys, "withdraw", str(wrong["id"]), "--why", "a mistake")
    told = called(home, capsys, "show", "--by", "source")
    assert {one["name"]: one["spent"] for one in told["totals"]} == {
        "by hand": 12_500_000,
        "call": 90_000,
    }
    (picture,) = told["approved"]
    assert (picture["style"], picture["spent"], picture["each"]) == ("props", 12_590_000, None)
    limits = called(home, capsys, "limits")["limits"]
    assert [(one["scope"], one["name"], one["used"]) for one in limits] == [
        ("studio", "", 90_000),
        ("person", "*", None),
    ]
    out = tmp_path / "out.csv"
    told = called(home, capsys, "export", "--out", str(out), "--month", once["month"])
    assert told["charges"] == 3
    assert [row["what"] for row in csv.DictReader(out.open())] == [
        "a mesh",
        "a licence",
        "a mistake",
    ]
    again = called(home, capsys, "export", "--out", str(out), "--month", "2020-01")
    assert again["charges"] == 0 and out.read_text().startswith("id,month,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["limit", "12,50", "EUR", "--why", "as agreed"], "'12,50'"),
        (["limit", "12", "EURO", "--why", "as agreed"], "'EURO'"),
        (["limit", "12", "EUR", "--style", "", "--why", "as agreed"], "without a name"),
        (["limit", "12", "EUR", "--why", ""], "reason has 0"),
        (["settle", "999", "1", "--why", "as agreed"], "no charge 999"),
        (["enter", "1", "EUR", "--what", "a licence", "--month", "11/2026"], "'11/2026'"),
        (["show", "--month", "november"], "'november' is no month"),
        (["set-prices", "x", "/no/file", "--currency", "EUR", "--why", "new"], "/no/file"),
    ],
)
def test_what_can_not_be_is_named(home, capsys, words, said):
    told = called(home, capsys, *words, code=2)
    assert said in told["error"] and told["remedy"]


def test_columns_are_those_of_the_report():
    assert costs.BY == report.BY and costs.SEE == report.RIGHT
