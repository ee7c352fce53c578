"""One palette for all frames: its own colours, and others."""

import numpy as np
from PIL import Image

from studio.sheets import one_palette
from studio.sheets.sheet import of_pictures
from tests.sheets.drawn import noise, walk


def test_own_colours_come_with_the_most_used_first():
    found = one_palette.colours_of(walk())
    assert found[0] == "#3c78c8" and set(found) == {"#f0be8c", "#3c78c8", "#5a3c28"}


def test_more_than_256_and_none_are_no_palette():
    assert one_palette.colours_of(of_pictures("a", [noise(40, 40, 1)])) == ()
    assert one_palette.colours_of(of_pictures("a", [Image.new("RGBA", (4, 4))])) == ()


def test_all_frames_come_into_the_colours_and_keep_their_alpha():
    made = one_palette.in_palette(walk(), ("#000000", "#ffffff"))
    assert made.palette == ("#000000", "#ffffff")
    for frame, before in zip(made.frames, walk().frames, strict=True):
        rgba, old = np.asarray(frame.image), np.asarray(before.image)
        assert (rgba[..., 3] == old[..., 3]).all()
        assert {tuple(one) for one in rgba[rgba[..., 3] > 0][:, :3]} <= {(0, 0, 0), (255,) * 3}
