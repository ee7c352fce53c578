"""The records of a dataset: a picture of a version, and a file that was refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.images import PLAIN

# Brought in by people; drawn by a style; drawn, then painted over; varied from another picture.
ORIGINS = ("imported", "generated", "painted", "augmented")
CONSENT = ("consent_by", "consent_on", "consent_for", "consent_note")
SHORT_WORDS = 3  # of fewer a caption names a thing and hardly says which: "a gem"
_UNPARTED = re.compile("([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff])")  # Thai, kana, Han


def origin_by(tags: Sequence[str]) -> str:
    """The origin that these tags tell: older versions have no other mark."""
    if "generated" not in tags:
        return "imported"
    return "painted" if "painted over" in tags else "generated"


@dataclass(frozen=True)
class Cut:
    """What a picture was cut from: the file's name as it came and its sha256, the number of the
    frame or cell in it, from 1; its tag, and the grid or the name of the JSON that it was cut by,
    each "" where there is none."""

    file: str
    sha256: str
    number: int
    tag: str = ""
    by: str = ""

    def __str__(self) -> str:
        """In words: "frame 3 of hero.aseprite, tag walk"."""
        what = "cell" if re.match("[0-9]", self.by) else "frame"
        said = f"{what} {self.number} of {self.file}"
        said += f", tag {self.tag}" if self.tag else ""
        return f"{said}, cut by {self.by}" if self.by else said


@dataclass(frozen=True)
class Picture:
    """One picture of a version; `hash` is the sha256 of the file's bytes, `file_name` the path
    inside the imported folder. `caption_by`: "file", "hand", "name" (made from the name), or
    "model: ..." for one that a person took from a model. `origin` is one of ORIGINS, `parent` the
    hash that an augmented picture was made from, `mask` the hash of the file that says where it
    teaches, `mask_by` "hand" where somebody drew, loaded or removed it on the page, `mask_of` the
    hash of the earlier drawing that it was made for, "" for this one. The consent: who gave it,
    when, for what, and a note or where the document lies. `reading` is how its file is read, as
    `studio.images` has it: PLAIN unless what is seen is another picture; `empty`: it is transparent
    everywhere; `cut` is what it was cut from."""

    hash: str
    file_name: str
    caption: str
    category: str
    width: int
    height: int
    has_alpha: bool
    source: str
    author: str
    licence: str
    caption_by: str
    tags: tuple[str, ...] = ()
    origin: str = "imported"
    parent: str = ""
    consent_by: str = ""
    consent_on: str = ""
    consent_for: str = ""
    consent_note: str = ""
    mask: str = ""
    mask_by: str = ""
    mask_of: str = ""
    reading: int = PLAIN
    empty: bool = False
    cut: Cut | None = None

    @property
    def added(self) -> bool:
        """Whether the studio made it: no such picture may stand in a held-out part."""
        return self.origin != "imported"


def caption_words(picture: Picture) -> int:
    """How many words a caption has, as people count them: articles are words, signs by themselves
    are none, and of a script that puts no spaces between words each character is one."""
    parts = _UNPARTED.sub(r" \1 ", picture.caption).split()
    return sum(any(map(str.isalnum, part)) for part in parts)


def short_caption(picture: Picture) -> bool:
    """Whether the caption has fewer than SHORT_WORDS words."""
    return caption_words(picture) < SHORT_WORDS


def without_caption(picture: Picture) -> bool:
    """Whether nobody wrote a caption: words of the file name stand in for it, if it has any."""
    return picture.caption_by == "name"


@dataclass(frozen=True)
class Refusal:
    """A file that was left out, why, and what to do about it."""

    file: str
    reason: str
    remedy: str


def listed(names: Sequence[str], most: int = 5) -> str:
    """The names in a row; of many the first few and how many there are."""
    row = ", ".join(names[:most])
    return row if len(names) <= most else f"{row} and {len(names) - most:,} more"
