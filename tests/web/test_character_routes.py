"""The pose of a cell by address."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.web import character_routes


@pytest.fixture
def client():
    return TestClient(Starlette(routes=character_routes.ROUTES))


def test_it_is_the_skeleton_of_the_cell(client):
    answer = client.get("/picture/pose/walk/east/3?heads=3")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (192, 192) and np.asarray(picture.convert("L")).max() > 0
    other = client.get("/picture/pose/walk/east/4?heads=3")
    assert other.content != answer.content


def test_one_that_there_is_not_is_named(client):
    for address in ("walk/up/3", "walk/east/9", "walk/east/x", "walk/east/3?heads=90"):
        answer = client.get(f"/picture/pose/{address}")
        assert answer.status_code in (400, 404, 422), address
