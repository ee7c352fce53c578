"""Recipes: how what a style draws is finished."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from studio import context
from studio.api import finishing, json_bodies, known_versions, paging
from studio.api.calls import Asking, Call, Caller, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Name
from studio.api.problems import looked_up
from studio.finishing import recipe as written
from studio.finishing import style_recipes
from studio.finishing.recipe import Recipe
from studio.finishing.style_recipes import Revision
from studio.worker.payload import Counted, Payload, Words
from studio.workflows import recipes

router = APIRouter(tags=["finishing"], route_class=Call)


class StyleRecipe(BaseModel):
    """The recipe that holds (null: nothing is done) with its mark; `revision` counts what people
    set, 0 where nobody did; `origin` says where it is from."""

    style: str
    recipe: Recipe | None
    mark: str
    revision: int
    origin: str


class NewRecipe(Payload):
    """A recipe, null to let the dataset's hold again; `after` is the revision that was read."""

    recipe: dict[str, Any] | None
    after: Counted
    why: Words


class RecipeRevision(BaseModel):
    """A recipe as somebody set it; null: from there on the dataset's held again."""

    revision: int
    recipe: Recipe | None
    mark: str
    by: str
    at: str
    why: str


@router.get("/styles/{style}/recipe", **needs("look"))
def style_recipe(asking: Asking, style: Name) -> StyleRecipe:
    """How the style's pictures are finished now."""
    return _held(asking, style)


@router.put("/styles/{style}/recipe", **needs("change recipes"))
def set_recipe(asking: Asking, style: Name, body: NewRecipe) -> StyleRecipe:
    """Set the style's recipe; the same once more makes no new revision."""
    _held(asking, style)
    told = None if body.recipe is None else _read(asking, body.recipe)
    how: dict[str, Any] = {"after": body.after, "why": body.why, "now": context.now()}
    style_recipes.save(asking.studio.engine, style, told, by=asking.by, **how)
    return _held(asking, style)


@router.get("/styles/{style}/recipe/revisions", **needs("look"))
def recipe_revisions(asking: Asking, paged: Paged, style: Name) -> Page[RecipeRevision]:
    """Every recipe that somebody set, the newest first."""
    _held(asking, style)
    found = style_recipes.revisions(asking.studio.engine, style)
    return paging.of_all(paged, found, lambda one: one.revision, _told, falling=True)


def _read(asking: Caller, given: dict[str, Any]) -> Recipe:
    json_bodies.check_kept("recipe", given)
    return finishing.in_colours(asking.studio, written.read(json.dumps(given)))


def _held(asking: Caller, style: str) -> StyleRecipe:
    with looked_up():
        known = known_versions.of_style(asking.studio, style)
        held = recipes.of_style(asking.studio, style, known)
    mark = held.recipe.mark if held.recipe else ""
    return StyleRecipe(
        style=style, recipe=held.recipe, mark=mark, revision=held.revision, origin=held.origin
    )


def _told(one: Revision) -> RecipeRevision:
    return RecipeRevision(
        revision=one.revision,
        recipe=one.recipe,
        mark=one.recipe.mark if one.recipe else "",
        by=one.by,
        at=one.at,
        why=one.why,
    )
