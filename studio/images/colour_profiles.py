"""Colours brought to sRGB by the profile of their file; alpha stays as it is.

A profile that changes no colour to be seen is not applied, so that sRGB under any of its names
keeps every number. The rendering intent is perceptual, as viewers have it.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from studio.images.described_colours import Colours
from studio.images.remarks import Remark

UNSEEN = 2  # levels of 255 that a profile may change without being applied


def convert(shown: Image.Image, colours: Colours, *, grey: bool) -> list[Remark]:
    """Brings an RGBA picture to sRGB in place; `grey`: its file has one channel of colour."""
    profile = _profile(colours)
    space = profile.profile.xcolor_space.strip() if profile else ""
    if profile is None or space not in (("RGB", "GRAY") if grey else ("RGB",)):
        return [Remark("profile unread")]
    modes = ("L", "RGB") if space == "GRAY" else ("RGBA", "RGBA")
    try:
        transform = _transform(profile, *modes)
        if _changes_nothing(transform, space == "GRAY"):
            return []
        if space == "GRAY":
            alpha = shown.getchannel("A")
            shown.paste(transform.apply(shown.getchannel("R")))
            shown.putalpha(alpha)
        else:
            transform.apply_in_place(shown)
    except ImageCms.PyCMSError:
        return [Remark("profile unread")]
    return [Remark("profile", colours.name)]


def printed(picture: Image.Image, colours: Colours | None) -> tuple[Image.Image, list[Remark]]:
    """A picture in CMYK or Lab as RGBA; CMYK without a profile as ink takes light away."""
    if picture.mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        seen = _transform(lab, "LAB", "RGB").apply(picture)
        return seen.convert("RGBA"), [Remark("profile", "Lab")]
    profile = _profile(colours) if colours else None
    if profile and colours and profile.profile.xcolor_space.strip() == "CMYK":
        try:
            seen = _transform(profile, "CMYK", "RGB").apply(picture)
            return seen.convert("RGBA"), [Remark("profile", colours.name)]
        except ImageCms.PyCMSError:
            pass
    told = Remark("profile unread") if colours else Remark("ink")
    return picture.convert("RGB").convert("RGBA"), [told]


def _profile(colours: Colours) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(colours.profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _transform(profile: ImageCms.ImageCmsProfile, mode: str, to: str) -> ImageCms.ImageCmsTransform:
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(profile, srgb, mode, to, ImageCms.Intent.PERCEPTUAL)


def _changes_nothing(transform: ImageCms.ImageCmsTransform, grey: bool) -> bool:
    steps = np.arange(0, 256, 1 if grey else 17, dtype=np.uint8)
    if grey:
        probe = Image.fromarray(steps[None])
    else:
        cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
        probe = Image.fromarray(np.ascontiguousarray(cube), "RGB").convert("RGBA")
    after = np.asarray(transform.apply(probe)).astype(np.int16)
    before = np.asarray(probe.convert("RGB" if grey else "RGBA")).astype(np.int16)
    return bool(np.abs(after - before).max() <= UNSEEN)
