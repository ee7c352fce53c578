"""Pictures to be judged differ in nothing but what is seen."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.review import pictures


def test_kept_pictures_have_one_size_one_length_and_no_metadata(home, draw):
    small, large = draw(1), draw(2, side=16)
    kept = pictures.keep(home, pictures.shown([small, large]))
    assert kept.size == 16 and len(kept.names) == 32
    for file, name in kept.names.items():
        sent = pictures.read(home, name, kept.length)
        assert len(sent) == kept.length
        assert b"version" not in sent and b"tEXt" not in sent
        with Image.open(io.BytesIO(sent)) as seen:
            seen.verify()
        with Image.open(io.BytesIO(sent)) as seen, Image.open(file) as drawn:
            assert seen.size == (16, 16) and not seen.info
            shown, original = np.asarray(seen), np.asarray(drawn)
            factor = 16 // original.shape[0]
            original = original.repeat(factor, 0).repeat(factor, 1)
            visible = original[..., 3] > 0
            assert (shown[visible] == original[visible]).all()
            assert not shown[~visible].any()  # colours under transparency are gone


def test_padding_is_refused_where_it_can_not_be_made():
    data = pictures.encode(Image.new("RGBA", (4, 4)))
    assert len(pictures.padded(data, len(data) + 20)) == len(data) + 20
    with pytest.raises(ValueError, match="padded"):
        pictures.padded(data, len(data) + 3)


def test_a_picture_that_is_gone_is_named(home, draw):
    kept = pictures.keep(home, pictures.shown([draw(1)]))
    with pytest.raises(StudioError, match="gone"):
        pictures.read(home, "0" * 64, kept.length)
    with pytest.raises(ValueError, match="kept"):
        pictures.read(home, "../../studio.db", kept.length)
    with pytest.raises(StudioError, match="no picture to judge"):
        pictures.keep(home, {})


def test_pictures_are_kept_as_they_would_be_delivered(home, draw):
    def hard(file):
        with Image.open(file) as picture:
            whole = picture.convert("RGBA")
        whole.putalpha(255)
        return whole

    plain, finished = draw(1), replace(draw(2), opened=hard)
    cells = [cell for place, cell in enumerate(plain.files) if place < 2]
    kept = pictures.keep(home, pictures.shown([plain, finished], cells), [finished.files[cells[0]]])
    assert set(kept.names) == {one.files[cell] for one in (plain, finished) for cell in cells}

    def alpha(name):
        with Image.open(io.BytesIO(pictures.read(home, name, kept.length))) as seen:
            return set(np.unique(np.asarray(seen)[..., 3]))

    assert alpha(kept.names[finished.files[cells[0]]]) == {255}
    assert alpha(kept.spoilt[finished.files[cells[0]]]) == {255}
    assert len(alpha(kept.names[plain.files[cells[0]]])) > 10


def test_every_length_is_reached_by_the_same_chunks():
    """The picture stays, however it compresses; names and lengths of chunks are always equal."""
    rng = np.random.default_rng(4)
    small = Image.fromarray(np.full((300, 300, 4), 255, np.uint8), "RGBA")
    large = Image.fromarray(rng.integers(1, 256, (300, 300, 4), np.uint8), "RGBA")
    longest = len(pictures.encode(large))  # several chunks of pixels
    for more in range(pictures.PADDING, pictures.PADDING + 12):
        told = set()
        for picture in (small, large):
            sent = pictures.padded(pictures.encode(picture), longest + more)
            assert len(sent) == longest + more
            told.add(tuple((name, len(body)) for name, body in pictures._chunks(sent)))
            with Image.open(io.BytesIO(sent)) as shown:
                shown.load()
                assert shown.convert("RGBA").tobytes() == picture.tobytes()
        assert len(told) == 1 and [n for n, _ in told.pop()] == [b"IHDR", b"IDAT", b"IEND"]
    tiny = pictures.encode(small)
    for more in range(12, 20):  # as ballots of before were sent
        with Image.open(io.BytesIO(pictures.padded(tiny, len(tiny) + more))) as shown:
            assert shown.convert("RGBA").tobytes() == small.tobytes()
    with pytest.raises(ValueError, match="can't be padded"):
        pictures.padded(tiny, len(tiny) - 1)
