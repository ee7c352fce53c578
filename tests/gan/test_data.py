"""Pictures of a GAN: folders in place, classes, what is left out, order, what alpha hides."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from studio.errors import StudioError
from studio.gan import data, frames
from studio.gan.data import Asked, Order
from studio.gan.pixels import as_numbers, as_picture, prepared
from tests.gan import drawn_sprites

ASKED = Asked((16, 16), 4, "nearest", (128, 128, 128))


def gathered(place, asked=ASKED, **more):
    found, lines = frames.find(place), []
    pictures = data.gather(found.open, found.classes, asked, lines.append, **more)
    return pictures, " ".join(lines)


def test_folders_are_classes_and_are_read_in_place(tmp_path):
    drawn_sprites.folder(tmp_path, 40)
    pictures, said = gathered(tmp_path)
    assert pictures.names == ("gems", "rocks") and pictures.shares == (0.5, 0.5)
    assert "40 pictures are few" in said
    taken = pictures.take([0, 21])
    assert taken.shape == (2, 4, 16, 16) and taken.dtype == torch.uint8
    with Image.open(tmp_path / "gems" / "0001.png") as first:
        assert as_picture(as_numbers(taken)[0]).tobytes() == _clear(first).tobytes()
    # Too large to be held, each is opened when it is needed: the same bytes.
    aside, _ = gathered(tmp_path, held=0)
    assert aside.held is None and torch.equal(aside.take([0, 21]), taken)


def _clear(picture):
    """RGBA with black under what is transparent."""
    return picture.convert("RGBA").convert("RGBa").convert("RGBA")


def test_a_table_says_the_classes(tmp_path):
    drawn_sprites.folder(tmp_path, 20, classes=False)
    rows = [{"file_name": f"{k:04d}.png", "kind": "odd" if k % 2 else "even"} for k in range(19)]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = frames.find(tmp_path, "kind")
    assert Counter(found.classes) == {"even": 10, "odd": 9, "": 1}
    with pytest.raises(StudioError, match="has no column label. It has: file_name, kind"):
        frames.find(tmp_path, "label")
    (tmp_path / "metadata.jsonl").unlink()
    with pytest.raises(StudioError, match="has no metadata.csv or metadata.jsonl"):
        frames.find(tmp_path, "kind")


def test_what_can_not_be_used_is_left_out_and_named(tmp_path):
    drawn_sprites.folder(tmp_path, 20, classes=False)
    Image.new("RGBA", (16, 16)).save(tmp_path / "empty.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    pictures, said = gathered(tmp_path)
    assert len(pictures) == 20
    assert "2 pictures were left out" in said and "broken.png" in said and "transparent" in said
    # Of a folder that is not decoded at once the next one stands in.
    aside, _ = gathered(tmp_path, held=0)
    taken = aside.take(range(22))
    assert (taken[:, 3].amax((1, 2)) > 0).all() and len(aside.left_out) == 2


@pytest.mark.parametrize("count, said", [(1, "There is 1 picture to"), (9, "There are 9 pictures")])
def test_too_few_are_refused(tmp_path, count, said):
    drawn_sprites.folder(tmp_path, count)
    with pytest.raises(StudioError, match=said):
        gathered(tmp_path)


def test_folders_that_are_none_are_named(tmp_path):
    with pytest.raises(StudioError, match="There is no folder"):
        frames.find(tmp_path / "no")
    with pytest.raises(StudioError, match="holds no pictures") as refused:
        frames.find(tmp_path)
    assert "ffmpeg" in refused.value.remedy


def test_one_class_is_no_classes(tmp_path):
    drawn_sprites.folder(tmp_path / "rocks", 20, classes=False)
    assert gathered(tmp_path)[0].names == ()
    with pytest.raises(StudioError, match="class_conditional is yes, and the pictures have one cl"):
        gathered(tmp_path, conditional="yes")
    drawn_sprites.folder(tmp_path / "few", 2, classes=False)
    pictures, said = gathered(tmp_path)
    assert pictures.names == ("few", "rocks") and "few (2)" in said
    assert gathered(tmp_path, conditional="no")[0].names == ()


def test_frames_of_mixed_sizes_keep_their_shape():
    wide = Image.new("RGBA", (200, 100), (255, 0, 0, 255))
    wide.paste((0, 0, 255, 255), (75, 25, 125, 75))  # a square in its middle
    whole = prepared(wide, (128, 96), 4, "lanczos", (0, 0, 0))
    assert whole.shape == (4, 96, 128) and whole[3, 0, 0] == 0  # transparent above and below
    covered = prepared(wide, (128, 96), 3, "lanczos", (0, 0, 0))
    blue = covered[2] > 128
    rows, columns = np.flatnonzero(blue.any(1)), np.flatnonzero(blue.any(0))
    assert abs(len(rows) - len(columns)) <= 1  # and it stayed one


def test_what_hides_under_alpha_0_is_not_seen():
    picture = drawn_sprites.sprite(3)
    noisy = np.array(picture)
    hidden = noisy[..., 3] == 0
    noisy[hidden, :3] = np.random.default_rng(0).integers(0, 255, (int(hidden.sum()), 3))
    for channels in (3, 4):
        first, second = (
            prepared(one, (16, 16), channels, "nearest", (9, 9, 9))
            for one in (picture, Image.fromarray(noisy, "RGBA"))
        )
        assert (first == second).all()


def test_each_picture_is_shown_once_an_epoch_in_sets_smaller_than_a_batch_too():
    order = Order(12, 8, seed=1)
    shown = [place for step in range(1, 4) for place in order.places(step)]
    assert sorted(shown[:12]) == sorted(shown[12:24]) == list(range(12))
    assert [order.epoch(step) for step in (1, 2, 3)] == [0, 1, 2]
    small = Order(3, 8, seed=1).places(1)
    assert len(small) == 8 and sorted(small[:3]) == [0, 1, 2]
    assert Order(12, 8, 2).places(1) != order.places(1) == Order(12, 8, 1).places(1)


def test_batches_that_are_decoded_ahead_are_the_same(tmp_path):
    drawn_sprites.folder(tmp_path, 30)
    held, aside = gathered(tmp_path)[0], gathered(tmp_path, held=0)[0]
    order = Order(30, 8, 0)
    both = [list(data.batches(one, order, 2, 9)) for one in (held, aside)]
    assert len(both[0]) == 8
    for (first, ids), (second, other) in zip(*both, strict=True):
        assert torch.equal(first, second) and torch.equal(ids, other)


def test_steps_are_not_read_further_than_they_are_wanted(tmp_path):
    drawn_sprites.folder(tmp_path, 30)
    aside = gathered(tmp_path, held=0)[0]
    opened = []
    inner = aside.open
    aside.open = lambda place: (opened.append(place), inner(place))[1]
    stream = data.batches(aside, Order(30, 8, 0), 1, 1000)
    next(stream)
    stream.close()
    assert len(opened) <= 8 * (data.AHEAD + 1)
