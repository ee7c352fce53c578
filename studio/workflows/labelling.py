"""What leaves the studio says how it came about: IPTC's DigitalSourceType, in exports as in
downloads. Large pictures, which are handed on as they lie, do not."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from studio.assets import family, files, records
from studio.assets.records import Asset
from studio.export import iptc
from studio.generation.gallery_table import PAINTED, Picture


def term(engine: Engine, asset: Asset) -> str:
    """The term for an asset: a model had a hand in it or in what it was made from, and a person
    painted over one of these; "" where no model did."""
    line = (asset, *family.family(engine, asset.id).before)
    if not any(one.version or _model_of(one) for one in line):
        return ""
    used = files.to_use(engine, [one.id for one in line])
    painted = any(one.role == PAINTED for one in used.values())
    return iptc.PAINTED_OVER if painted else iptc.DRAWN


def labelled(picture: Picture, data: bytes) -> bytes:
    """The file of a picture with its label; one that no model drew has none."""
    if not (picture.version or picture.base):
        return data
    return iptc.labelled(data, iptc.PAINTED_OVER if picture.painted else iptc.DRAWN)


def labelled_files(engine: Engine, id: str, found: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an asset by name, those that can say it with its label."""
    said = term(engine, records.get(engine, id))
    return {name: iptc.labelled(data, said) if said else data for name, data in found.items()}


def _model_of(asset: Asset) -> str:
    return str(asset.recipe.get("base") or asset.recipe.get("model") or "")
