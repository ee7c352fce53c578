"""`report`: figures, CSV, minutes by hand, what the game took and what a person says of it."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest

from studio.assets import uses
from studio.cli import main, report
from studio.database import engine as db
from tests.exported_pictures import draw, export, judge

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two gems that were approved, of which one was exported after an hour."""
    home = tmp_path_factory.mktemp("report") / "home"
    engine = db.open_database(home)
    ids = [draw(engine, home, seed, NOW) for seed in (1, 2)]
    for id in ids:
        judge(engine, id, "approved", by="ana", now=NOW)
    export(engine, [(ids[0], "props/gem1.png", b"x")], NOW + timedelta(hours=1))
    engine.dispose()
    return home


def called(home, capsys, *words, code=0):
    asked = ["report", *words, "--json", "--home", str(home), "--user", "ana"]
    assert main.main(asked) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_from_minutes_by_hand_to_the_csv(home, capsys, tmp_path):
    assert called(home, capsys, "minutes")["minutes"] == []
    set_ = called(home, capsys, "set-minutes", "props", "300", "--why", "as timed")
    assert (set_["category"], set_["minutes"]) == ("props", 300)
    (row,) = called(home, capsys, "uses")["uses"]
    assert (row["use"], row["path"]) == (None, "props/gem1.png")
    told = called(home, capsys, "look")
    assert (told["looked"], told["changed"]) == (1, 1)
    (row,) = called(home, capsys, "uses", "--style", "gems", "--month", "2026-08")["uses"]
    assert (row["use"], row["path"]) == ("as is", "zip/props/gem1.png")
    assert called(home, capsys, "use", row["id"], "touched up")["corrected"] == "touched up"
    (row,) = called(home, capsys, "uses")["uses"]
    assert (row["use"], row["measured"], row["corrected_by"]) == ("touched up", "as is", "ana")

    found = called(home, capsys, "show", "gems", "--month", "2026-08")
    by_key = {one["key"]: one for one in found["figures"]}
    assert (by_key["used"]["value"], by_key["used"]["state"]) == (0.5, "not shown")
    assert (by_key["time saved"]["value"], by_key["time saved"]["n"]) == (0.8, 1)
    assert len(found["sample"]) == 2 and found["open"] == []
    out = tmp_path / "out.csv"
    told = called(home, capsys, "csv", "--out", str(out))
    rows = list(csv.DictReader(out.open()))
    assert told["figures"] == len(rows) and {row["month"] for row in rows} == {"all", "2026-08"}
    assert main.main(["report", "show", "gems", "--home", str(home), "--user", "ana"]) == 0
    said = capsys.readouterr().out
    assert "not shown Used with minimal edits" in said and "Met 0, not met 0" in said
    again = called(home, capsys, "set-minutes", " props ", "310", "--why", "timed anew")
    assert (again["category"], again["minutes"]) == ("props", 310)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set-minutes", "props", "soon", "--why", "as timed"], "'soon'"),
        (["set-minutes", "props", "3", "--why", ""], "reason has 0"),
        (["use", "nothing", "as is"], "'nothing'"),
    ],
)
def test_what_can_not_be_is_named(home, capsys, words, said):
    told = called(home, capsys, *words, code=2)
    assert said in told["error"] and told["remedy"]


@pytest.mark.slow
def test_a_style_that_nobody_knows_is_named(home, capsys):
    told = called(home, capsys, "show", "rocks", code=2)
    assert "'rocks'" in told["error"] and told["remedy"] == "There are: gems."


def test_uses_are_those_of_the_records():
    assert report.USES == uses.USES
