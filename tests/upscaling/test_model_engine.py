"""Models draw: parts as of the whole, every factor exactly sized, alpha, and odd pictures."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.upscaling import model_engine, model_pictures, models, networks
from studio.upscaling.engine import Block, Own
from studio.upscaling.grid import Box
from studio.upscaling.methods import InMemory
from studio.upscaling.model_pictures import Modelled, Stored, modelled
from studio.upscaling.sizes import Target
from tests.upscaling import small_models
from tests.upscaling.strips import painted, sprite, whole


def quiet(done, all) -> None:
    """A step that goes on."""


@pytest.fixture(scope="module")
def anime(tmp_path_factory):
    found = models.named(tmp_path_factory.mktemp("home"), "animevideov3")
    return networks.load(found, threads=1)


@pytest.fixture(scope="module")
def compact(tmp_path_factory):
    """Our own, which sees 3 pixels around each, in small pieces."""
    network = networks.TorchNetwork(small_models.compact(tmp_path_factory.mktemp("m")), "cpu")
    network.piece = 24
    return network


def apart(one, other):
    return int(np.abs(one.astype(int) - other).max())


def test_ncnn_gives_the_same_again_and_another_picture_of_another(anime) -> None:
    rgba = painted(40, 36)
    made = [whole(model_engine.enlarge, rgba, Target(144, 160), anime) for _ in range(3)]
    assert np.array_equal(made[0], made[1]) and np.array_equal(made[0], made[2])
    other = whole(model_engine.enlarge, painted(40, 36, seed=9), Target(144, 160), anime)
    assert apart(other, made[0]) > 30
    assert (made[0][..., 3] == 255).all()
    # It is the picture: brought back to its size, it is near what it was.
    again = Image.fromarray(made[0], "RGBA").resize((36, 40), Image.Resampling.BOX)
    assert np.abs(np.asarray(again).astype(int) - rgba).mean() < 8


@pytest.mark.parametrize("which", ["anime", "compact"])
def test_any_part_is_as_of_the_whole(which, request, monkeypatch) -> None:
    network = request.getfixturevalue(which)
    rgba = painted(90, 110)
    rgba[20:50, 30:70, 3] = 0
    rgba[50:60, :, 3] = 130
    monkeypatch.setattr(network, "piece", 1000)
    drawn = Modelled(Stored(InMemory(rgba)), network).part(0, 0, 440, 360)
    monkeypatch.setattr(network, "piece", 37)
    parts = Modelled(Stored(InMemory(rgba)), network)
    for left, top, wide, high in ((0, 0, 440, 360), (3, 5, 1, 1), (101, 77, 200, 160)):
        part = parts.part(left, top, wide, high)
        assert part.shape == (high, wide, 4)
        assert apart(part, drawn[top : top + high, left : left + wide]) <= 1


@pytest.mark.parametrize(
    "size", [(80, 60), (40, 30), (33, 70), (20, 15), (10, 7), (90, 61), (160, 120), (200, 150)]
)
def test_every_size_is_exact_and_the_whole_of_its_parts(compact, size) -> None:
    rgba = painted(15, 20)
    rgba[4:9, 6:12, 3] = 0
    made = whole(model_engine.enlarge, rgba, Target(*size), compact)
    assert made.shape == (size[1], size[0], 4)
    picture = modelled(Stored(InMemory(rgba)), Target(*size), compact)
    wide, high = size[0] // 3 + 1, size[1] // 2 + 1
    part = picture.part(size[0] - wide, 0, wide, high)
    assert apart(part, made[:high, size[0] - wide :]) <= 1


def test_a_whole_factor_is_drawn_and_never_reduced(compact) -> None:
    rgba = painted(15, 20)
    plain = Modelled(Stored(InMemory(rgba)), compact).part(0, 0, 80, 60)
    assert np.array_equal(whole(model_engine.enlarge, rgba, Target(80, 60), compact), plain)
    assert [model_pictures.times(w, 4) for w in (0.3, 1, 3, 4, 4.05, 4.5, 16, 17)] == [
        1,
        1,
        1,
        1,
        1,
        2,
        2,
        3,
    ]


def test_a_wrapped_picture_moved_gives_the_result_moved(compact) -> None:
    rgba = painted(30, 34)
    size = Target(136, 120)
    made = whole(model_engine.enlarge, rgba, size, compact, wrap="xy")
    moved = whole(model_engine.enlarge, np.roll(rgba, (7, 9), (0, 1)), size, compact, wrap="xy")
    assert apart(moved, np.roll(made, (28, 36), (0, 1))) <= 1
    plain = whole(model_engine.enlarge, rgba, size, compact)
    assert apart(plain, made) > 2


def block(rgba, box, size, context=48):
    """A block of a source enlarged to `size`, with its own pixels as passes cut them."""
    high, wide = rgba.shape[:2]
    x, y = size.width / wide, size.height / high
    left, top = (max(0, math.floor(n) - context) for n in (box.left / x, box.top / y))
    right = min(wide, math.ceil(box.right / x) + context)
    bottom = min(high, math.ceil(box.bottom / y) + context)
    seen = Image.fromarray(np.ascontiguousarray(rgba[top:bottom, left:right]), "RGBA")
    given = Own(seen, left, top, (wide, high), size)
    picture = Image.new("RGBA", (box.width, box.height), (0, 0, 0, 77))
    return Block("main-1", picture, box, "", "", 0, 0.0, own=given)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scale", [4, 2, 3, 4.1, 5.3, 6, 8, pytest.param(17, marks=pytest.mark.slow)]
)
def test_blocks_are_parts_of_the_whole(compact, scale) -> None:
    high, wide = (120, 100) if scale < 10 else (60, 50)
    rgba = painted(high, wide)
    size = Target(round(wide * scale), round(high * scale))
    made = whole(model_engine.enlarge, rgba, size, compact)
    engine = model_engine.ModelEngine(compact)
    told = []
    side = round(0.4 * wide * scale)
    right, bottom = size.width - side, size.height - side
    boxes = [Box(0, 0, side, side), Box(side - 3, side + 7, side, side)]
    blocks = [block(rgba, box, size) for box in (*boxes, Box(right, bottom, side, side))]
    drawn = engine.draw(blocks, lambda done, all: told.append((done, all)))
    assert list(dict.fromkeys(told)) == [(0, 3), (1, 3), (2, 3), (3, 3)] and engine.batch == 1
    for one, picture in zip(blocks, drawn, strict=True):
        assert picture.mode == "RGBA" and picture.size == (one.box.width, one.box.height)
        part = made[one.box.top : one.box.bottom, one.box.left : one.box.right]
        assert apart(np.asarray(picture), part) <= 1


def test_a_block_between_pixels_and_of_rgb_alone(compact) -> None:
    rgba, box, size = painted(60, 50), Box(41, 50, 80, 64), Target(200, 240)
    one = block(rgba, box, size)
    assert one.own is not None
    rgb = replace(one.own, picture=one.own.picture.convert("RGB"))
    (drawn,) = model_engine.ModelEngine(compact).draw([replace(one, own=rgb)], quiet)
    assert drawn.size == (80, 64) and drawn.getchannel("A").getextrema() == (77, 77)
    shown = Image.fromarray(rgba, "RGBA").convert("RGB")
    large = shown.resize((200, 240), Image.Resampling.LANCZOS)
    plain = large.crop((box.left, box.top, box.right, box.bottom))
    # The random model adds little to what it enlarges, so that a shift would be seen.
    assert np.abs(np.asarray(drawn)[..., :3].astype(int) - np.asarray(plain)).mean() < 40


def test_a_step_that_raises_goes_through(compact) -> None:
    def stop(done, all):
        raise KeyboardInterrupt

    one = block(painted(20, 20), Box(0, 0, 40, 40), Target(80, 80))
    with pytest.raises(KeyboardInterrupt):
        model_engine.ModelEngine(compact).draw([one, one], stop)


@pytest.mark.parametrize("which", ["anime", "compact"])
def test_it_is_asked_at_every_layer_whether_to_go_on(which, request) -> None:
    network, asked = request.getfixturevalue(which), []
    one = block(painted(20, 20), Box(0, 0, 80, 80), Target(80, 80))
    (whole_,) = model_engine.ModelEngine(network).draw([one], quiet)

    def stop(done, all):
        asked.append(done)
        if len(asked) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model_engine.ModelEngine(network).draw([one], stop)
    assert asked == [0, 0, 0]
    (again,) = model_engine.ModelEngine(network).draw([one], quiet)
    assert again.tobytes() == whole_.tobytes() and len(asked) == 3


def test_what_are_no_numbers_is_told(compact, monkeypatch) -> None:
    monkeypatch.setattr(
        compact, "enlarged", lambda planes: np.full((3, 80, 80), np.nan, np.float32)
    )
    one = block(painted(20, 20), Box(0, 0, 80, 80), Target(80, 80))
    assert model_engine.ModelEngine(compact).draw([one], quiet) == [None]
    with pytest.raises(StudioError, match="no numbers at 0, 0"):
        whole(model_engine.enlarge, painted(20, 20), Target(80, 80), compact)


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_rgba_models(tmp_path, channels) -> None:
    network = networks.TorchNetwork(small_models.compact(tmp_path, channels=channels), "cpu")
    assert network.channels == channels
    rgba = painted(20, 18)
    rgba[:10, :, 3] = 0
    made = whole(model_engine.enlarge, rgba, Target(72, 80), network)
    assert made.shape == (80, 72, 4)
    assert (made[:36, :, 3] == 0).all() and (made[44:, :, 3] == 255).all()
    assert (made[:36] == 0).all()


def test_models_of_two_and_of_many_layers_draw(tmp_path) -> None:
    for file, factor in ((small_models.span(tmp_path), 2), (small_models.esrgan(tmp_path), 4)):
        network = networks.TorchNetwork(file, "cpu")
        assert network.factor == factor
        for size in ((9, 5), (1, 1)):
            rgba = painted(size[1], size[0])
            made = whole(model_engine.enlarge, rgba, Target(size[0] * 3, size[1] * 3), network)
            assert made.shape == (size[1] * 3, size[0] * 3, 4)


@pytest.mark.parametrize("which", ["anime", "compact"])
def test_alpha_is_where_it_was_and_hidden_colours_never_show(which, request) -> None:
    network = request.getfixturevalue(which)
    rgba = sprite(40, 36)
    other = rgba.copy()
    other[other[..., 3] == 0, :3] = (255, 0, 255)
    size = Target(144, 160)
    made = whole(model_engine.enlarge, rgba, size, network)
    assert np.array_equal(whole(model_engine.enlarge, other, size, network), made)
    alpha = rgba[..., 3].repeat(4, 0).repeat(4, 1)
    inner = np.asarray(Image.fromarray(alpha).resize((144, 160), Image.Resampling.BOX))
    far = np.zeros_like(inner, bool)
    far[:4] = far[-4:] = far[:, :4] = far[:, -4:] = True
    assert (made[far & (inner == 0)] == 0).all()
    assert made[80, 72, 3] == 255
    if which == "anime":
        assert abs(int((made[..., 3] > 127).sum()) - int((alpha > 127).sum())) < alpha.size * 0.02


def test_an_empty_picture_stays_empty_and_is_not_drawn(compact, monkeypatch) -> None:
    monkeypatch.setattr(compact, "enlarged", lambda planes: pytest.fail("nothing is to be drawn"))
    made = whole(model_engine.enlarge, np.zeros((9, 7, 4), np.uint8), Target(28, 36), compact)
    assert made.shape == (36, 28, 4) and not made.any()


def odd_pictures():
    """Files that need a reader with care, by what is odd."""
    shown = Image.fromarray(painted(14, 22), "RGBA")
    deep = Image.fromarray((np.arange(22 * 14).reshape(14, 22) * 200).astype(np.uint16))
    palette = Image.fromarray(sprite(14, 22), "RGBA").quantize(8)
    exif = Image.Exif()
    exif[0x0112] = 6
    wide, dot = Image.new("RGB", (700, 2), "red"), Image.new("RGBA", (1, 1), (9, 8, 7, 255))
    rgb = shown.convert("RGB")
    return {
        "16-bit": (deep, "PNG", {}),
        "CMYK": (rgb.convert("CMYK"), "TIFF", {}),
        "palette with transparency": (palette, "PNG", {"transparency": 0}),
        "animated": (rgb, "GIF", {"save_all": True, "append_images": [rgb.rotate(90)]}),
        "turned": (rgb, "JPEG", {"exif": exif}),
        "transparent": (Image.new("RGBA", (9, 5)), "PNG", {}),
        "strip": (wide, "PNG", {}),
        "dot": (dot, "PNG", {}),
        "grey": (rgb.convert("LA"), "PNG", {}),
    }


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_are_enlarged(name, compact, anime) -> None:
    picture, format, more = odd_pictures()[name]
    file = io.BytesIO()
    picture.save(file, format, **more)
    seen = images.decode(file.getvalue(), name)
    rgba = np.asarray(seen)
    size = Target(seen.width * 4, seen.height * 4)
    for network in (compact, anime):
        made = whole(model_engine.enlarge, rgba, size, network)
        assert made.shape == (size.height, size.width, 4)
        assert bool(made[..., 3].any()) == bool(rgba[..., 3].any())
    if name == "turned":
        assert (seen.width, seen.height) == (picture.height, picture.width)


def test_a_model_that_is_gone_or_broken_is_named(tmp_path, compact) -> None:
    file = small_models.compact(tmp_path)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(StudioError, match="can't be loaded"):
        networks.TorchNetwork(file, "cpu")
    torn = tmp_path / "torn.bin"
    torn.write_bytes(b"0")
    torn.with_suffix(".param").write_text("no network\n")
    with pytest.raises(StudioError, match=r"torn\.bin can't be read"):
        networks.NcnnNetwork(torn, 4, 100, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x4plus-anime", "x4plus"])
def test_the_large_ones_draw(name, tmp_path) -> None:
    network = networks.load(models.named(tmp_path, name))
    rgba = painted(24, 28)
    made = whole(model_engine.enlarge, rgba, Target(112, 96), network)
    again = Image.fromarray(made, "RGBA").resize((28, 24), Image.Resampling.BOX)
    assert np.abs(np.asarray(again).astype(int) - rgba).mean() < 12
