from datetime import UTC, datetime

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from studio.accounts.rights import Actor
from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.database import engine as db
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.generation.gallery_table import Kept, get, record
from studio.generation.picture_files import Made
from studio.jobs import queue
from studio.outbox import place
from studio.registry import stages
from studio.settings import CHECKOUT
from studio.store.place import Place
from studio.web import ui
from tests.furnished import bare_files

NOW = datetime.now(UTC)


def _home() -> AppTest:
    at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120).run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def test_an_empty_studio_says_how_to_begin(studio):
    at = _home()
    assert "A style of your own" in [s.value for s in at.header]
    steps = [m.value for m in at.markdown if "Bring in pictures" in m.value]
    assert len(steps) == 1 and steps[0].startswith("1\\. ")
    assert "Nothing waits for you." in [c.value for c in at.caption]


def test_the_steps_to_ones_own_style_are_ticked_off(studio):
    folder = CHECKOUT / "sample" / "held_out"
    import_folder(studio.home, "props", folder, now=NOW, actor="ana")
    said = " ".join(m.value for m in _home().markdown)
    assert ":green[:material/check_circle:] **Bring in pictures**" in said
    assert "pictures in dataset props" in said and "2\\. **Train**" in said


def test_candidates_and_jobs_are_there_by_name(studio, sheets):
    queue.submit(
        studio.engine,
        kind="evaluate",
        lane="work",
        asked_by="bo",
        now=NOW,
        payload={"style": "sample", "version": 3},
    )
    at = _home()
    said = " ".join(m.value for m in at.markdown)
    assert "Measure sample version 3** :orange-badge[3]" in said and "and 2 more candidates" in said
    assert "not in production yet" in said and ":orange[●] 3 candidates to decide on" in said
    assert "Measuring sample version 3" in at.get("progress")[0].proto.text
    assert any("Asked by bo" in c.value for c in at.caption)


@pytest.fixture
def live(studio, sheets):
    """Version 2 in production."""
    stages.promote(
        studio.engine,
        studio.client,
        style="sample",
        number=2,
        to="production",
        actor="ana",
        why="best",
        now=NOW,
    )


def _bodies(at: AppTest) -> str:
    return " ".join(h.proto.body for h in at.get("html"))


def test_what_is_in_production_is_shown_with_its_pictures(studio, live):
    file = studio.home / "generated" / "sample" / "v2" / "gem.png"
    file.parent.mkdir(parents=True)
    Image.new("RGBA", (8, 8)).save(file)
    made = Made("sample", 2, "pocket", "", "", "a <b>gem</b>", "", "", 1, 4, 4.0, 1.0)
    [id] = record(studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW)
    at = _home()
    (card,) = [m.value for m in at.markdown if "is in production" in m.value]
    assert card == "**sample**  \nversion 2 is in production"
    assert [c.value for c in at.caption if c.value.endswith("by ana: best")]
    assert f"/picture/made/{id}" in _bodies(at) and "a &lt;b&gt;gem&lt; /b&gt;" in _bodies(at)
    said = Judgement("rejected", ("blurry",), "", None)
    verdicts.judge(studio.engine, id, said, by="ana", now=NOW, turn=get(studio.engine, id).turn)
    assert f"/picture/made/{id}" not in _bodies(_home())


def test_production_has_its_sheets_pictures_where_nothing_was_drawn(studio, live):
    at = _home()
    shown = _bodies(at)
    assert shown.count("/picture/sheet/sample/2/version-") == 3  # each prompt once
    assert "a &lt;b&gt;gem&lt; /b&gt;" in shown


def test_a_studio_of_years_has_few_tasks_and_production_on_top(studio, live):
    with db.writing(studio.engine) as connection:
        for _ in range(30):
            studio.client.create_model_version("sample", bare_files(studio.home / "bare"))
        db.bump(connection)
    at = _home()
    said = [m.value for m in at.markdown]
    assert sum("Measure" in one or "Decide" in one for one in said) == 1
    card = next(n for n, one in enumerate(said) if "is in production" in one)
    task = next(n for n, one in enumerate(said) if "Measure sample version 33" in one)
    assert card < task


@pytest.mark.parametrize("role", ["viewer", "artist"])
def test_a_viewer_is_asked_for_nothing_and_cancels_nothing(studio, sheets, monkeypatch, role):
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", role))
    payload = {"style": "sample", "version": 3}
    asked = {"kind": "evaluate", "lane": "work", "payload": payload, "now": NOW}
    theirs, own = (queue.submit(studio.engine, asked_by=who, **asked) for who in ("bo", "vi"))
    at = _home()
    shown = [button.key for button in at.button]
    assert f"cancel-{theirs.id}" not in shown and f"cancel-{own.id}" in shown
    waits = "Nothing waits for you." in [c.value for c in at.caption]
    assert waits is (role == "viewer")
    assert ("A style of your own" in [s.value for s in at.header]) is (role == "artist")


def test_a_bucket_that_takes_nothing_is_told_and_work_goes_on(studio):
    place.note(studio.engine, Place("s3", "our-art", "", "http://127.0.0.1:9"), NOW)
    assert not [i.value for i in _home().info if "S3" in i.value]
    place.say(studio.engine, StudioError("It does not answer."), NOW)
    (said,) = [i.value for i in _home().info if "S3" in i.value]
    assert "Work goes on" in said
