"""Alpha that is true: key colours compared in all their bits, and none where a header says so."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageFile

from studio.images.formats import opened
from studio.images.remarks import Remark

SEEN = 4  # an alpha below it is seen on no screen
_DEPTH = 24  # where a PNG's header says how many bits a sample has


def keyed(picture: Image.Image, data: bytes) -> Image.Image | None:
    """A PNG as RGBA whose one transparent colour is given in another depth than 8 bits, which
    Pillow passes by; None for any other picture."""
    key = picture.info.get("transparency")
    if picture.format != "PNG" or key is None or len(data) <= _DEPTH:
        return None
    depth = data[_DEPTH]
    if picture.mode == "L" and depth < 8 and isinstance(key, int):
        # Pillow spreads the samples over 0 to 255, but not the key.
        other = _other(picture, key * 255 // (2**depth - 1))
    elif picture.mode == "RGB" and depth == 16 and isinstance(key, tuple):
        # Pillow keeps the high byte of each sample; read the other way round, it gives the low.
        with opened(io.BytesIO(data), ("PNG",)) as low:
            assert isinstance(low, ImageFile.ImageFile)
            low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
            other = Image.new("L", picture.size)
            for name, value in zip("RGB", key, strict=True):
                for half, byte in ((picture, value >> 8), (low, value & 255)):
                    other = ImageChops.lighter(other, _other(half.getchannel(name), byte))
    else:
        return None
    del picture.info["transparency"]
    shown = picture.convert("RGBA")
    shown.putalpha(other)
    return shown


def _other(channel: Image.Image, value: int) -> Image.Image:
    """255 where a channel has another value, 0 where it has this one."""
    return channel.point([0 if level == value else 255 for level in range(256)])


def undone(picture: Image.Image, data: bytes, shown: Image.Image) -> list[Remark]:
    """Makes `shown` opaque where its TGA has an alpha channel that means nothing, and colours whole
    that are multiplied by it."""
    low, high = shown.getchannel("A").getextrema()
    tga = picture.format == "TGA" and picture.mode in ("RGBA", "LA") and len(data) >= 18
    if low == 255 or not tga:
        return []
    depth, bits, kind = data[16], data[17] & 15, _tga_kind(data)
    if kind == 4:
        shown.paste(Image.frombytes("RGBa", shown.size, shown.tobytes()).convert("RGBA"))
        return [Remark("multiplied")]
    if kind not in (0, 1) and low != high and not bits and kind < 3:
        return [Remark("alpha against header")]
    # Of one bit nobody agrees whether it is opacity or transparency.
    one_bit = depth == 16 and picture.mode == "RGBA"
    means_nothing = kind in (0, 1) or (not bits and kind < 3) or (one_bit and high == 0)
    if not means_nothing:
        return []
    shown.putalpha(255)
    return [Remark("no alpha")]


def is_empty(shown: Image.Image) -> bool:
    """Whether nothing of an RGBA picture is seen: it is transparent everywhere."""
    most = shown.getchannel("A").getextrema()[1]
    return isinstance(most, (int, float)) and most < SEEN


def _tga_kind(data: bytes) -> int:
    """What a TGA 2.0 says of its alpha: 0 none, 1 to be ignored, 2 to be kept, 3 alpha, 4 colours
    multiplied by it; -1 where it says nothing."""
    extension = int.from_bytes(data[-26:-22], "little")
    if not data.endswith(b"TRUEVISION-XFILE.\x00") or not 0 < extension < len(data) - 494:
        return -1
    return data[extension + 494]
