"""Props as assets, made at once and without a job."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from studio import context
from studio.assets import records
from studio.context import Studio
from studio.props import glb, making
from studio.props import settings as all_settings
from studio.workflows import prop_files, props
from tests.prop_pictures import sprite


def prop(
    studio: Studio,
    picture: Image.Image | None = None,
    *,
    name: str = "arrow",
    key: str = "props/test/1",
    parents: tuple[str, ...] = (),
    of: dict[str, Any] | None = None,
    by: str = "ana",
    **given: Any,
) -> str:
    """A prop of a picture by a local method, a card unless another is given; its id."""
    settings = props.settings_in(studio, {"method": "card", "height_m": 1.5, **given})
    made = making.make(picture or sprite(), settings, None)
    about = prop_files.About(
        key=key,
        name=name,
        method=settings.method,
        made_by=props.MADE_BY,
        settings=all_settings.to_json(settings),
        remarks=tuple(made.remarks),
        parents=parents,
        style="props",
        version=1,
        prompt="a <b>red</b> arrow",
        of=of or {},
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        written = prop_files.write(folder, made.model, glb.write(made.model), made.normal_map)
        files = prop_files.put_away(studio.home, folder, written)
    new = prop_files.new(about, files, written.figures)
    (id,) = records.put(studio.engine, [new], by=by, now=context.now())
    return id
