"""Datasets: what is dropped on the page, and the sets that it goes to."""

import io
import zipfile

import pytest
from PIL import Image

from studio import context
from studio.datasets import manifests, upload_import, uploads, versions
from studio.jobs import leases, queue
from tests.pages.datasets_page import EVIL, address, cards, newest, picture, said, sent


def test_an_upload_is_added_and_what_was_refused_stays_until_dismissed(studio, open_page):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("new/b.png", picture((9, 9, 200)))
        made.writestr("../up.png", picture((1, 2, 3)))
    files = {"art/new/a.png": picture((200, 9, 9)), "art/new/a.txt": EVIL.encode()}
    files |= {"art/more.zip": buffer.getvalue(), "art/run.exe": b"x", "art/lies.png": b"<html>"}
    token = sent(studio, files)
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    assert "2 pictures and 1 zip and 1 text" in said(at)
    typed = f"draft upload/{token}"
    assert at.text_input(key=f"{typed} licence").value == "CC0-1.0"  # what all others have
    at.text_input(key=f"{typed} author").set_value("Bo").run()
    at.button(key="add").click().run()
    assert not at.exception and "upload" not in at.query_params
    told = {p.file_name: p for p in newest(studio).pictures}
    assert len(told) == 58
    added = told["new/a.png"]
    assert (added.caption, added.author, added.licence) == (EVIL, "Bo", "CC0-1.0")
    assert "**2 pictures added, 3 files left out**" in said(at)
    again = open_page("Datasets", set="sample")
    refused = list(again.dataframe[0].value["file"])
    assert refused == ["art/run.exe", "art/more.zip: ../up.png", "lies.png"]
    (report,) = upload_import.undismissed(studio.engine, "sample")
    again.button(key=f"dismiss-{report.id}").click().run()
    assert "left out" not in said(again) and not upload_import.undismissed(studio.engine, "sample")


def test_texts_without_their_pictures_are_named(studio, open_page):
    token = sent(studio, {"gone.txt": b"a gem", "README.txt": b"no caption"})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    assert "Without a picture of the same name here, so not read: gone.txt." in said(at).replace(
        "\\", ""
    )
    assert "There is no picture among them" in said(at) and at.button(key="add").disabled
    more = {"a.png": picture((200, 9, 9)), "A.txt": "ein grüner Trank".encode("utf-16-be")}
    more |= {"gone.caption": b"", "labels.csv": b"a,b"}
    token = sent(studio, more)
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    assert "so not read: gone.caption." in said(at).replace("\\", "")
    at.button(key="add").click().run()
    assert {p.file_name: p for p in newest(studio).pictures}["a.png"].caption == "ein grüner Trank"
    (report,) = upload_import.undismissed(studio.engine, "sample")
    assert [one.file for one in report.refused] == ["labels.csv", "gone.caption"]
    for remark in ("only the case of the name differs: A.txt (a.png)", "read as UTF-16-BE: A.txt"):
        assert remark in "\n".join(report.warnings)


def test_names_of_a_zip_from_japan_are_told(studio, open_page):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("01234567890.png", picture((9, 9, 200)))
        made.writestr("01234567890.txt", "青い薬".encode("cp932"))
    data = buffer.getvalue().replace(b"01234567890", "武器/青い薬".encode("cp932"))
    token = sent(studio, {"art.zip": data})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    at.button(key="add").click().run()
    (report,) = upload_import.undismissed(studio.engine, "sample")
    assert report.refused == () and report.new == 1
    assert "The names in art.zip are read as Shift-JIS (Japanese)" in report.warnings[0]
    assert any(p.caption == "青い薬" and p.category == "武器" for p in newest(studio).pictures)


def test_a_new_dataset_is_begun_and_its_name_is_checked(studio, open_page):
    token = sent(studio, {"a.png": picture((200, 9, 9))})
    at = open_page("Datasets", set="sample", upload=token)
    at.button(key="new").click().run()
    assert address(at, "tab") == "New" and at.button(key="add").disabled
    name = "draft dataset/new name"
    at.text_input(key=name).set_value("sample").run()
    assert "There is a dataset sample already" in said(at) and at.button(key="add").disabled
    at.text_input(key=name).set_value("Hero Fäces").run()
    assert "A dataset can't be called so" in said(at) and at.button(key="add").disabled
    at.button(key="new-name").click().run()
    assert at.text_input(key=name).value == "hero-faces" and "hero-faces is free" in said(
        at
    ).replace("\\", "")
    at.radio(key="draft dataset/new filter").set_value("lanczos").run()
    at.radio(key="draft dataset/new tileable").set_value("x").run()
    # A reload, which is a session of its own, costs nothing of it.
    at = open_page("Datasets", tab="New", upload=token)
    assert at.text_input(key=name).value == "hero-faces"
    assert "hero-faces" not in manifests.names(studio.home)
    at.button(key="add").click().run()
    look = versions.load(studio.home, "hero-faces").look
    assert (look.filter, look.tileable, look.behind) == ("lanczos", "x", "solid")
    assert at.selectbox(key="set").value == "hero-faces"
    assert (address(at, "set"), address(at, "tab")) == ("hero-faces", "Pictures")
    assert open_page("Datasets", tab="New").text_input(key=name).value == ""


