"""What was put in is held against the files: gone and changed ones are named."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio import context
from studio.assets import contents, files, records
from studio.assets.records import New
from studio.operations import doctor
from studio.settings import load_settings

NOW = datetime.now(UTC)
LATER = (NOW + timedelta(hours=1)).timestamp()


@pytest.fixture
def studio(tmp_path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


def put(studio, name, colour="red") -> str:
    file = studio.home / name
    Image.new("RGBA", (8, 8), colour).save(file)
    new = New("picture", name, {"picture": (file, files.read(file))})
    return records.put(studio.engine, [new], by="ana", now=NOW)[0]


def flaws(studio) -> list[str]:
    return list(contents.flaws(studio.engine, studio.home))


def test_a_file_that_is_gone_or_changed_is_named(studio):
    gone, longer, edited = (put(studio, f"{name}.png") for name in ("gone", "longer", "edited"))
    assert flaws(studio) == []
    (studio.home / "gone.png").unlink()
    with (studio.home / "longer.png").open("ab") as file:
        file.write(b"\0")
    data = bytearray((studio.home / "edited.png").read_bytes())
    data[-20] ^= 1
    (studio.home / "edited.png").write_bytes(data)
    os.utime(studio.home / "edited.png", (LATER, LATER))
    assert flaws(studio) == [
        f"gone.png (picture of picture {gone}) is gone",
        f"longer.png (picture of picture {longer}) was changed",
        f"edited.png (picture of picture {edited}) was changed",
    ]
    said = [check for check in doctor.checks(studio.settings) if check.name == "files"]
    assert [(check.ok, check.needed) for check in said] == [(False, False)] * 3
    assert "gone.png" in said[0].says


def test_a_file_that_was_only_touched_is_as_it_was(studio):
    put(studio, "one.png")
    os.utime(studio.home / "one.png", (LATER, LATER))
    assert flaws(studio) == []
    (check,) = [check for check in doctor.checks(studio.settings) if check.name == "files"]
    assert check.ok and "all that was made is there" in check.says
