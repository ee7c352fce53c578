"""Cards as MLflow has them: from evidence, written anew where it changed, people's words kept."""

from datetime import UTC, datetime, timedelta

import pytest
from mlflow.exceptions import MlflowException
from PIL import Image

from studio import context
from studio.datasets.folder_import import import_folder
from studio.registry import models
from studio.review import ballots, pair_order, pictures, votes
from studio.settings import CHECKOUT, load_settings
from studio.workflows import model_cards, release
from tests.furnished import bare_files

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    data = import_folder(
        opened.home, "props", CHECKOUT / "sample" / "held_out", now=NOW, actor="ana"
    ).version
    opened.client.create_registered_model("props")
    for number in (1, 2):
        tags = {
            "stage": "candidate",
            "base_name": "pocket",
            "base_licence": "CC0-1.0",
            "trigger_word": "<Props>",
            "dataset": "props",
            "dataset_digest": data.digest,
            "params": '{"rank": "4"}',
            "metric.kid_pocket_clip_v2": f"0.01{number}",
            "metric.base_kid_pocket_clip_v2": "0.5",
        }
        opened.client.create_model_version("props", bare_files(tmp_path), tags=tags)
    yield opened
    opened.engine.dispose()


def read(studio, number=2):
    return studio.client.get_model_version("props", str(number)).description


@pytest.mark.slow
def test_a_card_says_all_that_an_engineer_asks_and_is_written_when_something_changed(studio):
    text = "metrics: {kid: {at_most: 1}}\nvote: better"
    release.save_gates(studio, "props", text, after="", by="ana", now=NOW)
    assert model_cards.write_all(studio) == 2
    for said in (
        "Trigger word | &lt;Props&gt;",
        "pocket, licence CC0-1.0",
        "CC0-1.0 \\(24\\)",
        "KID \\(style distance\\)",
        "0.0120",
        "rank | 4",
        "met: kid",
        "Stage | candidate",
        "not drawn yet",
    ):
        assert said in read(studio), read(studio)
    assert models.get(studio.client, "props", 2).tags["gates"] == "2 of 2 met"
    assert model_cards.write_all(studio) == 0 and not model_cards.write(studio, "props", 2)
    release.promote(
        studio,
        style="props",
        number=2,
        to="production",
        actor="ana",
        now=NOW,
        why="<script>alert(1)</script> [x](http://a)",
    )
    assert model_cards.write_all(studio) == 2
    assert "Stage | production" in read(studio)
    assert "&lt;script&gt;" in read(studio) and "<script>" not in read(studio)
    models.set_metrics(
        studio.client, models.get(studio.client, "props", 2), {"kid_pocket_clip_v2": 0.25}, {}
    )
    model_cards.write_all(studio)
    assert "0.2500" in read(studio)


@pytest.mark.slow
def test_only_the_style_that_changed_is_looked_at(studio, tmp_path, monkeypatch):
    studio.client.create_registered_model("gems")
    studio.client.create_model_version("gems", bare_files(tmp_path), tags={"stage": "candidate"})
    model_cards.write_all(studio)
    looked, write = [], model_cards._written
    monkeypatch.setattr(
        model_cards, "_written", lambda s, *of: (looked.append(of), write(s, *of))[1]
    )
    release.promote(
        studio, style="props", number=2, to="production", actor="ana", now=NOW, why="better"
    )
    assert model_cards.write_all(studio) == 2
    assert looked == [("props", 2), ("props", 1)]
    models.set_metrics(studio.client, models.get(studio.client, "gems", 1), {"kid_x": 0.5}, {})
    model_cards.write_all(studio)
    assert looked[2:] == [("gems", 1)] and model_cards.write_all(studio) == 0
    (studio.home / "cards.json").write_text('{"form": 1, "ledger": "x"}')
    assert model_cards.write_all(studio) == 3  # a note that can't be read: all of them


@pytest.mark.slow
def test_a_card_that_mlflow_did_not_take_is_tried_again(studio, monkeypatch):
    describe = models.describe

    def refused(*given):
        raise MlflowException("busy")

    monkeypatch.setattr(models, "describe", refused)
    assert model_cards.write_all(studio) == 2 and not read(studio)
    monkeypatch.setattr(models, "describe", describe)
    assert model_cards.write_all(studio) == 2 and "Trigger word" in read(studio)
    assert model_cards.write_all(studio) == 0


@pytest.mark.slow
def test_what_people_wrote_stays_and_it_fits_into_mlflow(studio):
    studio.client.update_model_version("props", "2", "Ask Lea about the hilts.")
    for turn in range(12):
        release.promote(
            studio,
            style="props",
            number=1 + turn % 2,
            to="production",
            actor="ana",
            now=NOW + timedelta(hours=turn),
            why="|`_<" * 400,
        )
    assert model_cards.write(studio, "props", 2)
    assert read(studio).endswith("\n\nAsk Lea about the hilts.") and len(read(studio)) <= 5_000
    assert not model_cards.write(studio, "props", 2)
    assert model_cards.kept_below("card", "x" * 4_990) == "x" * 4_990


@pytest.mark.slow
def test_an_open_ballot_is_left_out_until_it_is_closed(studio, tmp_path):
    drawn = []
    for side, colour in enumerate(("red", "blue")):
        file = tmp_path / f"{colour}.png"
        Image.new("RGBA", (8, 8), colour).save(file)
        drawn.append(
            pictures.Drawn(
                pictures.Side("props", side + 1), "", {(f"a gem {k}", 1): file for k in range(8)}
            )
        )
    ballot = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Better hilts?",
        voters=1,
        by="ana",
        key="one",
        now=NOW,
    )
    for pair in ballots.pairs_of(studio.engine, ballot.id):
        left = pair_order.left_side(studio.engine, ballot.id, "ana", pair)
        votes.cast(
            studio.engine,
            ballot.id,
            "ana",
            pair,
            "left" if left == 1 else "right",
            key=f"k{pair}",
            now=NOW,
        )
    model_cards.write_all(studio)
    assert "hilts" not in read(studio)
    ballots.close(studio.engine, ballot.id, "ana", NOW)
    model_cards.write_all(studio)
    assert "is better than" in read(studio) and "Better hilts?" in read(studio)
    assert "is better than" in models.get(studio.client, "props", 2).tags["vote"]


@pytest.mark.slow
def test_mlflow_that_is_away_or_a_wrong_gate_file_stops_nothing(studio, monkeypatch):
    assert not model_cards.write(studio, "props", 9)
    folder = studio.home / "gates" / "props"
    folder.mkdir(parents=True)
    (folder / "current").write_text("gone")
    assert model_cards.write(studio, "props", 1) and "without mistakes" in read(studio, 1)


def test_an_address_in_what_people_wrote_is_no_link_in_mlflow():
    text = "see https://evil.example, www.evil.example or ana@evil.example; props@1a2b stays"
    shown = model_cards.plain(text)
    assert shown.replace("\u2060", "") == text and "props@1a2b" in shown
    for begin in ("https://", "www.", "ana@evil"):
        assert begin not in shown


def test_signs_that_mlflow_prints_a_backslash_before_are_written_as_entities():
    assert model_cards.plain("<GameStyle> & $5 *now*") == r"&lt;GameStyle&gt; &amp; &#36;5 \*now\*"
