"""Palettes as text: .hex (a colour a line), GIMP's .gpl, JASC's .pal and Paint.NET's .txt.

GIMP's is described in its developer documentation ("GIMP Palette file format"), JASC's by Paint
Shop Pro: a first line "JASC-PAL", the version 0100, the count, then red, green and blue. Ramps
stand in .gpl as comments, which other programs pass over: `# Ramp skin: 1 2 3`, places from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from studio import numbers
from studio.errors import StudioError
from studio.finishing.colour_table import ColourTable, Ramp, check_count

MOST_WRONG = 8  # wrong lines that are named
RAMP = "# Ramp "
_RAMP = re.compile(r"# Ramp ([^:]+): *([0-9 ,]+)")  # other comments may begin so, too
COLUMNS = 16  # of a .gpl's swatches as editors show them
_HEX = re.compile(r"(?:#|0x)?([0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_GPL = re.compile(r"(\d{1,6})\s+(\d{1,6})\s+(\d{1,6})(?:\s+(.*))?")


class Wrong(Exception):
    """What is wrong with one line."""


@dataclass
class Found:
    """What was read so far: colours with their alpha (0 to 255), names and lines, in order."""

    colours: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ramps: list[Ramp] = field(default_factory=list)

    def add(self, line: int, colour: str, alpha: int = 255, name: str = "") -> None:
        """One colour "#rrggbb" of a line, counted from 1."""
        self.colours.append((colour, alpha))
        self.names.append(name)
        self.lines.append(line)


def is_gpl(text: str) -> bool:
    """Whether it begins as GIMP's palettes do."""
    return text.lstrip().casefold().startswith("gimp palette")


def is_jasc(text: str) -> bool:
    """Whether it begins as JASC's palettes do."""
    return text.lstrip().casefold().startswith("jasc-pal")


def read_hex(text: str, name: str, alpha_first: bool = False) -> Found:
    """A colour a line: rrggbb with or without #, or rrggbbaa (`alpha_first`: aarrggbb, as
    Paint.NET writes it). Lines that begin with ; or // are comments, as is "# " with a space."""
    found = Found()

    def take(number: int, line: str) -> None:
        if line.startswith((";", "//", "# ")) or line == "#":
            return
        match = _HEX.fullmatch(line)
        if match is None:
            raise Wrong(f"{line[:40]!r} is no colour")
        digits = match[1].lower()
        if len(digits) == 6:
            found.add(number, f"#{digits}")
        elif alpha_first:
            found.add(number, f"#{digits[2:]}", int(digits[:2], 16))
        else:
            found.add(number, f"#{digits[:6]}", int(digits[6:], 16))

    _each(text, name, 0, take)
    return found


def read_gpl(text: str, name: str) -> Found:
    """GIMP's; Aseprite's with "Channels: RGBA" has a fourth number, the alpha."""
    found, channels = Found(), 3
    said: list[tuple[int, str]] = []

    def take(number: int, line: str) -> None:
        nonlocal channels
        key, sign, value = line.partition(":")
        if _RAMP.fullmatch(line):
            said.append((number, line))
        elif line.startswith("#"):
            return
        elif sign and key.strip().casefold() in ("name", "columns", "channels"):
            if key.strip().casefold() == "channels":
                channels = 4 if "a" in value.casefold() else 3
        else:
            match = _GPL.fullmatch(line)
            if match is None:
                raise Wrong(f"{line[:40]!r} is not red, green and blue")
            alpha, called = 255, (match[4] or "").strip()
            if channels == 4:
                first, *rest = called.split(None, 1) or [""]
                alpha, called = _byte(first), "".join(rest)
            colour = _colour(*match.group(1, 2, 3))
            found.add(number, colour, alpha, "" if called.casefold() == "untitled" else called)

    _each(text, name, 1, take)

    def ramp(number: int, line: str) -> None:
        match = _RAMP.fullmatch(line)
        assert match is not None
        places = [int(one[:6]) - 1 for one in match[2].replace(",", " ").split()]
        if not all(0 <= place < len(found.colours) for place in places):
            raise Wrong(f"{line[:60]!r} names places that are not there")
        found.ramps.append(Ramp(match[1].strip(), tuple(places)))

    _told(name, [(number, line, ramp) for number, line in said])
    return found


