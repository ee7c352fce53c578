"""What is to be told of a picture that was not simply taken as its numbers are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# What was only noticed: it does not change how the picture is read.
NOTICED = ("frames", "empty", "profile unread", "ink", "icon", "alpha against header")


@dataclass(frozen=True)
class Remark:
    """`kind` is a key of TOLD, `detail` a number or name that belongs into its sentence."""

    kind: str
    detail: str = ""

    @property
    def changes(self) -> bool:
        """Whether the picture is another one than its plain numbers make."""
        return self.kind not in NOTICED


# Once for all pictures of an import, and once for each.
TOGETHER = {
    "profile": "Colours were converted to sRGB from {detail}: {names}.",
    "profile unread": "Colour profiles that can't be read were passed over: {names}.",
    "ink": "Colours of ink (CMYK) that name no profile were converted to a screen's: {names}.",
    "key": "One colour is transparent, as the file says: {names}.",
}
APART = {
    "frames": "{name} has {detail} frames; the first one is learned.",
    "default": "{name} has {detail} frames and before them a picture that no viewer shows; "
    "the first frame is learned.",
    "late": "{name} begins with frames on which nothing is seen; frame {detail} is learned.",
    "page": "{name} begins with a small copy of its picture; the picture itself is learned.",
    "empty": "{name} is wholly transparent: nothing of it is seen, and nothing is learned from it.",
    "icon": "{name} calls itself {detail} pixels, which the picture in it is not; viewers differ, "
    "and the picture is taken as it is.",
    "passed over": "{name} leaves pixels out, as a BMP in run lengths may: they are transparent.",
    "no alpha": "{name} has an alpha channel that means nothing, by its header: it is opaque.",
    "alpha against header": "{name} has an alpha although its header says that it has none; "
    "it is kept.",
    "turn": "{name} is told to be turned in XMP or text alone, where no viewer looks: it is not.",
    "bits": "{name} has {detail} bits a channel; they are shown by their whole range.",
    "multiplied": "{name} has colours multiplied by its alpha, by its header; that is undone.",
    "clipped": "{name} has values above 1; they are shown as 1.",
    "scaled": "{name} has values up to {detail}; they are shown as shares of that.",
}


def sentences(found: Iterable[tuple[str, Iterable[Remark]]], most: int = 5) -> list[str]:
    """What to tell of pictures, given by name with their remarks."""
    apart: list[str] = []
    together: dict[str, tuple[dict[str, None], list[str]]] = {}
    for name, remarks in found:
        for remark in remarks:
            if remark.kind in APART:
                apart.append(APART[remark.kind].format(name=name, detail=remark.detail))
            else:
                details, names = together.setdefault(remark.kind, ({}, []))
                details[remark.detail] = None
                names.append(name)
    told = []
    for kind, (details, names) in together.items():
        row = ", ".join(names[:most]) + f" and {len(names) - most:,} more" * (len(names) > most)
        *others, last = details
        detail = f"{', '.join(others)} and {last}" if others else last
        told.append(TOGETHER[kind].format(detail=detail, names=row))
    return [*told, *apart]
