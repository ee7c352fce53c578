"""Godot's addon: it uses what Godot documents, and no more; no editor runs here."""

import configparser
import re
from collections import defaultdict
from pathlib import Path

import pytest

from studio.settings import CHECKOUT
from tests.integrations import documented

ADDON = CHECKOUT / "integrations" / "godot" / "addons" / "housestyle"
SCRIPTS = sorted(ADDON.glob("*.gd"))
GODOT = documented.read(Path(__file__).with_name("godot_members.txt"))
KEYWORDS = {"and", "assert", "await", "elif", "for", "func", "if", "in", "match", "not", "or"}
KEYWORDS |= {"return", "while", "is", "as"}


def _code(script: Path) -> str:
    """A script without its comments, its strings empty."""
    text = script.read_text("utf-8")
    return re.sub(
        r'"(?:\\.|[^"\\])*"|#[^\n]*', lambda found: '""' if found[0][0] == '"' else "", text
    )


def _own(code: str) -> set[str]:
    """What a script defines."""
    return set(re.findall(r"^(?:static )?(?:func|const|var|signal) (\w+)", code, re.MULTILINE))


def _base(code: str) -> str:
    found = re.search(r"^extends (\w+)$", code, re.MULTILINE)
    assert found
    return found[1]


CODE = {script.name: _code(script) for script in SCRIPTS}
OWN = {name: _own(code) for name, code in CODE.items()}


def _modules(script: Path) -> dict[str, str]:
    """The addon's own scripts as this one names them."""
    text = script.read_text("utf-8")
    return dict(re.findall(r'^const (\w+) := preload\("(\w+\.gd)"\)$', text, re.MULTILINE))


def _knows(script: Path, kind: str, member: str) -> bool:
    """Whether a class, Godot's or the addon's own, has a member."""
    modules = _modules(script)
    if kind not in modules:
        return kind in GODOT.members and (GODOT.has(kind, member) or member == "new")
    module = modules[kind]
    inherited = GODOT.has(_base(CODE[module]), member)
    return member in OWN[module] or inherited or member == "new"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_member_is_documented(script: Path) -> None:
    code, modules = CODE[script.name], _modules(script)
    types = defaultdict(set)
    for name, kind in re.findall(r"\b(\w+): (\w+)", code):
        types[name].add(kind)
    everywhere = set().union(*OWN.values())
    unknown = []
    for found in re.finditer(r"(\w+|[)\]\"])\.(?=([A-Za-z_]\w*))", code):
        receiver, member = found.groups()
        if code[found.start() - 1] == ".":
            known = GODOT.anywhere(member) or member in everywhere
        elif receiver in GODOT.members or receiver in modules:
            known = _knows(script, receiver, member)
        elif receiver in types:
            known = any(_knows(script, kind, member) for kind in types[receiver])
        else:
            known = GODOT.anywhere(member) or member in everywhere
        if not known:
            unknown.append(f"{receiver}.{member}")
    assert not unknown


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_what_is_called_without_a_receiver_is_own_or_inherited(script: Path) -> None:
    code = CODE[script.name]
    own, base = OWN[script.name], _base(code)
    globals_ = GODOT.members["@GlobalScope"]
    called = set(re.findall(r"(?<![.\w])([a-z_]\w*)\(", code)) - KEYWORDS
    constants = set(re.findall(r"(?<![.\w])([A-Z][A-Z0-9_]+)\b", code)) - {"OS", "JSON"}
    named = {name for name in called | constants if not GODOT.has(base, name)}
    assert not named - own - globals_
    classes = set(re.findall(r"(?<![.\w])([A-Z]\w*[a-z]\w*)", code))
    assert not classes - GODOT.members.keys() - _modules(script).keys() - own


def test_nothing_is_listed_that_the_addon_does_not_use() -> None:
    words = set(re.findall(r"[\w/]+", "\n".join(s.read_text("utf-8") for s in SCRIPTS)))
    inherited = set(GODOT.bases.values())
    for name, members in GODOT.members.items():
        assert members <= words, (name, members - words)
        used = members or name in words or name in inherited
        assert used, name


def test_an_unknown_member_would_be_seen() -> None:
    assert not _knows(ADDON / "studio.gd", "HTTPRequest", "follow_redirects")
    assert not _knows(ADDON / "changes.gd", "Manifest", "purge")
    assert _knows(ADDON / "dock.gd", "Label", "visible")  # CanvasItem's


def test_the_plugin_is_declared_and_its_script_is_there() -> None:
    declared = configparser.ConfigParser()
    declared.read(ADDON / "plugin.cfg")
    plugin = dict(declared["plugin"])
    assert set(plugin) == {"name", "description", "author", "version", "script"}
    script = ADDON / plugin["script"].strip('"')
    assert _base(CODE[script.name]) == "EditorPlugin"
    # Godot runs a script in the editor only where it says so.
    assert all(script.read_text().startswith("@tool\n") for script in SCRIPTS)


def test_pixel_art_is_imported_as_it_is() -> None:
    text = (ADDON / "import_settings.gd").read_text("utf-8")
    block = re.search(r'"pixel art":\s*(\{.*?\})', text, re.DOTALL)
    assert block
    said = dict(re.findall(r'"([\w/]+)": (\w+)', block[1]))
    assert said["compress/mode"] == "0"  # lossless
    assert said["mipmaps/generate"] == "false" and said["process/size_limit"] == "0"
    assert said.keys() == GODOT.members["ResourceImporterTexture"]


def test_neither_address_nor_token_is_kept_in_the_project() -> None:
    """What holds them is asked for by the connection alone, which knows the editor's settings."""
    for script in SCRIPTS:
        if script.name != "connection.gd":
            assert "housestyle/connection" not in script.read_text("utf-8"), script.name
    assert "ProjectSettings" not in CODE["connection.gd"]
    assert not {"token", "address"} & set(re.findall(r'"(\w+)":', _entry_text()))


def _entry_text() -> str:
    """Where the addon says what an entry of the manifest holds."""
    text = (ADDON / "importing.gd").read_text("utf-8")
    return text.split("static func entry_for", 1)[1].split("\n\n\n", 1)[0]
