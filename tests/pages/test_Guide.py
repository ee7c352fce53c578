"""The page Style guide: what is typed and dropped is kept, and shown where pictures are judged."""

import io
import json

from PIL import Image

from studio import context
from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement
from studio.database import ledger
from studio.generation import gallery_table, picture_files
from studio.generation.picture_files import Made
from studio.registry import style_guides
from studio.registry.style_guides import Example, Guide, Scene
from studio.workflows import review_aids


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (16, 16), colour).save(file, "PNG")
    return file.getvalue()


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def test_a_guide_is_written_and_stands_beside_what_is_judged(open_page, studio):
    at = open_page("Guide", style="sample")
    assert at.query_params["style"] in ("sample", ["sample"])
    at.text_area(key="guide-sample-view").set_value("from the front")
    at.text_area(key="guide-sample-palette").set_value("#aabbcc, #010203")
    press(at, "Keep the guide")
    kept = style_guides.load(studio.home, "sample")
    assert (kept.view, kept.palette) == ("from the front", ("#aabbcc", "#010203"))
    assert [r.action for r in ledger.rows(studio.engine, "sample")][-1] == style_guides.CHANGE

    at.file_uploader(key=f"files-do-{kept.version}").set_value(
        ("gem.png", png("teal"), "image/png")
    )
    at.text_input(key="says-do").set_value("teal, as all gems")
    press(at, "Add")
    (example,) = style_guides.load(studio.home, "sample").do
    assert example.says == "teal, as all gems"
    press(at, "Take the colours of Do")
    assert at.text_area(key="guide-sample-palette").value == "#008080"

    kept = style_guides.load(studio.home, "sample")
    at.file_uploader(key=f"scene-{kept.version}").set_value(("g.png", png("green"), "image/png"))
    at.run()
    scene = style_guides.load(studio.home, "sample").scene
    assert scene is not None and (scene.width, scene.height, scene.scale) == (16, 16, 1)
    at.number_input(key="scene-scale-sample").set_value(3).run()
    press(at, "Keep the scene")
    kept = style_guides.load(studio.home, "sample")
    assert kept.scene == Scene(scene.picture, 16, 16, 3, 0.5, 0.8)

    beside = review_aids.blind(studio, "sample", ["f" * 64])
    assert beside["scene"]["neighbours"] == [f"/picture/data/{'f' * 64}"]
    assert beside["guide"]["facts"] == [{"label": "View", "says": "from the front"}]
    assert beside["guide"]["do"][0]["url"] == f"/picture/guide/sample/{example.picture}"

    press(at, "Take out")
    assert style_guides.load(studio.home, "sample").do == ()


def test_what_is_refused_is_told_and_what_was_typed_stays(open_page, studio):
    at = open_page("Guide", style="sample")
    at.text_area(key="guide-sample-palette").set_value("red")
    press(at, "Keep the guide")
    assert "'red' is no colour" in at.error[0].value
    assert at.text_area(key="guide-sample-palette").value == "red"
    assert style_guides.load(studio.home, "sample") == Guide()


def test_a_broken_guide_keeps_nobody_from_judging(studio):
    file = studio.home / "guides" / "sample.yaml"
    file.parent.mkdir()
    file.write_text("palette: red")
    assert review_aids.blind(studio, "sample", []) == {"guide": None, "scene": None}


def test_neighbours_are_the_newest_approved_but_the_one_that_is_looked_at(studio):
    digest, wide, high = style_guides.keep_picture(studio.home, png("green"), "g", by="ana")
    guide = Guide(scene=Scene(digest, wide, high), dont=(Example(digest, "no"),))
    assert review_aids.approved(studio, "sample") == []
    shown = review_aids.scene("sample", guide, [f"/picture/made/{n}" for n in range(9)])
    assert shown is not None and shown["neighbours"] == [f"/picture/made/{n}" for n in range(4)]
    assert review_aids.scene("sample", Guide(), []) is None


def test_the_guide_and_the_scene_stand_beside_a_picture_that_is_judged(open_page, studio):
    made = Made("sample", 1, "pocket", "", "", "a gem", "", "", 5, 9, 2.0, 1.0)
    folder = studio.home / "generated" / "sample" / "v1"
    files = [picture_files.keep(folder, f"{n}", Image.new("RGBA", (8, 8)), made) for n in (1, 2)]
    assert len(files) == 2
    gallery_table.take_up(studio.engine, studio.home, by="ana")
    first, second = gallery_table.search(studio.engine, Wanted()).found
    verdicts.judge(
        studio.engine, second.id, Judgement("approved"), by="ana", now=context.now(), turn=0
    )
    scenes = [e for e in open_page("Picture", id=first.id).get("bidi_component")]
    assert not [e for e in scenes if "_scene" in e.proto.component_name]
    digest, wide, high = style_guides.keep_picture(studio.home, png("green"), "g", by="ana")
    guide = Guide(view="from the front", scene=Scene(digest, wide, high))
    style_guides.save(studio.engine, "sample", guide, after="", by="ana", now=context.now())
    for name, query in (("Picture", {"id": first.id}), ("Gallery", {"mode": "judge"})):
        components = open_page(name, **query).get("bidi_component")
        told = {
            kind: json.loads(one.proto.json)
            for one in components
            for kind in ("scene", "view")
            if one.proto.component_name.endswith(f"_{kind}")
        }
        facts = [{"label": "View", "says": "from the front"}]
        assert (told["scene"]["guide"]["facts"], told["scene"]["scene"]) == (facts, None)
        there = told["view"]["scene"]
        assert there["url"] == f"/picture/guide/sample/{digest}"
        judged = told["view"]["url"].rpartition("/")[2]
        beside = [f"/picture/made/{second.id}"] if judged == first.id else []
        assert there["neighbours"] == beside
