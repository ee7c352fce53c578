"""Posters: framed, on nothing, the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import posters
from tests.props.drawn_models import RED, ball, box, material, model, sprite, texture


@pytest.mark.parametrize(
    "shown",
    [
        box(material(texture(sprite()), alpha="mask", double_sided=True)),
        box(material(rgb=RED), wide=0.1, tall=3.0),
        box(material(rgb=RED), wide=3.0, tall=0.1),
        ball(12, material(rgb=RED), radius=40.0),
    ],
)
def test_the_whole_model_is_on_it(shown):
    found = np.asarray(posters.poster(shown, 96))
    assert found.shape == (96, 96, 4)
    rows, columns = (np.flatnonzero(found[..., 3].any(axis)) for axis in (1, 0))
    ends = [rows[0], columns[0], 95 - rows[-1], 95 - columns[-1]]
    assert min(ends) >= 4  # of 96 six hundredths
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) >= 80
    assert np.array_equal(found, np.asarray(posters.poster(shown, 96)))


def test_what_has_nothing_to_show_is_named():
    with pytest.raises(StudioError, match="has no triangle"):
        posters.poster(model())
