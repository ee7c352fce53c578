"""Approved pictures become pictures of a dataset, with where they are from."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio import context
from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement
from studio.datasets import versions as datasets
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.generation import gallery_table, painted_over, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.settings import load_settings
from studio.workflows import gallery_to_dataset

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


def test_approved_pictures_go_on_painted_over_where_they_are(studio, tmp_path):
    studio.client.create_registered_model("props")
    tags = {"trigger_word": "<S>", "base_licence": "CC0-1.0", "stage": "candidate"}
    studio.client.create_model_version("props", str(tmp_path), tags=tags)
    rows = []
    for seed, colour in enumerate(("red", "blue", "lime")):
        made = Made("props", 1, "pocket", "", "", f"a <S> {colour} gem", "", "", seed, 9, 2.0, 1.0)
        picture = Image.new("RGBA", (8, 8), colour)
        rows.append(
            Kept(picture_files.keep(studio.home / "generated", f"p{seed}", picture, made), made)
        )
    ids = gallery_table.record(studio.engine, studio.home, rows, by="ana", now=NOW)
    for id, verdict in zip(ids, ("approved", "approved", "rejected"), strict=True):
        verdicts.judge(studio.engine, id, Judgement(verdict), by="bo", now=NOW, turn=0)
    over = io.BytesIO()
    Image.new("RGBA", (16, 16), "white").save(over, format="PNG")
    painted_over.paint_over(studio.engine, studio.home, ids[1], over.getvalue(), by="cy", now=NOW)
    found = gallery_table.all_of(studio.engine, Wanted())

    with pytest.raises(StudioError, match="2 of 2 pictures of props-approved would be drawn"):
        gallery_to_dataset.hand_on(studio, "props-approved", found, actor="ana")
    for number in range(5):
        (tmp_path / "art").mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), (9 * number, 0, 0)).save(tmp_path / "art" / f"{number}.png")
    import_folder(studio.home, "props-approved", tmp_path / "art", now=NOW, actor="ana")
    added = gallery_to_dataset.hand_on(studio, "props-approved", found, actor="ana")
    assert len(added.new) == 2
    version = datasets.load(studio.home, "props-approved")
    red, blue = sorted((p for p in version.pictures if p.added), key=lambda p: p.file_name)
    assert (red.origin, blue.origin) == ("generated", "painted")
    assert (red.caption, red.source, red.author) == (
        "a red gem",
        "generated with props version 1, seed 0",
        "ana",
    )
    assert red.licence == "base: CC0-1.0" and red.tags == ("generated",)
    assert (blue.width, blue.author) == (16, "cy, over props version 1")
    assert blue.tags == ("generated", "painted over") and blue.caption == "a blue gem"
    with Image.open(datasets.picture_path(studio.home, blue.hash)) as kept:
        assert kept.getpixel((0, 0)) == (255, 255, 255, 255)

    again = gallery_to_dataset.hand_on(studio, "props-approved", found, actor="ana")
    assert not again.new and again.version.digest == version.digest
    with pytest.raises(StudioError, match="0 of these pictures are approved"):
        gallery_to_dataset.hand_on(studio, "props-approved", found[2:], actor="ana")
