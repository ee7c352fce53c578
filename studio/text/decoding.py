"""Text and names whose encoding nobody declared: read as what they most likely are, or refused.

A byte order mark decides, then UTF-8. What is neither is read in every encoding of `encodings`,
and the one counts that needs the fewest bits. Where another needs hardly more, or each too many
for a text, nothing is guessed.

Not covered: a word or two of one encoding may be valid UTF-8, or ASCII, by accident.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.text import encodings
from studio.text.encodings import Encoding

MOST = 14.0  # bits on average, of the characters beyond ASCII
MARGIN = 3.0  # bits to the next best
UNLIKELY = 10.0  # bits for UTF-8 where it is valid, and against UTF-16 without a zero byte
ANSI = 4.0  # bits against encodings in which zips seldom name their files
SAMPLE = 8_000  # bytes of a file that are looked at
SOME = 200  # files or names, likewise

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x1f]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    # The joiners belong to emoji and to scripts of their own; beside ASCII they are an accident.
    "|(?:(?<=[\x00-\x7f])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|$)"
)


@dataclass(frozen=True)
class Decoded:
    """A text and how it was read: "" where it was UTF-8 or declared, else the encoding's name."""

    text: str
    read_as: str


def read_text(path: Path, name: str = "") -> Decoded:
    """A file's text; StudioError, beginning with `name` (else the path), where it can't be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StudioError(
            f"{name or path}: the file can't be read ({error.strerror or error}).",
            "Check its permissions.",
        ) from error
    return decode(data, name or str(path))


def decode(data: bytes, name: str, likely: str = "") -> Decoded:
    """The text of a file in NFC, without characters that nobody sees.

    `likely` is the encoding that its neighbours have, as `read_as`; it decides where the text
    itself does not. StudioError, beginning with `name`, where its encoding can't be told.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(cleaned(data[len(mark) :].decode(codec)), "")
            except UnicodeDecodeError as error:
                raise _unreadable(name, data, error.start + len(mark), codec.upper()) from error
    try:
        text = data.decode("utf-8")
        if not _doubtful(text):
            return Decoded(cleaned(text), "")
    except UnicodeDecodeError as error:
        if _damaged(data):
            raise _unreadable(name, data, error.start, "UTF-8") from error
    found = _ranked([_sample(data)], encodings.FILES)
    near = [one for bits, one in found if bits - found[0][0] < MARGIN]
    near = [one for bits, one in found if one.name == likely] or near
    try:
        (encoding,) = near
        return Decoded(cleaned(data.decode(encoding.codec)), _said(encoding))
    except ValueError as error:  # none or several, or the rest of the file is in none
        at = next((k for k, byte in enumerate(data) if byte > 127 or not byte), 0)
        raise _unreadable(name, data, at, "UTF-8") from error


def likely(files: Sequence[bytes]) -> str:
    """The encoding, as `read_as`, of files that were written together and are no UTF-8; "" where
    it can't be told from all of them either."""
    found = _ranked([_sample(data) for data in files[:SOME]], encodings.FILES)
    if not found or (len(found) > 1 and found[1][0] - found[0][0] < MARGIN):
        return ""
    return _said(found[0][1])


def decode_names(names: Sequence[bytes]) -> tuple[list[str], str]:
    """Names that were written by one program, as texts in NFC, and how they were read: "" as
    UTF-8, else the encoding that fits all of them best. Where none does, they hold U+FFFD."""
    try:
        texts = [name.decode("utf-8") for name in names]
        if not any(map(_doubtful, texts)):
            return [cleaned(text) for text in texts], ""
    except UnicodeDecodeError:
        pass
    for _, encoding in _ranked(names[:SOME], (*encodings.DOS, *encodings.FILES)):
        try:
            return [cleaned(name.decode(encoding.codec)) for name in names], _said(encoding)
        except UnicodeDecodeError:
            continue
    return [cleaned(name.decode("utf-8", "replace")) for name in names], ""


def cleaned(text: str) -> str:
    """The text in NFC (some systems store accents as letters of their own), without zero-width
    and other characters that nobody sees."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def in_a_line(text: str) -> str:
    """What another program said, in one line that databases and logs take: control characters and
    halves of surrogate pairs are blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _unreadable(name: str, data: bytes, at: int, codec: str) -> StudioError:
    line = data[:at].count(b"\n") + 1
    return StudioError(
        f"{name}, line {line}: the text is not {codec}, and which encoding it has can't be told.",
        "Save the file as UTF-8.",
    )


def _doubtful(text: str) -> bool:
    """Whether it is UTF-8 by accident: UTF-16, or a few double bytes that give letters of several
    scripts in one word."""
    if _CONTROLS.search(text):  # half of a character of Latin, Cyrillic, ...
        return True
    beyond = [sign for sign in text if sign > "\x7f"]
    if not beyond or len(beyond) > 8 or max(beyond) > "\u07ff":
        return False
    _, bits = encodings.bits(text, encodings.UNICODE[0])
    return bits > MOST * len(beyond)


def _damaged(data: bytes) -> bool:
    """Whether it is UTF-8 but for a few bytes: another encoding would then give nonsense."""
    good = [match.group() for match in _UTF8.finditer(data)]
    high = sum(byte > 127 for byte in data)
    return len(good) > 1 and sum(map(len, good)) >= 0.8 * high


def _said(encoding: Encoding) -> str:
    return "" if encoding.codec == "utf-8" else encoding.name


def _sample(data: bytes) -> bytes:
    """As much of a file as tells its encoding: of a long one the lines beyond ASCII."""
    if len(data) <= SAMPLE or b"\0" in data:
        return data[: SAMPLE if len(data) > SAMPLE else None]
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    kept, size = [], 0
    for line in lines:
        size += len(line)
        if size > SAMPLE:
            break
        kept.append(line)
    return b"\n".join(kept) or data


def _ranked(pieces: Sequence[bytes], tried: Sequence[Encoding]) -> list[tuple[float, Encoding]]:
    """What the texts cost in each encoding that may be theirs, the best first. Of encodings that
    give the same texts there is one."""
    found: dict[tuple[str, ...], tuple[float, Encoding]] = {}
    zeros = any(b"\0" in piece for piece in pieces)
    for encoding in (*tried, *encodings.UNICODE):
        try:
            texts = tuple(piece.decode(encoding.codec) for piece in pieces)
        except UnicodeDecodeError:
            continue
        costs = [encodings.bits(text, encoding) for text in texts]
        ascii, beyond = sum(a for a, _ in costs), sum(b for _, b in costs)
        count = sum(not "\0" < sign <= "\x7f" for text in texts for sign in text)
        if beyond > MOST * count and (zeros or encoding.codec != "utf-8"):
            continue
        total = ascii + beyond + _prior(encoding, zeros, encodings.DOS[0] in tried)
        if texts not in found or total < found[texts][0]:
            found[texts] = total, encoding
    return sorted(found.values(), key=lambda one: one[0])


def _prior(encoding: Encoding, zeros: bool, names: bool) -> float:
    if encoding in encodings.UNICODE:
        return 0.0 if zeros else -UNLIKELY if encoding.codec == "utf-8" else UNLIKELY
    ansi = names and encoding not in encodings.DOS and not encoding.rows
    return encoding.prior + (ANSI if ansi else 0.0)
