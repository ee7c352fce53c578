"""What every engine gets: the preset's colours and size, labels, files that are made elsewhere."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.export import iptc
from studio.export.building import Place, build
from studio.export.pieces import Fields, Piece
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def test_a_picture_alone_is_its_pixels():
    built = build(picture(), "props/gem", Profile(), Place())
    assert list(built.files) == ["props/gem.png"]
    assert np.array_equal(opened(built.files["props/gem.png"]), np.asarray(picture().image))
    assert iptc.read(built.files["props/gem.png"]) == iptc.DRAWN


def test_what_a_person_painted_over_says_so_and_what_no_model_drew_says_nothing():
    painted = build(picture(painted=True), "gem", Profile(), Place()).files["gem.png"]
    assert iptc.read(painted) == iptc.PAINTED_OVER
    own = build(picture(drawn=False), "gem", Profile(), Place()).files["gem.png"]
    assert iptc.read(own) == ""


def test_the_preset_and_the_factor_hold_for_all_of_a_sheet():
    profile = Profile(engine="phaser", preset="16", factor=2, normals=False)
    built = build(sheet(), "ana", profile, Place())
    pixels = opened(built.files["ana.png"])
    assert pixels.shape == (32, 80, 4)
    assert len(np.unique(pixels[pixels[..., 3] > 0, :3], axis=0)) <= 16
    assert built.piece.layout.regions[1].x == 38 and built.piece.pivot == (16.0, 22.0)
    assert "ana_n.png" not in built.files


def test_files_made_elsewhere_are_named_by_the_stem_and_the_engine_s_folder():
    asked = []

    def files(stem, place):
        asked.append((stem, place))
        return {f"{stem}.glb": b"glTF"}

    prop = Piece("ab", "prop", Fields(name="sign"), files=files)
    built = build(prop, "props/sign", Profile(engine="godot"), Place())
    assert dict(built.files) == {"props/sign.glb": b"glTF"}
    build(prop, "sign", Profile(engine="godot"), Place())
    assert asked == [("sign", "res://props/"), ("sign", "res://")]


def test_a_piece_of_nothing_is_named():
    with pytest.raises(StudioError, match="Nothing of the prop ab"):
        build(Piece("ab", "prop", Fields(name="sign")), "sign", Profile(), Place())
