"""What encloses something, and where a surface touches itself."""

from dataclasses import replace

import numpy as np

from studio.props.checks import Closed, closed_of
from studio.props.model import Model, Part
from studio.props.welding import alike, welded
from tests.props.file_models import box, boxes


def cube(x: float, y: float, z: float) -> Part:
    return box(at=(x + 0.5, y, z + 0.5), size=(1, 1, 1))


def test_a_box_whose_sides_share_no_point_is_closed() -> None:
    assert closed_of(Model((box(),))) == Closed(True, True, 0, 0, 0, 1)
    assert closed_of(boxes()) == Closed(True, True, 0, 0, 0, 3)


def test_a_hole_is_seen() -> None:
    part = box()
    holed = replace(part, triangles=part.triangles[1:])
    found = closed_of(Model((holed,)))
    assert (found.closed, found.manifold, found.open_edges) == (False, False, 3)
    assert found.nonmanifold_edges == 0 and found.parts == 1


def test_a_triangle_with_its_front_inside_is_seen() -> None:
    part = box()
    turned = part.triangles.copy()
    turned[0] = turned[0, ::-1]
    found = closed_of(Model((replace(part, triangles=turned),)))
    assert not found.closed and found.open_edges == found.nonmanifold_edges == 3


def test_boxes_that_share_an_edge_are_closed_and_not_manifold() -> None:
    found = closed_of(Model((cube(0, 0, 0), cube(1, 1, 0))))
    assert found == Closed(True, False, 0, 1, 2, 1)


def test_boxes_that_share_a_point_are_closed_and_not_manifold() -> None:
    found = closed_of(Model((cube(0, 0, 0), cube(1, 1, 1))))
    assert found == Closed(True, False, 0, 0, 1, 1)


def test_triangles_without_a_surface_and_loose_points_do_not_count() -> None:
    part = box()
    more = np.concatenate([part.triangles, [[0, 0, 1], [2, 2, 2]]]).astype(np.uint32)
    loose = np.concatenate([part.positions, [[9, 9, 9]]]).astype(np.float32)
    assert closed_of(Model((replace(part, triangles=more, positions=loose),))).manifold
    flat = replace(part, triangles=np.zeros((4, 3), np.uint32))
    assert closed_of(Model((flat,))) == Closed(False, False, 0, 0, 0, 0)
    assert closed_of(Model(())) == Closed(False, False, 0, 0, 0, 0)


def test_rows_are_numbered_as_they_come() -> None:
    number, first = alike(np.array([[2.0, 0.0], [1, 5], [2, -0.0], [0, 0], [1, 5]]))
    assert number.tolist() == [0, 1, 0, 2, 1] and first.tolist() == [0, 1, 3]
    number, first = alike(np.zeros((0, 3)))
    assert len(number) == len(first) == 0
    points, triangles = welded(Model((box(),)))
    assert points.shape == (8, 3) and triangles.shape == (12, 3)
