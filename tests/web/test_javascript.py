"""How the screens' modules become one file, and its addresses."""

import graphlib

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.web import javascript


@pytest.fixture
def folder(tmp_path):
    """Three modules, two of them with a function of the same name, and one screen."""
    (tmp_path / "a.js").write_text(
        'import { twice as double } from "./b.js";\nimport {\n  one,\n} from "./c.js";\n\n'
        "const place = 1;\nexport function mount() {\n  return double(one) + place;\n}\n"
    )
    (tmp_path / "b.js").write_text(
        'import { one } from "./c.js";\n\nconst place = 40 * one;\n'
        "export const twice = (n) => 2 * n + place;\n"
    )
    (tmp_path / "c.js").write_text("export const one = 1;\nexport async function later() {}\n")
    (tmp_path / "a.html").write_text("<p></p>")
    return tmp_path


def test_a_module_stands_after_what_it_imports(folder):
    assert list(javascript.modules(folder)) == ["c.js", "b.js", "a.js"]
    text = javascript.bundle(folder)
    assert text.endswith('export const a = modules["a.js"].mount;\n')
    assert 'const { twice: double } = modules["b.js"];' in text
    assert "return { one, later };" in text


def test_the_same_modules_have_the_same_name_and_others_another(folder):
    before = javascript.digest(folder), javascript.bundle(folder)
    javascript.modules.cache_clear()
    javascript.digest.cache_clear()
    javascript.bundle.cache_clear()
    assert (javascript.digest(folder), javascript.bundle(folder)) == before
    (folder / "c.js").write_text("export const one = 2;\n")
    javascript.modules.cache_clear()
    javascript.digest.cache_clear()
    javascript.bundle.cache_clear()
    assert javascript.digest(folder) != before[0]


def test_modules_that_import_each_other_are_refused(folder):
    (folder / "c.js").write_text('import { mount } from "./a.js";\n')
    with pytest.raises(graphlib.CycleError):
        javascript.modules(folder)


@pytest.mark.parametrize(
    "line",
    [
        "export default function () {}",
        'import x from "./c.js";',
        'export { x } from "./c.js";',
        'import { x } from "https://elsewhere/x.js";',
    ],
)
def test_what_the_bundle_does_not_know_is_refused(line):
    with pytest.raises(ValueError, match="no import or export"):
        javascript.enclosed(f"{line}\n")


def test_comments_stay_here():
    source = "// What it is.\nexport const one = 1; // kept\n  // and why\nconst at = 'x//y';\n"
    text = javascript.enclosed(source)
    assert "What it is" not in text and "and why" not in text
    assert "const one = 1; // kept" in text and "'x//y'" in text
    assert "// " in javascript.modules()["upscale.js"]  # the module itself is whole


def test_it_is_kept_for_good_under_an_address_of_this_content_only():
    browser = TestClient(Starlette(routes=javascript.ROUTES))
    got = browser.get(javascript.address())
    assert got.text == javascript.bundle()
    assert got.headers["content-type"].startswith("text/javascript")
    assert "immutable" in got.headers["cache-control"]
    module = browser.get(javascript.address("undo_history.js"))
    assert module.text == (javascript.FOLDER / "undo_history.js").read_text("utf-8")
    digest = javascript.digest()
    for path in (
        "/screens/0123456789abcdef/screens.js",
        f"/screens/{digest}/vote.html",
        f"/screens/{digest}/..%2fasgi.py",
        f"/screens/{digest}/",
    ):
        got = browser.get(path)
        assert got.status_code == 404 and "immutable" not in got.headers.get("cache-control", "")
    assert "/screens/" in javascript.loader("vote")


def test_every_screen_has_a_module_that_mounts_it():
    text = javascript.bundle()
    for screen in (
        "mask",
        "pictures",
        "rate",
        "recipe",
        "typing",
        "upload",
        "upscale",
        "view",
        "vote",
        "wall",
    ):
        assert f'export const {screen} = modules["{screen}.js"].mount;' in text
        assert "export function mount(" in javascript.modules()[f"{screen}.js"]
