"""The page Datasets as tests read it, and uploads as a browser makes them."""

import io
import json
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from studio import context
from studio.datasets import drafts, uploads, versions
from studio.datasets.edits import Change
from studio.datasets.manifests import DatasetVersion

EVIL = "<script>alert(1)</script> :red[x] **b**"


def said(at: AppTest) -> str:
    parts = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.toast)
    return "\n".join(element.value for some in parts for element in some)


def cards(at: AppTest) -> dict[str, Any]:
    """What the screen of pictures was given."""
    (screen,) = [e for e in at.get("bidi_component") if "pictures" in e.proto.component_name]
    told: dict[str, Any] = json.loads(screen.proto.json)
    return told


def address(at: AppTest, name: str) -> str:
    """What stands in the address; AppTest gives a list for what it set itself."""
    value = at.query_params.get(name, "")
    return value[0] if isinstance(value, list) else value


def put(studio: context.Studio, *changes: Change, by: str = "ana") -> int:
    written = drafts.write(studio.engine, "sample", changes, says="edit", by=by, now=context.now())
    assert written.step is not None
    return written.step


def newest(studio: context.Studio) -> DatasetVersion:
    return versions.load(studio.home, "sample")


def picture(colour: tuple[int, int, int]) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (24, 24), colour).save(data, format="PNG")
    return data.getvalue()


def sent(studio: context.Studio, files: dict[str, bytes]) -> str:
    """An upload as the browser makes it; what is refused is remembered."""
    token = uploads.begin(studio.home)
    for name, data in files.items():
        try:
            with uploads.receiving(studio.home, token, name, len(data)) as write:
                write(data)
        except context.StudioError:
            continue
    return token
