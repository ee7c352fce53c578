"""Fewer triangles: as many as were asked for, closed, with the texture where it was."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props.decimation import decimate
from studio.props.model import Model
from tests.props import solids


def on_the_ball(positions):
    """The texture's place at points of the ball, as far as the longitude goes."""
    return np.arctan2(-positions[:, 2], positions[:, 0]) / (2 * np.pi) % 1


@pytest.mark.parametrize("target", [900, 400, 120])
def test_the_number_is_met_and_the_model_stays_closed(target):
    whole = solids.ball()
    assert whole.triangle_count == 1520 and solids.is_closed(whole)
    found, remark = decimate(whole, target)
    assert abs(found.triangle_count - target) <= 0.1 * target and remark == ""
    assert solids.is_closed(found)
    assert solids.volume(found) > 0.8 * solids.volume(whole)


@pytest.mark.parametrize("target", [900, 400, 200])
def test_no_triangle_draws_the_texture_over_the_seam(target):
    found, _ = decimate(solids.ball(), target)
    (one,) = found.parts
    assert one.uv.min() >= 0 and one.uv.max() <= 1
    corners = one.uv[one.triangles]
    away = np.abs(one.positions[one.triangles][..., 1]).max(1) < 0.9  # from the poles
    assert (np.ptp(corners[away][..., 0], axis=1) < 0.5).all()
    middle = np.abs(one.positions[:, 1]) < 0.8
    said, meant = one.uv[middle, 0], on_the_ball(one.positions[middle])
    apart = np.abs(said - meant)
    assert np.minimum(apart, 1 - apart).max() < 0.08
    down = np.arccos(np.clip(one.positions[middle, 1], -1, 1)) / np.pi
    assert np.abs(one.uv[middle, 1] - down).max() < 0.06


def test_seams_stay_where_they_are_where_there_is_room():
    whole = solids.ball(parts=2)
    found, remark = decimate(whole, 800)
    assert remark == "" and [part.material.name for part in found.parts] == ["half 0", "half 1"]

    def rim(model: Model) -> set[tuple[float, ...]]:
        """The places that both halves have."""
        first, second = ({tuple(p) for p in part.positions.tolist()} for part in model.parts)
        return first & second

    assert len(rim(whole)) == 40 and rim(found) == rim(whole)
    assert solids.is_closed(found)
    for before, after in zip(whole.parts, found.parts, strict=True):
        assert after.material is before.material


@pytest.mark.parametrize("target", [500, 100])
def test_a_box_keeps_its_edges_its_flat_faces_and_its_charts(target):
    whole = solids.box(cells=8)
    found, remark = decimate(whole, target)
    assert remark == "" and abs(found.triangle_count - target) <= 0.1 * target
    assert solids.is_closed(found)
    low, high = found.bounds()
    assert np.allclose(low, (-0.5, 0, -0.25), atol=1e-3)
    assert np.allclose(high, (0.5, 2, 0.25), atol=1e-3)
    (one,) = found.parts
    assert np.allclose(np.linalg.norm(one.normals, axis=1), 1, atol=1e-5)
    assert (np.abs(one.normals).max(1) > 0.99).all()
    cell = np.stack([one.uv[..., 0] * 3, one.uv[..., 1] * 2], -1)[one.triangles]
    assert (np.ptp(cell, axis=1) <= 1 + 1e-4).all()  # within one face's part of the texture
    unit = one.positions.astype(float) / (1, 2, 0.5) + (0.5, 0, 0.5)
    axis = np.abs(one.normals).argmax(1)
    row = np.arange(len(axis))
    side = (one.normals[row, axis] > 0).astype(int)
    face = axis * 2 + side
    meant = np.stack(
        [
            (face % 3 + unit[row, (axis + 1) % 3]) / 3,
            (face // 3 + unit[row, (axis + 2) % 3]) / 2,
        ],
        1,
    )
    assert np.abs(one.uv - meant).max() < 0.02


def test_the_same_model_gives_the_same_bytes():
    first, second = (decimate(solids.ball(), 300)[0].parts[0] for _ in range(2))
    for name in ("positions", "normals", "uv", "triangles"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def test_normals_are_units_and_look_outwards():
    (one,) = decimate(solids.ball(), 300)[0].parts
    assert np.allclose(np.linalg.norm(one.normals, axis=1), 1, atol=1e-5)
    assert ((one.normals * one.positions).sum(1) > 0.8).all()


def test_what_is_missed_is_said():
    found, remark = decimate(solids.box(), 4)
    left = found.triangle_count
    assert left == 4 or remark == (
        f"{left:,} triangles are left, not 4: its shape allows none nearer."
    )
    assert solids.is_closed(found)


def test_a_model_of_fewer_triangles_stays_as_it_is():
    whole = solids.box()
    same, remark = decimate(whole, 500)
    assert same is whole and remark == "It has 12 triangles, and none is added."
    assert decimate(whole, 12) == (whole, "")
    with pytest.raises(StudioError, match="3 triangles enclose nothing. Give 4 or more."):
        decimate(whole, 3)


def test_triangles_without_an_area_are_passed_over():
    whole = solids.ball()
    (one,) = whole.parts
    flat = np.concatenate([one.triangles, one.triangles[:50][:, [0, 1, 1]]])
    more = Model(
        parts=(solids.part(one.positions, one.normals, one.uv, flat, one.material),), name=""
    )
    found, remark = decimate(more, 400)
    assert remark == "" and solids.is_closed(found)
    nothing = flat[-50:]
    none = Model(
        parts=(solids.part(one.positions, one.normals, one.uv, nothing, one.material),), name=""
    )
    with pytest.raises(StudioError, match="No triangle of the model has an area"):
        decimate(none, 10)
