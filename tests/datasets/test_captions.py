"""What a folder's files say of its pictures: every usual form is read, and the rest is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets.captions import without_picture
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.pictures import Picture

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)


def folder(art: Path, pictures: list[str], files: dict[str, str | bytes]) -> Path:
    for seed, name in enumerate(pictures):
        (art / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 4), np.uint8)
        Image.fromarray(pixels, "RGBA").save(art / name)
    for name, content in files.items():
        (art / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return art


def take(art: Path) -> tuple[dict[str, Picture], ImportResult]:
    found = import_folder(art.parent / "home", "x", art, licence="CC0", now=NOW, actor="ana")
    return {p.file_name: p for p in found.version.pictures}, found


@pytest.mark.parametrize(
    ("file", "content", "wanted"),
    [
        (
            "metadata.csv",
            "\ufefffile_name;text;category\r\na.png;ein roter Trank;potions\r\n"
            "b.png;ein Schild, blau;shields\r\nÜber.png;eine Krone;crowns\r\n",
            {
                "a.png": ("ein roter Trank", "potions"),
                "b.png": ("ein Schild, blau", "shields"),
                "Über.png": ("eine Krone", "crowns"),
            },
        ),
        (
            "metadata.csv",
            'file_name, text, category\na.png, a potion, potions\nb.png, "a shield, blue", x\n',
            {"a.png": ("a potion", "potions"), "b.png": ("a shield, blue", "x")},
        ),
        (
            "metadata.csv",
            "file_name\ttext\na.png\ta potion\nb.png\tx\n",
            {"a.png": ("a potion", ""), "b.png": ("x", "")},
        ),
        ("metadata.csv", "File_Name,Text\na.png,a potion\n", {"a.png": ("a potion", "")}),
        ("metadata.csv", '"file_name"|"text"\r"a.png"|"a, b"\r', {"a.png": ("a, b", "")}),
        (
            "metadata.jsonl",
            '{"file_name": "a.png", "text": "a"}\r{"file_name": "b.png", "text": "b b"}\r',
            {"a.png": ("a", ""), "b.png": ("b b", "")},
        ),
        (
            "Metadata.CSV",
            "sep=;\r\nFILENAME;Caption;\r\na.png;a, b;\r\n;;\r\n",
            {"a.png": ("a, b", "")},
        ),
        (
            "metadata.csv",
            "file_name;text\nÜber.png;grün\n".encode("cp1252"),
            {"Über.png": ("grün", "")},
        ),
        (
            "metadata.tsv",
            "file name\ttext\na.png\ta, b\n".encode("utf-16"),
            {"a.png": ("a, b", "")},
        ),
        ("metadata.json", '[{"file_name":"a.png","text":"a potion"}]', {"a.png": ("a potion", "")}),
        ("metadata.json", '{"a.png": "a potion"}', {"a.png": ("a potion", "")}),
        (
            "metadata.jsonl",
            '\ufeff{"File_Name": "U\u0308ber.png", "Text": "a potion"}\n',
            {"Über.png": ("a potion", "")},
        ),
    ],
)
def test_metadata_as_programs_write_it(
    tmp_path: Path, file: str, content: str | bytes, wanted: dict[str, tuple[str, str]]
) -> None:
    art = folder(tmp_path / "art", ["a.png", "b.png", "Über.png"], {file: content})
    told, found = take(art)
    said = {n: (p.caption, p.category) for n, p in told.items() if p.caption_by == "file"}
    assert said == wanted and found.refused == ()


@pytest.mark.parametrize("file", ["meta_cap.json", "meta_lat.json", "meta_clean.json"])
def test_kohyas_metadata_names_pictures_of_another_machine(tmp_path: Path, file: str) -> None:
    rows = {
        "/data/x/a.png": {"caption": "a potion", "tags": "red, round"},
        "C:\\art\\sub\\b.png": {"tags": "blue, shield"},
        "c": {"caption": "a crown"},  # without --full_path
        "/data/twice.png": {"caption": "either"},
        "/data/sub/twice.png": {"caption": "the one below", "train_resolution": [8, 8]},
        "gone": {"caption": "nothing"},
    }
    names = ["a.png", "sub/b.png", "c.jpg.png", "c.png", "sub/twice.png", "other/twice.png"]
    art = folder(tmp_path / "art", names, {file: json.dumps(rows)})
    told, found = take(art)
    said = {n: (p.caption, p.tags) for n, p in told.items() if p.caption_by == "file"}
    assert said == {
        "a.png": ("a potion", ("red", "round")),
        "sub/b.png": ("blue, shield", ()),  # kohya learns them as the caption
        "c.png": ("a crown", ()),
        "sub/twice.png": ("the one below", ()),
    }
    assert {r.file: r.reason for r in found.refused} == {
        "/data/twice.png": f"{file} describes it, but several have that name.",
        "gone": f"{file} describes it, but it is not there.",
    }
    assert any("'train_resolution' is not read" in w for w in found.warnings)


def test_texts_of_every_usual_name_and_encoding(tmp_path: Path) -> None:
    art = folder(
        tmp_path / "art",
        ["kohya.png", "wide.png", "unseen.png", "Potion_Case.PNG", "whole.png", "both.png"]
        + ["Trank_gru\u0308n.png", "rus1.png", "rus2.png"],
        {
            "kohya.caption": "a red potion with a curled handle",
            "wide.txt": "a red potion".encode("utf-16-be"),
            "unseen.txt": "a\u200b red\u200b potion\ufeff with\u00a0 cork",
            "potion_case.txt": "a red potion",
            "whole.png.txt": "of the whole name",
            **{"both.caption": "the lesser", "both.txt": "the greater"},
            **{"rus1.txt": "красное зелье".encode("cp1251"), "rus2.txt": "дом".encode("cp1251")},
        },
    )
    told, found = take(art)
    assert {n: p.caption for n, p in told.items()} == {
        "kohya.png": "a red potion with a curled handle",
        "wide.png": "a red potion",
        "unseen.png": "a red potion with cork",
        "Potion_Case.PNG": "a red potion",
        "whole.png": "of the whole name",
        "both.png": "the greater",
        "Trank_grün.png": "trank grün",
        "rus1.png": "красное зелье",
        "rus2.png": "дом",
    }
    assert found.refused == ()
    said = "\n".join(found.warnings)
    for part in (
        "only the case of the name differs: potion_case.txt (Potion_Case.PNG)",
        "The text is not UTF-8 and read as UTF-16-BE: wide.txt",
        "2 texts are not UTF-8 and read as Windows-1251 (Cyrillic): rus1.txt, rus2.txt",
        "though the metadata or a .caption says otherwise: both.txt (both.png).",
    ):
        assert said.count(part) == 1, part


def test_kohyas_folders_give_categories_and_their_repeats_are_told(tmp_path: Path) -> None:
    art = folder(tmp_path / "art", ["10_potion/p.png", "2_sword/s.png", "a.png"], {"x.txt": ""})
    told, found = take(art)
    assert {n: p.category for n, p in told.items()} == {
        "10_potion/p.png": "potion",
        "2_sword/s.png": "sword",
        "a.png": "",
    }
    assert sum("told others: potion=10,sword=2." in w for w in found.warnings) == 1
    assert [r.file for r in found.refused] == ["x.txt"]
    assert take(art)[1].changed == ()


def test_what_is_not_read_is_named_by_file_and_row(tmp_path: Path) -> None:
    lines = [
        {"file_name": "a.png", "text": "a", "style": "flat", "caption": "b"},
        {"file_name": "b.png", "style": "flat", "mood": ""},
    ]
    art = folder(
        tmp_path / "art",
        ["a.png", "b.png"],
        {
            "metadata.jsonl": "\n".join(map(json.dumps, lines)),
            "metadata.csv": "file_name,Artist,licence,license\na.png,Bo,CC0,MIT\n",
            "metadata.json": '{"generator": {"version": 3}}',
            **{"labels.csv": "", "a.json": "{}", "scan": "", "LICENSE": "", "notes.md": ""},
        },
    )
    found = take(art)[1]
    said = "\n".join(found.warnings)
    for part in (
        "metadata.jsonl: 'style' is not read (line 1, line 2).",
        "metadata.jsonl: 'caption' is another than 'text', which is used (line 1).",
        "metadata.csv: 'artist' is not read (line 2). Read are file_name, text, category,",
        "metadata.csv: 'license' is another than 'licence', which is used (line 2).",
    ):
        assert said.count(part) == 1, part
    assert "mood" not in said
    refused = {r.file: r.reason for r in found.refused}
    assert set(refused) == {"labels.csv", "a.json", "scan", "generator"}
    assert refused["scan"] == "the file has no suffix."


def test_two_columns_of_one_name_and_json_that_describes_nothing(tmp_path: Path) -> None:
    art = folder(tmp_path / "art", ["a.png"], {"metadata.json": "[]", "meta_cap.json": "{"})
    refused = {r.file: r.reason for r in take(art)[1].refused}
    assert set(refused) == {"meta_cap.json"} and "not JSON" in refused["meta_cap.json"]


def test_a_category_may_be_said_to_be_none(tmp_path: Path) -> None:
    line = '{"file_name": "x/a.png", "category": ""}'
    art = folder(tmp_path / "art", ["x/a.png"], {"metadata.jsonl": line})
    assert take(art)[0]["x/a.png"].category == ""
    (art / "metadata.jsonl").unlink()
    (art / "metadata.csv").write_text("file_name,category\nx/a.png,\n")  # an empty cell
    fresh = import_folder(tmp_path / "h2", "x", art, now=NOW, actor="ana").version
    assert [p.category for p in fresh.pictures] == ["x"]


def test_names_that_differ_in_how_accents_are_stored_are_one(tmp_path: Path) -> None:
    art = folder(tmp_path / "art", ["gru\u0308n.png", "gr\u00fcn.png"], {})
    told, found = take(art)
    assert list(told) == ["grün.png"]
    assert [r.reason for r in found.refused] == ["a second file of this name."]


def test_texts_without_a_picture() -> None:
    texts = ["a.txt", "b.txt", "sub/c.caption", "README.txt", "D.txt"]
    assert without_picture(texts, ["a.png", "d.jpg"]) == ["b.txt", "sub/c.caption"]
