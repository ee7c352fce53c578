"""Models after edits: the right size, place and side, and the texture as it was."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import edits
from studio.props.edit_records import mark, said_of
from studio.props.model import Model
from tests.props import solids


def chain(*given):
    return edits.checked(list(given))


def edited(model, *given, **pictures):
    return edits.apply(model, chain(*given), pictures)


def arrow() -> Model:
    """A triangle on the ground that points to +X and faces the front."""
    positions = np.array([[-1, 0, 0], [1, 0.5, 0], [-1, 1, 0]], float)
    normals = np.tile([0.0, 0, 1], (3, 1))
    uv = np.array([[0, 1], [1, 0.5], [0, 0]], float)
    one = solids.part(positions, normals, uv, np.array([[0, 1, 2]]), solids.material())
    return Model(parts=(one,), name="arrow")


EACH = [
    {"edit": "scale", "height_m": 0.37},
    {"edit": "pivot", "where": "centre"},
    {"edit": "turn", "axis": "x", "degrees": 33},
    {"edit": "thickness", "share": 0.1},
    {"edit": "decimate", "triangles": 200},
]


@pytest.mark.parametrize("one", EACH, ids=lambda one: one["edit"])
def test_the_material_stays_whole_and_a_second_time_gives_the_same_bytes(one):
    whole = solids.ball(parts=2)
    found, again = (edited(whole, one).model for _ in range(2))
    for before, after, other in zip(whole.parts, found.parts, again.parts, strict=True):
        assert after.material is before.material
        assert after.material.colour.nearest and after.material.colour.wrap_s == "repeat"
        assert after.material.alpha == "mask"
        for name in ("positions", "normals", "uv", "triangles"):
            made = getattr(after, name)
            assert made.dtype == getattr(before, name).dtype and np.isfinite(made).all()
            assert made.tobytes() == getattr(other, name).tobytes()
        assert np.allclose(np.linalg.norm(after.normals, axis=1), 1, atol=1e-5)
        if one["edit"] != "decimate":
            assert after.uv.tobytes() == before.uv.tobytes()
            assert after.triangles.tobytes() == before.triangles.tobytes()
    assert solids.is_closed(found) and solids.volume(found) > 0


@pytest.mark.parametrize("height", [0.01, 0.37, 1.8, 250.0])
def test_the_height_is_in_metres(height):
    found = edited(solids.box(), {"edit": "scale", "height_m": height}).model
    low, high = found.bounds()
    assert abs(float(high[1] - low[1]) - height) <= 1e-4 and abs(float(low[1])) <= 1e-4
    assert np.allclose((high - low) / height, (0.5, 1, 0.25), atol=1e-4)


@pytest.mark.parametrize(
    ("where", "low"),
    [
        ("feet", (-0.5, 0, -0.25)),
        ("centre", (-0.5, -1, -0.25)),
        ("top", (-0.5, -2, -0.25)),
        ("corner", (0, 0, 0)),
    ],
)
def test_the_pivot_is_where_it_is_called(where, low):
    moved = edits.turn(solids.box(), "y", 180)
    shifted = edits.pivot(edits.pivot(moved, "corner"), where)
    found, high = shifted.bounds()
    assert np.allclose(found, low, atol=1e-6) and np.allclose(high - found, (1, 2, 0.5), atol=1e-6)


@pytest.mark.parametrize(
    ("axis", "degrees", "tip", "faces"),
    [
        ("y", 90, (0, 0.5, -1), (1, 0, 0)),
        ("y", -90, (0, 0.5, 1), (-1, 0, 0)),
        ("x", 90, (1, 0, 0.5), (0, -1, 0)),
        ("z", 90, (-0.5, 1, 0), (0, 0, 1)),
        ("y", 180, (-1, 0.5, 0), (0, 0, -1)),
        ("z", 360, (1, 0.5, 0), (0, 0, 1)),
    ],
)
def test_a_turn_goes_by_the_right_hand_and_quarters_are_exact(axis, degrees, tip, faces):
    (one,) = edits.turn(arrow(), axis, degrees).parts
    assert one.positions[1].tolist() == list(tip)
    assert one.normals.tolist() == [list(faces)] * 3
    assert not np.signbit(one.positions[one.positions == 0]).any()


def test_a_whole_round_comes_back():
    found = arrow()
    for _ in range(4):
        found = edits.turn(found, "z", 90)
    assert found.parts[0].positions.tolist() == arrow().parts[0].positions.tolist()
    for _ in range(8):
        found = edits.turn(found, "z", 45)
    assert np.allclose(found.parts[0].positions, arrow().parts[0].positions, atol=1e-6)


def test_thickness_is_a_share_of_the_height_and_normals_go_along():
    found = edits.thickness(solids.ball(), 0.25)
    low, high = found.bounds()
    assert np.allclose(high - low, (2, 2, 0.5), atol=1e-3)
    (one,) = found.parts
    squares = one.positions.astype(float) / (1, 1, 0.0625)  # the gradient of an ellipsoid
    meant = squares / np.linalg.norm(squares, axis=1, keepdims=True)
    assert np.abs(one.normals - meant).max() < 1e-2


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"edit": "thickness", "share": 0.5}, "no depth"),
        ({"edit": "texture", "picture": "gone"}, "no picture 'gone'"),
        ({"edit": "texture", "picture": "own", "material": "skim"}, "Did you mean skin"),
    ],
)
def test_what_a_model_can_t_be_is_named(edit, why):
    with pytest.raises(StudioError, match=why):
        edited(arrow(), edit, own=Image.new("RGBA", (2, 2), "red"))
    lying = edits.turn(arrow(), "x", 90)
    with pytest.raises(StudioError, match="no height: it is flat. Turn it upright"):
        edits.scale(lying, 1)


def opened(part):
    return Image.open(io.BytesIO(part.material.colour.data))


def test_an_own_texture_takes_the_place_and_keeps_sampler_and_alpha():
    own = Image.new("RGBA", (3, 2), (200, 40, 50, 255))
    own.putpixel((0, 0), (0, 0, 0, 0))
    own.putpixel((2, 1), (10, 20, 30, 90))
    found, remarks = edited(solids.ball(parts=2), {"edit": "texture", "picture": "own"}, own=own)
    assert remarks == ()
    for one in found.parts:
        assert (one.material.colour.nearest, one.material.colour.wrap_s) == (True, "repeat")
        assert one.material.alpha == "mask"
        made = opened(one)
        assert made.mode == "RGBA" and made.size == (3, 2)
        assert made.getpixel((0, 0)) == (200, 40, 50, 0)  # nobody's black is left under it
        assert made.getpixel((2, 1)) == (10, 20, 30, 90)
    found, _ = edited(
        solids.ball(parts=2), {"edit": "texture", "picture": "own", "material": "half 1"}, own=own
    )
    assert [opened(one).size for one in found.parts] == [(4, 4), (3, 2)]


def test_an_opaque_material_shows_no_hidden_colour_and_a_normal_map_is_told():
    whole = solids.box()
    (one,) = whole.parts
    skin = solids.material(alpha="opaque", normal=one.material.colour)
    part = solids.part(one.positions, one.normals, one.uv, one.triangles, skin)
    own = Image.new("RGBA", (4, 4), (200, 40, 50, 255))
    own.putpixel((1, 1), (0, 255, 0, 0))
    found, remarks = edits.texture(Model(parts=(part,), name=""), own)
    assert opened(found.parts[0]).mode == "RGB"
    assert opened(found.parts[0]).getpixel((1, 1)) == (200, 40, 50)
    assert len(remarks) == 2 and "opaque" in remarks[0] and "normal map" in remarks[1]


def test_without_uv_and_with_a_texture_that_is_too_large_it_is_refused():
    (one,) = solids.box().parts
    bare = solids.part(one.positions, one.normals, one.uv * 0, one.triangles, one.material)
    with pytest.raises(StudioError, match="'skin' has no UV"):
        edits.texture(Model(parts=(bare,), name=""), Image.new("RGBA", (2, 2)))
    with pytest.raises(StudioError, match="8,193 x 1 pixels"):
        edits.texture(solids.box(), Image.new("RGBA", (8193, 1)))


def test_a_chain_is_plain_json_and_is_read_again():
    given = [*EACH, {"edit": "texture", "picture": "ab12"}]
    read = edits.checked(given)
    assert said_of(read)[:5] == EACH and edits.checked(said_of(read)) == read
    assert said_of(read)[5] == {"edit": "texture", "picture": "ab12", "material": ""}
    assert edits.checked(read) == read and edits.pictures_of(read) == ("ab12",)
    assert mark(read) == mark(edits.checked(given)) != mark(read[:-1])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("scale", "The edits are 'scale'. Give a list"),
        ([3], "Edit 1 is 3"),
        ([{"edit": "scal"}], "Edit 1: there is no edit 'scal'. Did you mean scale"),
        ([{"edit": "scale"}], "Edit 1: height_m of scale is missing"),
        ([{"edit": "scale", "height": 2}], "scale has no 'height'. Did you mean height_m"),
        ([EACH[0], {"edit": "scale", "height_m": 0}], "Edit 2: height_m is 0. Give a number"),
        ([{"edit": "scale", "height_m": float("nan")}], "height_m is nan"),
        ([{"edit": "pivot", "where": "feat"}], "where is 'feat'. Did you mean feet"),
        ([{"edit": "turn", "axis": ["x"], "degrees": 3}], "axis is"),
        ([{"edit": "decimate", "triangles": 2.5}], "triangles is 2.5. Give a whole number"),
        ([{"edit": "texture", "picture": "a\nb"}], "picture is"),
        ([EACH[0]] * 51, "51 edits. Give at most 50"),
    ],
)
def test_what_can_t_be_is_named_with_its_place_and_remedy(given, why):
    with pytest.raises(StudioError) as refused:
        edits.checked(given)
    assert why in str(refused.value)


def test_a_model_that_no_longer_stands_is_told():
    lying = {"edit": "turn", "axis": "x", "degrees": 90}
    found = edited(solids.box(), lying)
    assert found.remarks == ("Its lowest point is at y = -0.25 m now: set the pivot to feet.",)
    assert edited(solids.box(), lying, {"edit": "pivot", "where": "feet"}).remarks == ()
    assert edited(solids.box(), {"edit": "turn", "axis": "y", "degrees": 45}).remarks == ()


def test_an_empty_model_is_named():
    with pytest.raises(StudioError, match="The model has no points"):
        edits.scale(Model(parts=(), name=""), 1)
