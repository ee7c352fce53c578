"""Zips as people send them, and as nobody should."""

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from studio.datasets import archives
from studio.errors import StudioError


def packed(path: Path, files: dict[str, bytes], **given: object) -> Path:
    with zipfile.ZipFile(path, "w", **given) as made:  # type: ignore[arg-type]
        for name, data in files.items():
            made.writestr(name, data)
    return path


def unpack(path: Path) -> tuple[dict[str, str], list[str]]:
    into = path.parent / "into"
    refused = archives.unpack(path, into)
    assert all(r.remedy for r in refused)
    there = sorted(p.relative_to(into).as_posix() for p in into.rglob("*") if p.is_file())
    return {r.file.removeprefix(f"{path.name}: "): r.reason for r in refused}, there


def test_what_is_meant_comes_out_and_the_rest_is_named(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("x.png", b"x")
    files = {
        **{"a.png": b"1", "sub\\b.JPG": b"2", "sub/b.txt": b"3", "metadata.jsonl": b"{}"},
        **{"../up.png": b"4", "/root.png": b"5", "C:\\windows.png": b"6", "a/../../up.png": b"7"},
        **{"inner.zip": inner.getvalue(), "x.7z": b"8", "run.exe": b"9", "README.md": b"10"},
        **{"__MACOSX/a.png": b"11", ".DS_Store": b"12", "sub/.hidden/c.png": b"13"},
        **{"a.png/inside.png": b"14", "x" * 256 + ".png": b"15", "bell\a.png": b"16"},
    }
    path = packed(tmp_path / "art.zip", files)
    with zipfile.ZipFile(path, "a") as made:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a.png", b"17")
    refused, there = unpack(path)
    assert there == ["a.png", "metadata.jsonl", "sub/b.JPG", "sub/b.txt"]
    assert (tmp_path / "into" / "a.png").read_bytes() == b"1"
    assert refused == {
        **dict.fromkeys(
            ["../up.png", "/root.png", "C:\\windows.png", "a/../../up.png"],
            "the name leads out of the folder.",
        ),
        **dict.fromkeys(["a.png/inside.png", "a.png"], "a second file of this name."),
        "inner.zip": "a zip in a zip is not opened.",
        "x.7z": ".7z is not unpacked here.",
        "run.exe": ".exe is no picture format of ours.",
        "x" * 200: "the name is too long.",
        "bell?.png": "the name can't be read.",
        "link.png": "a link is not followed.",
    }
    assert not (tmp_path / "up.png").exists()


def test_a_damaged_or_locked_entry_is_left_out(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "art.zip", {"a.png": b"A" * 50, "b.png": b"B" * 50, "c.png": b"C" * 50}
    )
    data = bytearray(path.read_bytes().replace(b"B" * 50, b"b" * 50))
    at = data.rfind(b"PK\x01\x02")  # the last entry, c.png, now says that it is encrypted
    data[at + 8] |= 1
    path.write_bytes(data)
    refused, there = unpack(path)
    assert there == ["a.png"]
    assert "damaged" in refused["b.png"] and "password" in refused["c.png"]


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_no_zip(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "art.zip").write_bytes(data)
    with pytest.raises(StudioError, match=r"art.zip (is damaged|holds more)"):
        archives.unpack(tmp_path / "art.zip", tmp_path / "into")
    cut = packed(tmp_path / "cut.zip", {"a.png": b"x" * 1000})
    cut.write_bytes(cut.read_bytes()[:-30])
    with pytest.raises(StudioError, match="cut.zip is damaged"):
        archives.unpack(cut, tmp_path / "into")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 1_000_000)
    bomb = packed(tmp_path / "b.zip", {"a.bmp": bytes(3_000_000)}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(StudioError, match="b.zip would unpack to far more"):
        archives.unpack(bomb, tmp_path / "into")
    monkeypatch.setattr(archives, "MOST_FOLD", 10_000)
    assert unpack(bomb) == ({}, ["a.bmp"])
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    with pytest.raises(StudioError, match="far more"):
        archives.unpack(bomb, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_bomb_that_lies_about_its_size(tmp_path: Path, monkeypatch) -> None:
    bomb = packed(tmp_path / "b.zip", {"a.bmp": bytes(3_000_000)}, compression=zipfile.ZIP_DEFLATED)
    data = bytearray(bomb.read_bytes())
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<L", data, data.rfind(mark) + place, 10)
    bomb.write_bytes(data)
    refused, there = unpack(bomb)
    assert there == [] and "damaged" in refused["a.bmp"]


def test_too_many_files(tmp_path: Path, monkeypatch) -> None:
    many = packed(tmp_path / "m.zip", {f"{i}.png": b"" for i in range(50)})
    monkeypatch.setattr(archives, "MOST_FILES", 49)
    with pytest.raises(StudioError, match="more than 49 files"):
        archives.unpack(many, tmp_path / "into")
    monkeypatch.setattr(archives, "_ENTRY", 10)  # seen by the directory's size, unread
    with pytest.raises(StudioError, match="more than 49 files"):
        archives.unpack(many, tmp_path / "into")


def test_no_room(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "SPARE", 10**18)
    with pytest.raises(StudioError, match="room for 0 MB"):
        archives.unpack(packed(tmp_path / "a.zip", {"a.png": b"x"}), tmp_path / "into")


def undeclared(path: Path, files: dict[bytes, bytes], extra: bytes = b"") -> Path:
    """A zip whose names are these bytes, of no declared encoding."""
    with zipfile.ZipFile(path, "w") as made:
        for number, data in enumerate(files.values()):
            entry = zipfile.ZipInfo(f"{number}".zfill(max(map(len, files))))
            entry.extra = extra
            made.writestr(entry, data)
    packed = path.read_bytes()
    for number, name in enumerate(files):
        stands_for = f"{number}".zfill(max(map(len, files))).encode()
        assert len(name) == len(stands_for)
        packed = packed.replace(stands_for, name)
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize(
    ("codec", "names", "read_as"),
    [
        ("cp932", ["武器/赤い薬.png", "武器/赤い薬.txt"], "Shift-JIS (Japanese)"),
        # The second byte of two of its characters is a backslash.
        ("cp932", ["表示/ソード.png", "表示/ソード.txt"], "Shift-JIS (Japanese)"),
        ("gbk", ["武器/红色药水.png", "武器/红色药水.txt"], "GB18030 (simplified Chinese)"),
        ("cp866", ["оружие/меч.png", "оружие/меч.txt"], "code page 866 (Cyrillic)"),
        ("cp850", ["Tränke/grün.png", "Tränke/grün.txt"], "code page 850 (Western European)"),
    ],
)
def test_names_of_windows_are_what_people_wrote(
    tmp_path: Path, codec: str, names: list[str], read_as: str
) -> None:
    path = undeclared(tmp_path / "a.zip", {n.encode(codec): n.encode() for n in names})
    said: list[str] = []
    assert archives.unpack(path, tmp_path / "into", "a.zip", said.append) == []
    assert [(tmp_path / "into" / name).read_text("utf-8") for name in names] == names
    assert said == [f"The names in a.zip are read as {read_as}: {', '.join(names)}."]


def test_names_of_macos_are_utf8_that_does_not_say_so(tmp_path: Path) -> None:
    names = ["Kunst/Trank_gru\u0308n.png", "Kunst/Trank_gru\u0308n.txt"]
    path = undeclared(tmp_path / "a.zip", {name.encode(): b"1" for name in names})
    said: list[str] = []
    assert archives.unpack(path, tmp_path / "into", "a.zip", said.append) == []
    there = sorted(p.name for p in (tmp_path / "into" / "Kunst").iterdir())
    assert there == ["Trank_grün.png", "Trank_grün.txt"] and said == []


def test_a_name_that_info_zip_puts_beside_another_counts(tmp_path: Path) -> None:
    raw, name = b"Tr?nke/gr_n.png", "Tränke/grün.png"
    field = b"\1" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
    extra = struct.pack("<HHB", 0x9999, 1, 7) + struct.pack("<HH", 0x7075, len(field)) + field
    path = undeclared(tmp_path / "a.zip", {raw: b"1"}, extra)
    assert unpack(path) == ({}, [name])
    renamed = undeclared(tmp_path / "b.zip", {b"Other/grown.png": b"1"}, extra)
    assert archives.unpack(renamed, tmp_path / "other") == []
    assert (tmp_path / "other/Other/grown.png").is_file()


def test_what_describes_pictures_under_another_name_is_named(tmp_path: Path) -> None:
    files = {"folder\\": b"", "Icon\r": b"", "@eaDir/a.png@THUMB.jpg": b""}
    files |= {"a.png": b"1", "labels.json": b"{}", "b.csv": b"", "picture": b"", "LICENSE": b""}
    refused, there = unpack(packed(tmp_path / "a.zip", files))
    # What JSON is, and what has no suffix, is told by its content: an import looks into it.
    assert there == ["a.png", "labels.json", "picture"] and set(refused) == {"b.csv"}
    assert "only under the name of metadata.jsonl" in refused["b.csv"]


def test_a_name_that_the_file_system_does_not_take_leaves_the_rest(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(archives, "LONGEST_PART", 1_000)
    files = {"x" * 300 + ".png": b"1", "a.png": b"2"}
    refused, there = unpack(packed(tmp_path / "a.zip", files))
    assert there == ["a.png"] and list(refused.values()) == ["the name is too long."]
