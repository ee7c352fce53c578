"""Sizes as people write them, on the grid that bases draw on, and what is said of them."""

import pytest
from PIL import Image

from studio.diffusion import sizes
from studio.diffusion.sizes import Size
from studio.errors import StudioError


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("48", Size(48, 48)),
        ("32x48", Size(32, 48)),
        (" 160 × 90 ", Size(160, 90)),
        ("32X48", Size(32, 48)),
        ("hero", None),
        ("32x", None),
        ("32x48x2", None),
        ("-32x48", None),
        ("٣٢", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_a_size_is_read_as_people_write_it(written: str, size: Size | None) -> None:
    assert sizes.read(written) == size


@pytest.mark.parametrize(("written", "said"), [("7", "width is 7"), ("32x2049", "height is 2,049")])
def test_a_side_that_no_base_draws_is_named(written: str, said: str) -> None:
    with pytest.raises(StudioError, match=said) as refused:
        sizes.read(written)
    assert "8 to 2,048" in refused.value.remedy


def test_what_the_grid_can_not_hold_is_the_middle_of_the_next_larger_size() -> None:
    assert sizes.on_grid(Size(160, 90)) == Size(160, 96)
    assert sizes.on_grid(Size(32, 48)) == Size(32, 48)
    drawn = Image.new("L", (16, 16))
    drawn.putdata(range(256))
    cut = sizes.cropped(drawn, Size(10, 12))
    assert cut.size == (10, 12) and cut.getpixel((0, 0)) == 2 * 16 + 3
    assert sizes.cropped(drawn, Size(16, 16)) is drawn


def test_sizes_that_a_version_draws_badly_are_told_with_a_better_one() -> None:
    assert sizes.remarks(Size(32, 48), 32) == []
    assert sizes.remarks(Size(768, 512), 512) == []
    small = sizes.remarks(Size(32, 48), 512)
    assert small == [
        "32 x 48 is far smaller than the 512 px a side that this draws best. "
        "Draw 256 x 384 and download it at 1/8."
    ]
    (large,) = sizes.remarks(Size(160, 96), 32)
    assert "far larger than the 32 px a side" in large
    assert "drawn as 160 x 96" in sizes.remarks(Size(160, 90), 160)[0]
