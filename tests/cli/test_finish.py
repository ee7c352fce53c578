"""`finish`: what is written, told and refused."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.finishing import indexed
from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe, written
from studio.images import open_picture
from tests.finishing.blobs import blob

PALETTE = ("#140c1c", "#7a1428", "#c82832", "#fafafa")


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        code = main.main(
            [
                "finish",
                *map(str, words),
                "--json",
                "--home",
                str(tmp_path / "home"),
                "--user",
                "ana",
            ]
        )
        return code, json.loads(capsys.readouterr().out)

    return asked


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "raw"
    made.mkdir()
    for seed, name in enumerate(("sword", "axe")):
        blob(seed).save(made / f"{name}.png")
    (tmp_path / "house.hex").write_text("\n".join(one[1:] for one in PALETTE))
    return made


def test_pictures_are_finished_under_their_names(said, folder, tmp_path):
    raw = (folder / "sword.png").read_bytes()
    out = tmp_path / "out"
    code, found = said(
        folder / "sword.png",
        folder / "axe.png",
        "--out",
        out,
        "--palette",
        tmp_path / "house.hex",
        "--strays",
        "--outline",
        "recolour",
        "--canvas",
        "40x48",
        "--ground",
        "2",
    )
    assert (code, found["problems"]) == (0, [])
    assert sorted(file.name for file in out.iterdir()) == ["axe.png", "sword.png"]
    assert (folder / "sword.png").read_bytes() == raw
    recipe = Recipe(
        hard_alpha=True,
        colours=PALETTE,
        strays=True,
        outline="recolour",
        canvas=(40, 48),
        ground=2,
    )
    assert found["recipe"] == recipe.mark
    made = open_picture(out / "sword.png")
    assert made.tobytes() == finished(blob(0), recipe).tobytes() and made.size == (40, 48)
    first = found["files"][0]
    assert first["before"]["colours"] > 300 and first["after"]["colours"] <= 4


def test_bad_files_are_named_and_the_others_finished(said, folder, tmp_path):
    (folder / "text.png").write_text("no picture")
    Image.new("RGBA", (9, 9)).save(folder / "empty.png")
    (folder / "more").mkdir()
    blob(5).save(folder / "more" / "axe.png")
    given = [folder / name for name in ("text.png", "gone.png", "more", "empty.png", "axe.png")]
    code, found = said(
        *given, folder / "more" / "axe.png", "--out", tmp_path / "out", "--hard-alpha"
    )
    assert code == 2
    assert [one["from"] for one in found["files"]] == [str(given[3]), str(given[4])]
    assert found["files"][0]["remarks"] == ["Nothing is seen of it."]
    told = [(one["file"].split("raw/")[1], bool(one["remedy"])) for one in found["problems"]]
    assert told == [("text.png", True), ("gone.png", True), ("more", True), ("more/axe.png", True)]
    assert "has the same name" in found["problems"][-1]["error"]


def test_a_picture_is_never_written_over(said, folder):
    raw = (folder / "axe.png").read_bytes()
    code, found = said(folder / "axe.png", "--out", folder, "--hard-alpha")
    assert code == 2 and "is one of the pictures" in found["problems"][0]["error"]
    assert (folder / "axe.png").read_bytes() == raw


def test_a_recipes_file_is_taken_and_what_is_said_beside_it_wins(said, folder, tmp_path):
    file = tmp_path / "recipe.json"
    file.write_text(written(Recipe(hard_alpha=True, colours=PALETTE, strays=True)))
    words = [folder / "axe.png", "--out", tmp_path / "out", "--recipe", file]
    assert said(*words)[1]["recipe"] == Recipe(hard_alpha=True, colours=PALETTE, strays=True).mark
    code, found = said(*words, "--no-strays", "--dither", "error")
    assert found["recipe"] == Recipe(hard_alpha=True, colours=PALETTE, dither="error").mark


def test_a_grid_is_found_in_each_picture_and_what_did_not_come_about_is_told(
    said, folder, tmp_path
):
    small = finished(blob(1, 16), Recipe(hard_alpha=True, colours=PALETTE))
    small.resize((104, 104), Image.Resampling.NEAREST).save(folder / "large.png")
    words = [folder / "large.png", folder / "axe.png", "--out", tmp_path / "out"]
    code, found = said(*words, "--find-grid")
    assert open_picture(tmp_path / "out" / "large.png").size == (16, 16)
    assert [one["remarks"] for one in found["files"]] == [[], ["No grid found."]]
    code, found = said(*words[:1], "--out", tmp_path / "other", "--native", "15")
    assert found["files"][0]["remarks"] == ["No grid gives 15 native pixels: it keeps its size."]
    code, found = said(folder / "axe.png", "--out", tmp_path / "out", "--canvas", "20")
    assert code == 2 and "the canvas 20 x 20" in found["problems"][0]["error"]


def test_a_shadow_is_written_beside_and_colours_are_shifted_first(said, folder, tmp_path):
    out = tmp_path / "out"
    code, found = said(folder / "axe.png", "--out", out, "--shadow", "drop", "--saturation=-100")
    assert code == 0 and found["files"][0]["shadow"] == str(out / "axe.shadow.png")
    rgba = np.asarray(open_picture(out / "axe.png")).astype(int)
    assert np.ptp(rgba[rgba[..., 3] > 128][:, :3], axis=-1).max() <= 2
    assert set(np.unique(np.asarray(open_picture(out / "axe.shadow.png"))[..., 3])) == {0, 128}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Nothing says how to finish"),
        (["--canvas", "wide"], "'wide' is no size"),
        (["--ground", "3"], "ground is given without a canvas"),
        (["--outline-colour", "red"], "'red' is not a colour"),
        (["--palette", "nobody's"], "nobody's"),
    ],
)
def test_a_recipe_that_can_not_be_is_refused_before_anything_is_written(
    said, folder, tmp_path, words, told
):
    code, found = said(folder / "axe.png", "--out", tmp_path / "out", *words)
    assert code == 2 and told in found["error"] and found["remedy"]
    assert not (tmp_path / "out").exists()


def test_a_palette_of_four_thousand_colours_is_named(said, folder, tmp_path):
    file = tmp_path / "many.hex"
    file.write_text("\n".join(f"{n:06x}" for n in range(4000)))
    code, found = said(folder / "axe.png", "--out", tmp_path / "out", "--palette", file)
    assert code == 2 and "many.hex" in found["error"] and "4,000" in found["error"]


def test_a_finished_picture_is_written_in_the_palettes_order(said, folder, tmp_path):
    given = (folder / "sword.png", "--out", tmp_path / "out", "--indexed")
    code, _ = said(*given, "--palette", tmp_path / "house.hex")
    made = indexed.read((tmp_path / "out" / "sword.png").read_bytes(), "sword.png")
    assert code == 0 and made.table == ("#000000", *PALETTE) and made.transparent == 0
    plain = finished(open_picture(folder / "sword.png"), Recipe(hard_alpha=True, colours=PALETTE))
    assert (made.rgba == np.asarray(plain)).all()
    code, found = said(*given, "--strays")
    assert code == 2 and "needs a palette" in found["error"]
