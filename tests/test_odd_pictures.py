"""What `benchmarks/pictures_from_elsewhere.py` tells of a folder."""

import json
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import pictures_from_elsewhere
from studio import images
from studio.settings import CHECKOUT

ELSEWHERE = CHECKOUT / "tests" / "images" / "elsewhere"


def look(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict]:
    code = pictures_from_elsewhere.main([str(folder), "--no-browser", "--json", *words])
    found = {one["file"]: one for one in json.loads(capsys.readouterr().out)["files"]}
    assert code == any(one["became"] in ("differs", "crashed") for one in found.values())
    return found


def test_each_file_is_taken_named_or_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, seen = tmp_path / "art", tmp_path / "seen"
    folder.mkdir()
    seen.mkdir()
    for name in ("icc_P3.png", "cmyk.tif"):
        (folder / name).write_bytes((ELSEWHERE / name).read_bytes())
        (seen / f"{name}.png").write_bytes((ELSEWHERE / "expected" / f"{name}.png").read_bytes())
    (folder / "text.png").write_text("text")
    found = look(folder, capsys, "--seen", str(seen))
    assert {name: one["became"] for name, one in found.items()} == {
        "cmyk.tif": "taken",
        "icc_P3.png": "taken",
        "text.png": "named",
    }
    assert "converted to sRGB" in found["icc_P3.png"]["said"]
    assert found["icc_P3.png"]["beside"] == {"seen": 0.0}
    Image.new("RGB", (48, 32), "blue").save(seen / "cmyk.tif.png")
    Image.new("RGB", (4, 4), "blue").save(seen / "icc_P3.png.png")
    again = look(folder, capsys, "--seen", str(seen))
    assert [again[name]["became"] for name in ("cmyk.tif", "icc_P3.png")] == ["differs"] * 2
    assert again["icc_P3.png"]["beside"] == {"seen": 255.0}
    # One other reader that shows the same is enough.
    both = look(folder, capsys, "--seen", str(seen), str(ELSEWHERE / "expected"))
    assert {one["became"] for one in both.values()} == {"taken", "named"}


def test_a_crash_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")

    def crash(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(images, "see", crash)
    assert look(tmp_path, capsys)["a.png"]["became"] == "crashed"
