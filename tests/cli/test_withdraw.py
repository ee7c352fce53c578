"""`withdraw`: shown first, then withdrawn with all that learned; listed, and taken back."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.cli import main
from studio.datasets import additions, versions, withdrawals
from studio.datasets.additions import NewPicture
from studio.settings import load_settings

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
GROUND = ["--ground", "consent was taken back", "--why", "asked by mail", "--asked-by", "Cleo"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dataset gems: three pictures, two of them by Cleo; a training of `made` on it, cut off."""
    home = tmp_path_factory.mktemp("withdrawn") / "home"
    context.open_studio(load_settings({}, home=str(home))).engine.dispose()
    new = []
    for colour in ("red", "blue", "gold"):
        written = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(written, format="PNG")
        author = "Cleo" if colour != "gold" else "Bo"
        new.append(NewPicture(written.getvalue(), f"{colour}.png", "a gem", author=author))
    made = additions.add_pictures(home, "gems", new, now=NOW, actor="ana").version
    folder = home / "runs" / "made" / ("1" * 32)
    folder.mkdir(parents=True)
    record = {"run": "1" * 32, "dataset": made.digest, "named": f"gems@{made.version}"}
    (folder / "record.json").write_text(json.dumps(record))
    return home


@pytest.fixture
def said(home: Path, capsys: pytest.CaptureFixture[str]):
    def asked(*words: str) -> tuple[int, dict]:
        code = main.main([*words, "--json", "--home", str(home), "--user", "ana"])
        return code, json.loads(capsys.readouterr().out)

    return asked


def test_what_learned_is_shown_and_nothing_changed(home, said, tmp_path):
    table = tmp_path / "learned.csv"
    code, found = said("withdraw", "show", "gems", "red.png", "--csv", str(table))
    assert code == 0 and [p["file_name"] for p in found["pictures"]] == ["red.png"]
    assert [(d["name"], d["how"]) for d in found["datasets"]] == [("gems", "directly")]
    assert [(t["style"], t["version"]) for t in found["trainings"]] == [("made", None)]
    assert "training,made" in table.read_text() and withdrawals.listing(home) == ()


def test_pictures_are_withdrawn_once_listed_and_taken_back(home, said):
    code, found = said("withdraw", "pictures", "gems", "--author", "Cleo", *GROUND)
    assert (code, found["withdrawn"], len(found["pictures"])) == (0, 2, 2)
    assert found["trainings"][0]["how"] == "directly"
    assert said("withdraw", "pictures", "gems", "red.png", *GROUND)[1]["withdrawn"] == 0
    _, listed = said("withdraw", "list")
    assert {(w["file_name"], w["by"], w["asked_by"]) for w in listed["withdrawn"]} == {
        ("red.png", "ana", "Cleo"),
        ("blue.png", "ana", "Cleo"),
    }
    red = next(p for p in versions.load(home, "gems").pictures if p.file_name == "red.png")
    assert said("withdraw", "back", red.hash[:12], "--why", "a mistake")[0] == 0
    assert red.hash not in withdrawals.active(home) and len(withdrawals.active(home)) == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["show", "gems"], "No picture is named"),
        (["show", "gems", "green.png"], "no picture 'green.png'"),
        (["show", "gems", "--author", "Nobody"], "is by 'Nobody'"),
        (["pictures", "gems", "gold.png", *GROUND[:2], "--why", "x"], "needs a reason"),
        (["back", "gold.png", "--why", "because"], "names no withdrawn picture"),
        (["show", "gems", "gold.png", "--csv", "/nowhere/x.csv"], "can't be written"),
    ],
)
def test_mistakes_are_named_and_withdraw_nothing(home, said, words, what):
    before = withdrawals.listing(home)
    code, answer = said("withdraw", *words)
    assert code == 2 and what in answer["error"] and answer["remedy"]
    assert withdrawals.listing(home) == before
