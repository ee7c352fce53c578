"""Unity's package: it uses what Unity documents, and no more; no editor runs here."""

import json
import re
from pathlib import Path

import pytest

from studio.settings import CHECKOUT
from tests.integrations import documented

PACKAGE = CHECKOUT / "integrations" / "unity" / "com.housestyle.panel"
SOURCES = sorted(PACKAGE.rglob("*.cs"))
UNITY = documented.read(Path(__file__).with_name("unity_members.txt"))
LIBRARIES = {"System", "UnityEditor", "UnityEngine", "Newtonsoft", "Housestyle"}
DEFINED = re.compile(
    r"(?:class|struct) (\w+)"
    # A type and a name: of a method, a field, a property, a parameter.
    r"|(?<!\bnew)(?<!\breturn)(?<!\bawait)(?<=[\w>\])?]) (\w+)(?:<\w+>)?(?=\(| =| \{|\n|;|,|\))"
)


# A comment, an interpolated string, another one, a character: whichever begins first.
TOLD = re.compile(r'//[^\n]*|\$"((?:\\.|[^"\\])*)"|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'')


def _code(source: Path) -> str:
    """A file without comments and `using`; of strings only what an interpolated one computes."""
    text = TOLD.sub(_computed, source.read_text("utf-8"))
    return re.sub(r"^using [^\n;=(]*;", "", text, flags=re.MULTILINE)


def _computed(told: re.Match[str]) -> str:
    if told[0].startswith("//"):
        return ""
    return " + ".join(['""', *re.findall(r"\{(.*?)\}", told[1] or "")])


CODE = {source.name: _code(source) for source in SOURCES}
OWN = {name for code in CODE.values() for found in DEFINED.findall(code) for name in found if name}
NAMES = {name.split(".")[-1] for name in UNITY.members}


def _known(name: str) -> bool:
    return name in OWN or name in NAMES or UNITY.anywhere(name)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_member_is_documented(source: Path) -> None:
    unknown = []
    for found in re.finditer(r"([\w)\]\"]+)\??\.(?=([A-Za-z_]\w*))", CODE[source.name]):
        receiver, member = found.groups()
        before = CODE[source.name][found.start() - 1]
        if before != "." and receiver in UNITY.members and receiver not in OWN | LIBRARIES:
            known = UNITY.has(receiver, member)
        else:
            known = _known(member) or receiver in LIBRARIES
        if not known:
            unknown.append(f"{receiver}.{member}")
    assert not unknown


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_class_is_own_or_documented(source: Path) -> None:
    named = set(re.findall(r"(?<![.\w])([A-Z]\w*)", CODE[source.name]))
    assert not {name for name in named if not _known(name)} - LIBRARIES - {"T"}


def test_nothing_is_listed_that_the_package_does_not_use() -> None:
    words = set(re.findall(r"\w+", "\n".join(CODE.values())))
    # Nobody names what an operation gives back.
    unnamed = {"ScriptableObject", "AsyncOperation", "DownloadHandler", "INotifyValueChanged"}
    unnamed |= {"ChangeEvent", "ISpriteEditorDataProvider", "System.Security.Cryptography"}
    for name, members in UNITY.members.items():
        assert members <= words, (name, members - words)
        assert members or name in words | unnamed, name


def test_an_unknown_member_would_be_seen() -> None:
    assert not UNITY.has("TextureImporter", "filter")
    assert UNITY.has("TextureImporter", "SaveAndReimport")  # AssetImporter's
    assert not _known("spritesheet")  # obsolete in 2022.3


def test_the_package_says_what_it_needs() -> None:
    package = json.loads((PACKAGE / "package.json").read_text("utf-8"))
    assert (package["name"], package["unity"]) == (PACKAGE.name, "2022.3")
    used = "\n".join(source.read_text("utf-8") for source in SOURCES)
    needs = {
        "com.unity.2d.sprite": "UnityEditor.U2D.Sprites",
        "com.unity.modules.imageconversion": "LoadImage",
        "com.unity.modules.uielements": "UnityEngine.UIElements",
        "com.unity.modules.unitywebrequest": "UnityEngine.Networking",
        "com.unity.nuget.newtonsoft-json": "Newtonsoft.Json",
    }
    assert package["dependencies"].keys() == needs.keys()
    assert all(named in used for named in needs.values())
    assembly = json.loads((PACKAGE / "Editor" / "Housestyle.Editor.asmdef").read_text("utf-8"))
    assert assembly["includePlatforms"] == ["Editor"]  # nothing of it goes into a game


def test_every_file_has_an_id_of_its_own() -> None:
    """Unity leaves out what has no .meta in a package that it got from elsewhere."""
    files = [file for file in PACKAGE.rglob("*") if file.suffix != ".meta"]
    ids = []
    for file in files:
        meta = file.with_name(file.name + ".meta").read_text("utf-8")
        found = re.match(r"fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n", meta)
        assert found and file.is_dir() == ("folderAsset: yes" in meta), file
        ids.append(found[1])
    assert len(set(ids)) == len(files) == len(list(PACKAGE.rglob("*.meta")))


def test_pixel_art_is_imported_as_it_is() -> None:
    said = CODE["ImportSettings.cs"]
    assert "importer.filterMode = pixels ? FilterMode.Point : FilterMode.Bilinear;" in said
    assert "importer.mipmapEnabled = false;" in said
    assert "TextureImporterCompression.Uncompressed" in said
    assert "TextureImporterNPOTScale.None" in said


def test_neither_address_nor_token_is_kept_in_the_project() -> None:
    for name, code in CODE.items():
        assert name == "Connection.cs" or "EditorPrefs" not in code, name
    # What is kept beside the project for this person holds neither.
    assert not re.search(r"Token|Address", CODE["Choices.cs"])
    entry = CODE["Manifest.cs"].split("class Entry", 1)[1].split("class Manifest", 1)[0]
    assert not re.search(r"Token|Address", entry)


def test_entries_are_written_as_godots_addon_writes_them() -> None:
    """In the order of their names, so that both write the same file."""
    text = (PACKAGE / "Editor" / "Manifest.cs").read_text("utf-8")
    names = re.findall(r'JsonProperty\("(\w+)", Order = \d+\)', text.split("class Manifest")[0])
    orders = re.findall(r"Order = (\d+)", text.split("class Manifest")[0])
    assert [int(order) for order in orders] == list(range(len(names))) and names == sorted(names)
    addon = CHECKOUT / "integrations" / "godot" / "addons" / "housestyle" / "importing.gd"
    entry = addon.read_text("utf-8").split("static func entry_for", 1)[1].split("\n\n\n", 1)[0]
    assert {*re.findall(r'^\t\t"(\w+)":', entry, re.MULTILINE), "path"} == set(names)
