"""How the routes are described: validly, as docs/api.md lists them, and without breaking what
programs were written for."""

import copy
import json
import re

import pytest
from openapi_spec_validator import validate

from studio.accounts.rights import TABLE
from studio.api import rest
from studio.settings import CHECKOUT
from tests.api.breaking import SNAPSHOT, breaks, written

ROW = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/[^`]*)` \| ([^|]*?) \|", re.MULTILINE)


def operations():
    for path, found in rest.description()["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def test_it_is_valid_and_names_each_call_once():
    validate(rest.description())
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names)) > 60
    assert rest.description()["openapi"].startswith("3.1")


def test_the_document_lists_every_route_with_its_right():
    told = {
        (m, path): right for m, path, right in ROW.findall((CHECKOUT / "docs/api.md").read_text())
    }
    found = {(method, path): one["x-right"] for method, path, one in operations()}
    assert told == found
    assert set(found.values()) <= set(TABLE)


def test_every_call_says_what_its_errors_are():
    for _, path, operation in operations():
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, path
        assert operation["description"], path


def test_every_call_that_asks_for_a_job_takes_an_address_to_tell():
    jobs = [f"#/components/schemas/{name}" for name in ("JobDetails", "Training")]
    asking = {
        path
        for method, path, one in operations()
        for answer in [one["responses"].get("202", {}).get("content", {})]
        if method == "POST" and answer and answer["application/json"]["schema"]["$ref"] in jobs
    }
    takes = {
        path
        for _, path, one in operations()
        for parameter in one.get("parameters", ())
        if parameter["name"] == "webhook"
    }
    assert takes == asking and len(takes) == 17


def test_every_call_whose_job_computes_may_name_a_machine():
    def taking(name):
        return {
            path
            for method, path, one in operations()
            for parameter in one.get("parameters", ())
            if method == "POST" and parameter["name"] == name
        }

    stays = {"/datasets/{dataset}/additions", "/wishes", "/exports"}
    assert taking("webhook") - taking("where") == stays
    assert taking("where") - taking("webhook") == {"/upscale/many"}


def test_the_snapshot_is_todays_and_todays_breaks_nothing():
    """Where it is not: python -m tests.api.breaking."""
    kept = json.loads(SNAPSHOT.read_text("utf-8"))
    assert breaks(kept, rest.description()) == []
    assert SNAPSHOT.read_text("utf-8") == written(rest.description())


def parameter(paths, path, name):
    (found,) = (one for one in paths[path]["get"]["parameters"] if one["name"] == name)
    return found


def changed(change):
    new = copy.deepcopy(rest.description())
    change(new["paths"], new["components"]["schemas"])
    return breaks(rest.description(), new)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda paths, parts: paths.pop("/me"), "GET /me is gone"),
        (
            lambda paths, parts: paths["/me"]["get"].update({"x-right": "promote"}),
            "needs the right",
        ),
        (lambda paths, parts: parts["Asset"]["properties"].pop("hash"), "hash is gone"),
        (lambda paths, parts: parts["Asset"]["required"].remove("id"), "id may be missing now"),
        (
            lambda paths, parts: parts["Asset"]["properties"].update({"id": {"type": "integer"}}),
            "id may be integer now",
        ),
        (
            lambda paths, parts: parts["Job"]["properties"].update(
                {"says": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
            ),
            "says may be null now",
        ),
        (
            lambda paths, parts: parameter(paths, "/jobs", "state")["schema"]["anyOf"].pop(),
            "state may be fewer things now",
        ),
        (lambda paths, parts: parts["Generate"]["required"].append("style"), "style is needed now"),
        (lambda paths, parts: parts["Generate"]["properties"].pop("seed"), "seed is gone"),
        (
            lambda paths, parts: parts["Generate"]["properties"]["count"].update({"maximum": 8}),
            "has maximum 8 now",
        ),
        (
            lambda paths, parts: parts["NewVerdict"]["properties"].update(
                {"verdict": {"type": "string", "enum": ["approved"]}}
            ),
            "may be null no more",
        ),
        (
            lambda paths, parts: paths["/assets"]["get"]["parameters"].append(
                {"name": "x", "in": "query", "required": True, "schema": {"type": "string"}}
            ),
            "it needs x now",
        ),
        (
            lambda paths, parts: paths["/starts"]["post"]["responses"].pop("201"),
            "answered with 201 no more",
        ),
    ],
)
def test_a_breaking_change_is_told(change, says):
    assert any(says in one for one in changed(change)), changed(change)


def test_what_is_added_breaks_nothing():
    def add(paths, parts):
        paths["/more"] = copy.deepcopy(paths["/me"])
        parts["Asset"]["properties"]["more"] = {"type": "string"}
        parts["Asset"]["required"].append("more")
        parts["Generate"]["properties"]["more"] = {"type": "string", "default": ""}
        paths["/assets"]["get"]["parameters"].append(
            {"name": "more", "in": "query", "schema": {"type": "string"}}
        )
        parameter(paths, "/jobs", "state")["schema"]["anyOf"].append({"const": "lost"})
        paths["/requests"]["post"]["x-right"] = "look"
        parts["Generate"]["properties"]["count"].pop("maximum")

    assert changed(add) == []
