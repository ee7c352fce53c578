"""Masks on the page of datasets: which picture is on the desk, what is stored, what is refused."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.datasets import drafts, edits, mask_edits, uploads, versions
from studio.errors import StudioError
from studio.web import ui
from tests.pages.datasets_page import address, cards, newest, said


def shown(at) -> dict:
    """What the desk of masks was given."""
    (desk,) = [e for e in at.get("bidi_component") if "housestyle_mask" in e.proto.component_name]
    return json.loads(desk.proto.json)


def drawn(left_out: int = 3, side: int = 32) -> bytes:
    pixels = np.full((side, side), 255, np.uint8)
    pixels[:left_out] = 0
    data = io.BytesIO()
    Image.fromarray(pixels, "L").save(data, format="PNG")
    return data.getvalue()


def save(studio: context.Studio, place: int = 0, by: str = "ana", seen: str = "", rows: int = 3):
    return mask_edits.save(
        studio.engine,
        studio.home,
        "sample",
        newest(studio).pictures[place].hash,
        drawn(rows),
        seen=seen,
        by=by,
        now=context.now(),
    )


def masks(studio: context.Studio) -> dict[str, str]:
    rows = edits.applied(newest(studio).pictures, drafts.read(studio.engine, "sample"))
    return {row.picture.hash: row.picture.mask for row in rows if row.picture.mask}


def test_the_desk_shows_one_picture_after_the_other(studio, open_page):
    pictures = newest(studio).pictures
    mask = save(studio, 1).mask
    at = open_page("Datasets", set="sample", tab="Masks")
    assert "1 of 56 pictures have a mask" in said(at) and "1 mask changed" in said(at)
    first = shown(at)
    assert (first["hash"], first["mask"], first["editable"]) == (pictures[0].hash, "", True)
    assert at.button(key="mask-before").disabled
    at.button(key="mask-next").click().run()
    assert (shown(at)["hash"], shown(at)["mask"]) == (pictures[1].hash, mask)
    assert address(at, "mask") == pictures[1].hash
    at.selectbox(key="masks").select("Without a mask").run()
    at.button(key="mask-next").click().run()
    at.button(key="mask-before").click().run()  # past the one that has a mask
    assert shown(at)["hash"] == pictures[0].hash
    at = open_page("Datasets", set="sample", tab="Masks", masks="Of an earlier drawing")
    assert "No picture fits" in said(at)
    assert "not in the newest version" in said(
        open_page("Datasets", set="sample", tab="Masks", mask="f" * 64)
    )


def test_a_mask_is_taken_away_and_two_people_are_told(studio, open_page):
    hash, one = newest(studio).pictures[0].hash, save(studio).mask
    at = open_page("Datasets", set="sample", tab="Masks", mask=hash)
    two = save(studio, by="Ben", seen=one, rows=5).mask
    at.button(key="mask-remove").click().run()
    assert r"Ben has saved another mask" in at.error[0].value and masks(studio) == {hash: two}
    at.button(key="mask-remove").click().run()
    assert not at.error and masks(studio) == {} and shown(at)["mask"] == ""
    (step, *_) = drafts.history(studio.engine, "sample")
    at.button(key="draft-steps").click().run()
    at.button(key=f"undo-{step.id}").click().run()
    assert shown(at)["mask"] == two


@pytest.mark.slow
def test_pictures_are_found_by_their_masks_and_marked(studio, open_page):
    save(studio, 2)
    at = open_page("Datasets", set="sample", show="With a mask")
    assert [(c["hash"], c["masked"]) for c in cards(at)["pictures"]] == [
        (newest(studio).pictures[2].hash, True)
    ]
    at = open_page("Datasets", set="sample", show="Without a mask")
    assert "55 of 56 pictures" in said(at) and not any(c["masked"] for c in cards(at)["pictures"])
    hash = newest(studio).pictures[2].hash
    at = open_page("Datasets", set="sample", picture=hash)
    assert (shown(at)["small"], shown(at)["editable"]) == (True, False)
    at.button(key="details-mask-desk").click().run()
    assert address(at, "tab") == "Masks" and shown(at)["hash"] == hash


@pytest.mark.slow
def test_a_version_keeps_the_masks_it_was_frozen_with(studio, open_page):
    hash, one = newest(studio).pictures[0].hash, save(studio).mask
    say = {"says": "", "by": "ana", "now": context.now()}
    first = drafts.freeze(studio.engine, studio.home, "sample", **say)
    two = save(studio, seen=one, rows=7).mask
    second = drafts.freeze(studio.engine, studio.home, "sample", **say)
    for version, mask in ((first, one), (second, two)):
        at = open_page("Datasets", set="sample", version=version.version, picture=hash)
        assert (shown(at)["mask"], shown(at)["editable"]) == (mask, False)
    at = open_page("Datasets", set="sample", tab="Compare")
    page = " ".join(e.proto.body for e in at.get("html"))
    assert f"/picture/mask/{one}" in page and f"/picture/mask/{two}" in page


@pytest.mark.slow
def test_a_mask_of_an_earlier_drawing_is_named_and_confirmed(studio, open_page, tmp_path):
    picture, mask = newest(studio).pictures[0], save(studio).mask
    drafts.freeze(studio.engine, studio.home, "sample", says="", by="ana", now=context.now())
    target = tmp_path / "new" / picture.file_name
    target.parent.mkdir(parents=True)
    Image.new("RGBA", (32, 32), "teal").save(target)
    from studio.datasets.additions import add_folder

    add_folder(studio.home, "sample", tmp_path / "new", now=context.now(), actor="ana")
    at = open_page("Datasets", set="sample", tab="Statistics")
    assert "1 picture with a mask of an earlier drawing" in said(at).replace("\\", "")
    at = open_page("Datasets", set="sample", show="Mask of an earlier drawing")
    (card,) = cards(at)["pictures"]
    assert ["mask of an earlier drawing", "bad"] in card["notes"]
    at = open_page("Train", data="sample")
    assert "1 of 56 pictures have a mask" in said(at) and "weighs nothing in the loss" in said(at)
    assert picture.file_name in said(at).replace("\\", "")
    at = open_page("Datasets", set="sample", tab="Masks", masks="Of an earlier drawing")
    at.button(key="mask-fits").click().run()
    assert "1 mask changed" in said(at) and "1 of 56 pictures have a mask  " not in said(at)
    assert "earlier drawing of the" not in said(at) and shown(at)["mask"] == mask


@pytest.mark.slow
def test_several_come_at_once_and_what_does_not_fit_is_named(studio, open_page):
    one, other = newest(studio).pictures[:2]
    stem, end = one.file_name.rsplit(".", 1)
    token = uploads.begin(studio.home)
    for name, data in (
        (f"{stem}.mask.png", drawn()),
        (other.file_name, drawn(side=8)),
        ("x.mask.png", b"lies"),
    ):
        with uploads.receiving(studio.home, token, name, len(data)) as write:
            write(data)
    at = open_page("Datasets", **{"set": "sample", "tab": "Masks", "masks-upload": token})
    assert "**1 mask for pictures of the set**" in said(at) and "2 files can't be used" in said(at)
    fits, wrong = (frame.value for frame in at.dataframe)
    assert list(fits["becomes the mask of"]) == [one.file_name] and list(fits["there was"]) == [
        "none"
    ]
    reasons = dict(zip(wrong["file"], wrong["why"], strict=True))
    assert reasons["x.mask.png"] == "no picture of the set is called so."
    assert any("8 x 8 pixels" in reason for reason in reasons.values())
    at.button(key="masks-take").click().run()
    assert "1 mask wait" in said(at) and list(masks(studio)) == [one.hash]
    assert "masks-upload" not in at.query_params
    at = open_page("Datasets", **{"set": "sample", "tab": "Masks", "masks-upload": token})
    assert "no longer there" in said(at)


def test_who_may_only_look_changes_nothing(studio, open_page, monkeypatch):
    mask = save(studio).mask
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Datasets", set="sample", tab="Masks")
    assert not shown(at)["editable"] and shown(at)["mask"] == mask
    assert "Masks are drawn by artists" in said(at)
    pressed = at.button(key="mask-remove")
    assert pressed.disabled
    pressed.proto.disabled = False  # whoever sends a message of their own minds no page
    pressed.click().run()
    assert list(masks(studio).values()) == [mask]
    at = open_page("Datasets", **{"set": "sample", "tab": "Masks", "masks-upload": "0" * 32})
    assert "Several at once" not in [header.value for header in at.header]


@pytest.mark.slow
@pytest.mark.parametrize("button", ["mask-remove", "masks-take", "masks-not"])
def test_a_role_that_was_taken_away_counts_at_once(studio, open_page, monkeypatch, button):
    """The page was drawn for an artist; when the button is pressed they are a viewer."""
    mask, picture = save(studio).mask, newest(studio).pictures[1]
    token = uploads.begin(studio.home)
    with uploads.receiving(studio.home, token, picture.file_name, len(drawn())) as write:
        write(drawn())
    for role in ("viewer", "artist"):
        monkeypatch.setattr(ui, "person", lambda: Actor("vi", "artist"))
        at = open_page("Datasets", **{"set": "sample", "tab": "Masks", "masks-upload": token})
        monkeypatch.setattr(ui, "person", lambda role=role: Actor("vi", role))
        at.button(key=button).click().run()
        assert not at.exception
        if role == "viewer":
            assert "may not" in " ".join(error.value for error in at.error)
            assert list(masks(studio).values()) == [mask]
            assert uploads.waiting(studio.home, token).pictures
    if button == "masks-not":
        with pytest.raises(StudioError, match="no longer there"):
            uploads.waiting(studio.home, token)
    else:
        assert len(masks(studio)) == (0 if button == "mask-remove" else 2)


def test_a_mask_is_sent_and_fetched(studio):
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from studio.web import dataset_routes

    browser = TestClient(Starlette(routes=dataset_routes.ROUTES))
    hash = newest(studio).pictures[0].hash
    asked = {"seen": "", "key": "k", "file": "mine.png"}
    got = browser.put(f"/mask/sample/{hash}", params=asked, content=drawn())
    mask = got.json()["mask"]
    assert got.status_code == 200 and masks(studio) == {hash: mask}
    assert browser.put(f"/mask/sample/{hash}", params=asked, content=drawn()).json() == got.json()
    fetched = browser.get(f"/picture/mask/{mask}")
    assert np.asarray(Image.open(io.BytesIO(fetched.content)))[:4, 0].tolist() == [0, 0, 0, 255]
    assert fetched.headers["cache-control"] == "private, no-cache" and fetched.headers["etag"]
    other = browser.put(f"/mask/sample/{hash}", params={"seen": ""}, content=drawn(5))
    assert other.status_code == 409 and other.json()["mask"] == mask
    for data, says in ((b"lies", "mine.png: this is not a picture"), (drawn(side=8), "8 x 8")):
        got = browser.put(
            f"/mask/sample/{hash}", params={**asked, "seen": mask, "key": "l"}, content=data
        )
        assert got.status_code == 422 and says in got.json()["message"] and got.json()["remedy"]
    for path in ("/picture/mask/..", f"/picture/mask/{'0' * 64}"):
        assert browser.get(path).status_code == 404
    assert versions.load(studio.home, "sample").pictures[0].mask == ""
