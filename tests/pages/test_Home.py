from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from studio.jobs import queue
from studio.settings import CHECKOUT

NOW = datetime.now(UTC)


def _home() -> AppTest:
    at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120).run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def test_an_empty_studio_says_how_to_begin(studio):
    at = _home()
    assert "Begin" in [s.value for s in at.header]
    assert "Nothing waits for you." in [c.value for c in at.caption]


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
    assert "Measure sample version 3" in said
    assert "Measuring sample version 3" in at.get("progress")[0].proto.text
    assert any("Asked by bo" in c.value for c in at.caption)


def test_what_is_in_production_is_shown_with_its_pictures(studio, sheets, tmp_path):
    from PIL import Image

    from studio.generation.gallery_table import Kept, record
    from studio.generation.picture_files import Made
    from studio.registry import stages

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
    file = studio.home / "generated" / "sample" / "v2" / "gem.png"
    file.parent.mkdir(parents=True)
    Image.new("RGBA", (8, 8)).save(file)
    made = Made("sample", 2, "pocket", "", "", "a <b>gem</b>", "", "", 1, 4, 4.0, 1.0)
    [id] = record(studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW)
    at = _home()
    assert "sample: version 2 is in production" in [s.value for s in at.header]
    shown = " ".join(h.proto.body for h in at.get("html"))
    assert f"/picture/made/{id}" in shown and "a &lt;b&gt;gem&lt;/b&gt;" in shown
