"""What the panels ask for and read is what the REST interface has."""

import re

import pytest
from pydantic import BaseModel

from studio.api import assets, me, problems, rest, styles, tilesets
from studio.settings import CHECKOUT

GODOT = "\n".join(
    file.read_text("utf-8")
    for file in sorted((CHECKOUT / "integrations/godot/addons/housestyle").glob("*.gd"))
)
UNITY = {
    file.name: file.read_text("utf-8")
    for file in (CHECKOUT / "integrations/unity/com.housestyle.panel/Editor").glob("*.cs")
}
PATHS = rest.description()["paths"]
# As the panels write them, and the route of each.
ROUTES = {
    "/me": "/me",
    "/styles": "/styles",
    "/assets": "/assets",
    "/assets/": "/assets/{asset}",
    "/tilesets/": "/tilesets/{asset}",
    "/file?format=godot": "/tilesets/{asset}/file",
}


def _routes(text: str) -> set[str]:
    return set(re.findall(r'"(/(?:me|styles|assets|tilesets|file)\b[^"\s]*)"', text))


def test_every_route_is_there() -> None:
    unity = "\n".join(UNITY.values())
    assert _routes(GODOT) == ROUTES.keys()
    assert _routes(unity) == ROUTES.keys() - {"/file?format=godot"}
    assert all("get" in PATHS[route] for route in ROUTES.values())
    assert "get" in PATHS["/assets/{asset}/files/{role}"]
    assert '"%s/assets/%s/files/%s"' in GODOT and "/files/{role}" in unity
    assert f'API: String = "{rest.AT}"' in GODOT and f'Api = "{rest.AT}"' in unity


def test_every_filter_is_one() -> None:
    taken = {one["name"] for one in PATHS["/assets"]["get"]["parameters"]}
    block = GODOT.split("func _filters", 1)[1].split("\n\n\n", 1)[0]
    godot = set(re.findall(r'^\t\t"(\w+)":', block, re.MULTILINE))
    block = UNITY["ApprovedView.cs"].split("Filters()\n", 1)[1].split("\n        }\n", 1)[0]
    unity = set(re.findall(r'\["(\w+)"\] =', block))
    assert godot == unity <= taken
    assert {"style", "category", "since", "verdict"} <= unity
    paged = {one["name"] for one in PATHS["/styles"]["get"]["parameters"]}
    assert {"limit", "cursor"} <= paged & taken


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Me", me.Me),
        ("Style", styles.Style),
        ("Picture", assets.AssetDetails),
        ("StoredFile", assets.AssetFile),
        ("Tileset", tilesets.Tileset),
        ("Problem", problems.Problem),
    ],
)
def test_unity_reads_fields_that_there_are(name: str, model: type[BaseModel]) -> None:
    block = UNITY["Answers.cs"].split(f"class {name}\n", 1)[1].split("\n    }\n", 1)[0]
    named = set(re.findall(r'JsonProperty\("(\w+)"\)', block))
    assert named and named <= model.model_fields.keys()


def test_godot_reads_fields_that_there_are() -> None:
    known = assets.AssetDetails.model_fields.keys()
    named = set(re.findall(r'(?:picture|asset|details)(?:\.get\(|\[)"(\w+)"', GODOT))
    assert len(named) > 10 and named <= known | {"data", "trouble"}
    assert set(re.findall(r'\bme\["(\w+)"\]', GODOT)) <= me.Me.model_fields.keys()
    assert set(re.findall(r'style\["(\w+)"\]', GODOT)) <= styles.Style.model_fields.keys()
    files = set(re.findall(r'\bfile\["(\w+)"\]', GODOT))
    assert files and files <= assets.AssetFile.model_fields.keys()
    problem = set(re.findall(r'problem\.get\("(\w+)"', GODOT))
    assert problem and problem <= problems.Problem.model_fields.keys()


def test_pages_are_asked_for_within_the_limit() -> None:
    limit = next(one for one in PATHS["/assets"]["get"]["parameters"] if one["name"] == "limit")
    most = limit["schema"]["maximum"]
    asked = re.findall(r"(?:PAGE: int|PageSize) = (\d+)", GODOT + UNITY["ApprovedView.cs"])
    assert len(asked) == 2 and all(int(one) <= most for one in asked)
    assert most >= 200  # of the styles
