"""Pictures that are in the bucket alone come back when they are read, and nobody's page waits."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studio import images
from studio.assets import contents, thumbnails
from studio.datasets import intake
from studio.outbox import eviction
from studio.store import bucket as bucket_module
from studio.store import local
from studio.store.bucket_errors import Away
from studio.store.local import Coming
from studio.web import streamlit_sessions
from tests.outbox.stage import Stage
from tests.services import radosgw

pytestmark = pytest.mark.slow


def test_pictures_leave_the_folder_and_come_back_when_they_are_read(stage: Stage) -> None:
    drawn = stage.draw(6)
    digest = intake.keep(
        stage.home / "datasets" / "pictures", *_picture_of_a_dataset(), ".png"
    ).stem
    stage.round()
    bytes_of = {file: file.read_bytes() for file in drawn}
    small, _ = thumbnails.make(stage.home, drawn[0], 16)
    assert eviction.bound(stage.engine, stage.home, stage.bucket, 0) == 7
    assert not any(file.exists() for file in drawn)
    assert thumbnails.kept(stage.home, drawn[0], 16) is not None  # by its hash, in the rows
    assert list(contents.flaws(stage.engine, stage.home)) == []
    assert images.open_picture(drawn[1]).getpixel((0, 0)) == (1, 0, 9, 255)
    assert drawn[1].read_bytes() == bytes_of[drawn[1]]
    there = intake.stored(stage.home / "datasets" / "pictures", digest)
    assert there is not None and not there.exists()
    assert hashlib.sha256(images.read_file(there)).hexdigest() == digest
    assert stage.round() == 0  # what came back is nothing new
    assert small == thumbnails.make(stage.home, drawn[0], 16)[0]


def test_a_page_never_waits_for_the_bucket(stage: Stage, monkeypatch) -> None:
    (file,) = stage.draw(1)
    stage.round()
    file.unlink()
    hurried(monkeypatch)
    with pytest.raises(Coming):
        images.open_picture(file)
    assert comes(file)
    assert images.open_picture(file).size == (32, 32)


def test_nor_does_what_a_button_calls(stage: Stage, monkeypatch) -> None:
    (file,) = stage.draw(1)
    stage.round()
    file.unlink()
    monkeypatch.setattr(local, "_hurries", local._hurries)  # as it was, afterwards
    local.never_wait_where(streamlit_sessions.drawing)

    def shown(file: str) -> None:
        from pathlib import Path

        import streamlit as st

        from studio import images
        from studio.store.local import Coming

        def look() -> None:  # before the page is drawn, as parts of it are without it
            try:
                st.session_state["said"] = str(images.open_picture(Path(file)).size)
            except Coming:
                st.session_state["said"] = "comes"

        st.button("Look", key="look", on_click=look)
        st.caption(st.session_state.get("said", ""))

    page = AppTest.from_function(shown, args=(str(file),)).run()
    assert page.button(key="look").click().run().caption[0].value == "comes"
    assert comes(file)
    assert page.button(key="look").click().run().caption[0].value == "(32, 32)"


def test_while_it_hangs_one_waits_and_the_others_are_told(
    stage: Stage, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    drawn = stage.draw(20)
    stage.round()
    for file in drawn:
        file.unlink()
    with gateway.stopped():
        began = time.monotonic()
        for file in drawn:
            with pytest.raises(Away):
                local.present(file)
        assert time.monotonic() - began < 20
    time.sleep(local.QUIET_S)
    assert all(local.present(file).exists() for file in drawn)


def test_once_it_hung_only_one_finds_out_whether_it_answers(
    stage: Stage, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 3)
    monkeypatch.setattr(local, "QUIET_S", 0.0)
    first, *others = stage.draw(6)
    stage.round()
    for file in (first, *others):
        file.unlink()

    asked, real = list[str](), stage.bucket.bring

    def bring(key: str, *given) -> None:
        asked.append(key)
        real(key, *given)

    monkeypatch.setattr(stage.bucket, "bring", bring)

    def is_away(file: Path) -> bool:
        with pytest.raises(Away):
            local.present(file)
        return True

    with gateway.stopped(), ThreadPoolExecutor(5) as people:
        assert is_away(first) and len(asked) == 1
        assert all(people.map(is_away, others)) and len(asked) == 2
    assert local.present(first).exists()
    with ThreadPoolExecutor(5) as people:
        assert all(file.exists() for file in people.map(local.present, others))


def test_what_is_nowhere_stays_gone(stage: Stage) -> None:
    (file,) = stage.draw(1)
    file.unlink()
    assert not local.present(file).exists()
    stranger = stage.home / "generated" / "nobody.png"
    assert not local.present(stranger).exists()
    assert [one for one in contents.flaws(stage.engine, stage.home) if "is gone" in one]


def comes(file: Path) -> bool:
    """Whether a file is there within half a minute."""
    end = time.monotonic() + 30
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return file.exists()


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody hurries as a page does."""
    monkeypatch.setattr(local, "_hurries", lambda: True)


def _picture_of_a_dataset() -> tuple[str, bytes]:
    file = Path(__file__).parents[2] / "sample"
    picture = next(iter(sorted(file.rglob("*.png"))))
    data = picture.read_bytes()
    return hashlib.sha256(data).hexdigest(), data