def test_files_that_were_dropped_for_a_new_set_go_to_one_that_is_there(studio, open_page):
    token = sent(studio, {"a.png": picture((200, 9, 9))})
    at = open_page("Datasets", tab="New", upload=token)
    at.text_input(key="draft dataset/new name").set_value("sample").run()
    at.button(key="new-there").click().run()
    assert (address(at, "tab"), address(at, "set")) == ("Add", "sample")
    assert at.button(key="add").label == "Add to sample"


def test_what_has_just_come_stands_first_and_is_marked(studio, open_page):
    files = {"zz/u1f319.png": picture((1, 2, 200)), "notes.txt": b"a gem", "README.txt": b"x"}
    small, ink = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (12, 12), "red").save(small, "PNG")
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(ink, "JPEG")
    files |= {"zz/tiny.png": small.getvalue(), "zz/ink.jpg": ink.getvalue()}
    at = open_page(
        "Datasets", set="sample", tab="Add", upload=sent(studio, files), show="With a mask"
    )
    at.button(key="add").click().run()
    assert not at.exception
    assert address(at, "tab") == "Pictures" and "show" not in at.query_params
    shown = cards(at)
    first, rest = shown["pictures"][:3], shown["pictures"][3:]
    assert {one["name"] for one in first} == {"zz/u1f319.png", "zz/tiny.png", "zz/ink.jpg"}
    assert all(["new", "mine"] in one["notes"] for one in first) and shown["reveal"] == 1
    assert rest and not any(["new", "mine"] in one["notes"] for one in rest)
    # A name that says nothing is no caption.
    (moon,) = [one for one in first if "u1f319" in one["name"]]
    assert moon["caption"] == "" and ["no caption", "bad"] in moon["notes"]
    # What was left out is named, and each file's own remark.
    assert "Left out: notes.txt." in said(at).replace("\\", "")
    (report,) = upload_import.undismissed(studio.engine, "sample")
    told = "\n".join(report.warnings)
    assert "No captions, by their names: README.txt." in told
    assert "enlarged for it: zz/tiny.png (12 x 12), zz/u1f319.png (24 x 24)." in told
    assert "Colours of ink (CMYK)" in told and "a screen's: zz/ink.jpg." in told
    at.button(key=f"dismiss-{report.id}").click().run()
    assert not any(["new", "mine"] in one["notes"] for one in cards(at)["pictures"])
    assert cards(at)["pictures"][0]["name"] == newest(studio).pictures[0].file_name


def test_an_upload_without_a_picture_that_can_be_used_stays(studio, open_page):
    token = sent(studio, {"lies.png": b"<html>"})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    at.button(key="add").click().run()
    assert "none of its 1 pictures can be used" in at.error[0].value.replace("\\", "")
    assert uploads.waiting(studio.home, token).pictures == ("lies.png",)
    assert len(manifests.heads(studio.home, "sample")) == 1
    open_page("Datasets", set="sample", tab="Add", upload=token).button(key="add-not").click().run()
    with pytest.raises(context.StudioError):
        uploads.waiting(studio.home, token)


def test_a_large_upload_is_a_job_asked_once(studio, open_page, monkeypatch):
    monkeypatch.setattr(upload_import, "MANY", 1)
    token = sent(studio, {"a.png": picture((200, 9, 9)), "b.png": picture((9, 9, 9))})
    for _ in range(2):  # two windows, one upload
        at = open_page("Datasets", set="sample", tab="Add", upload=token)
        at.button(key="add").click().run()
    (job,) = queue.listing(studio.engine, kind="upload")
    assert (job.payload["name"], job.payload["upload"], job.asked_by) == ("sample", token, "ana")
    assert "Adding pictures to sample" in at.get("progress")[0].proto.text
    queue.cancel(studio.engine, job.id, "ana", context.now())
    assert uploads.waiting(studio.home, token)  # nothing is lost


def test_a_failed_upload_is_told_and_can_be_looked_at_again(studio, open_page, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr(upload_import, "MANY", 1)
    token = sent(studio, {"a.png": picture((200, 9, 9)), "b.png": picture((9, 9, 9))})
    open_page("Datasets", set="sample", tab="Add", upload=token).button(key="add").click().run()
    job = leases.take(studio.engine, "w", "short", context.now(), timedelta(hours=1))
    leases.fail(
        studio.engine, job.id, job.attempt, "The disk is full.", "Make room.", context.now()
    )
    at = open_page("Datasets", set="sample", tab="Add")
    assert "The disk is full" in at.error[0].value.replace("\\", "")
    at.button(key="add-again").click().run()
    assert address(at, "upload") == token