def read_jasc(text: str, name: str) -> Found:
    """JASC's; Aseprite's may have a fourth number, the alpha."""
    found, counted = Found(), 0

    def take(number: int, line: str) -> None:
        nonlocal counted
        words = line.split()
        if number == 2 and words == ["0100"]:
            return
        said = numbers.counted(words[0]) if len(words) == 1 else None
        if number <= 3 and said is not None and not found.colours:
            counted = said
            check_count(counted, name)
            return
        if len(words) not in (3, 4):
            raise Wrong(f"{line[:40]!r} is not red, green and blue")
        found.add(number, _colour(*words[:3]), _byte(words[3]) if len(words) == 4 else 255)

    _each(text, name, 1, take)
    if counted and counted != len(found.colours):
        raise StudioError(
            f"{name}, line 3: it says {counted} colours, and {len(found.colours)} follow.",
            "The file was cut off or changed by hand. Export it again, or mend the number.",
        )
    return found


def write_hex(table: ColourTable) -> str:
    """As Lospec writes it: six digits a line, without #."""
    return "".join(f"{colour[1:]}\n" for colour in table.colours)


def write_gpl(table: ColourTable, name: str) -> str:
    """With names, columns and, as comments, ramps."""
    lines = ["GIMP Palette", f"Name: {name}", f"Columns: {min(COLUMNS, len(table.colours))}"]
    lines += [
        f"{RAMP}{one.name.replace(':', ' ')}: {' '.join(str(place + 1) for place in one.places)}"
        for one in table.ramps
    ]
    lines.append("#")
    for colour, called in zip(table.colours, table.names or table.colours, strict=True):
        red, green, blue = bytes.fromhex(colour[1:])
        lines.append(f"{red:3} {green:3} {blue:3}\t{called or 'Untitled'}")
    return "\n".join(lines) + "\n"


def write_jasc(table: ColourTable) -> str:
    """JASC's, with the line ends of Windows, as its readers expect."""
    rows = [" ".join(map(str, bytes.fromhex(colour[1:]))) for colour in table.colours]
    return "\r\n".join(["JASC-PAL", "0100", str(len(rows)), *rows, ""])


def _each(text: str, name: str, skip: int, take: Callable[[int, str], None]) -> None:
    """Hand each line that says something to `take`, but for the first `skip` of those, with its
    number from 1."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    _told(name, [(number, line, take) for number, line in lines if line][skip:])


def _told(name: str, calls: list[tuple[int, str, Callable[[int, str], None]]]) -> None:
    """StudioError that names every line that was wrong."""
    wrong = list(_wrong(calls))
    if wrong:
        more = f"; {len(wrong) - MOST_WRONG:,} more lines" if len(wrong) > MOST_WRONG else ""
        raise StudioError(
            f"{name}, {'; '.join(wrong[:MOST_WRONG])}{more}.",
            "Mend or delete these lines. Colours are written as in this format's other lines: "
            "rrggbb, or red, green and blue from 0 to 255.",
        )


def _wrong(calls: list[tuple[int, str, Callable[[int, str], None]]]) -> Iterator[str]:
    for number, line, take in calls:
        try:
            take(number, line)
        except Wrong as error:
            yield f"line {number}: {error}"


def _colour(*written: str) -> str:
    return "#" + bytes(_byte(one) for one in written).hex()


def _byte(written: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", written) or int(written) > 255:
        raise Wrong(f"{written[:20]!r} is not from 0 to 255")
    return int(written)
