"""The jobs of a prop by a provider: asked at the door, posted, received, and made a prop of."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.assets import files, records
from studio.charges.limits import LimitReached
from studio.errors import StudioError
from studio.jobs import queue
from studio.operations import provider_rounds
from studio.props import glb
from studio.props.model import Material, Model, Part, Texture
from studio.props.providers import calls
from studio.worker.kinds import prop_by_provider, prop_received
from studio.worker.payload import read
from studio.workflows import provider_results
from tests.props.providers import asking_studio
from tests.props.providers.asking_studio import CREDIT, looked
from tests.props.providers.service import CREDITS, OBJ, Service, serving
from tests.worker.kinds.step_by_step import NOW, again, begun, ran


@pytest.fixture
def service():
    with serving(Service(file=card())) as served:
        yield served


@pytest.fixture
def studio(tmp_path: Path, service: Service):
    opened = asking_studio.opened(tmp_path / "home", service)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def start(studio) -> str:
    return asking_studio.picture(studio)


def card() -> bytes:
    """A card 2 m high, its feet at y = 1, with a texture that is sampled sharply."""
    drawn = io.BytesIO()
    Image.new("RGB", (4, 4), "#204060").save(drawn, format="PNG")
    corners = [(-1, 1, 0), (1, 1, 0), (1, 3, 0), (-1, 3, 0)]
    part = Part(
        positions=np.array(corners, np.float32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=np.array([(0, 1), (1, 1), (1, 0), (0, 0)], np.float32),
        triangles=np.array([(0, 1, 2), (0, 2, 3)], np.uint32),
        material=Material(name="card", colour=Texture(drawn.getvalue(), nearest=True)),
    )
    return glb.write(Model((part,), "card"))


def asked(studio, start: str, **more: object) -> calls.Call:
    """A call of Meshy's, posted by its job, after all looks at it."""
    given, ask = begun(
        studio, "prop_by_provider", provider="meshy", picture=start, name="shield", **more
    )
    told = ran(prop_by_provider.KIND, given, ask)
    assert told["reference"] == "made-1"
    assert ran(prop_by_provider.KIND, given, ask) == told  # another attempt posts nothing
    return looked(studio, calls.get(studio.engine, told["call"]))


def test_what_came_becomes_a_prop_of_its_height_with_all_that_made_it(studio, service, start):
    call = asked(studio, start, height_m=1.8, parameters={"triangles": 500})
    assert len(service.posts) == 1 and provider_rounds.receive(studio) == 1
    assert provider_rounds.receive(studio) == 0
    job = queue.get(studio.engine, calls.get(studio.engine, call.id).received_by)
    given = again(studio, job)
    ask = read(prop_received.Received, job.payload)
    told = ran(prop_received.KIND, given, ask)
    assert ran(prop_received.KIND, given, ask) == told
    prop = records.get(studio.engine, told["prop"])
    assert (prop.kind, prop.name, prop.by, prop.category) == (
        *("prop", "shield", "ana", "image-to-3d"),
    )
    recipe = prop.recipe
    assert recipe["cost"] == {"micros": CREDITS * CREDIT, "currency": "USD"}
    assert (recipe["provider"], recipe["reference"]) == ("meshy", "made-1")
    assert recipe["settings"]["parameters"]["triangles"] == 500
    assert recipe["figures"]["height_m"] == pytest.approx(1.8, abs=1e-4)
    roles = {one.role: one for one in files.of(studio.engine, prop.id)}
    assert {"model", "poster", "texture"} <= set(roles)
    model = glb.read((studio.home / roles["model"].path).read_bytes())
    low, high = model.bounds()
    assert low[1] == pytest.approx(0, abs=1e-4) and high[1] == pytest.approx(1.8, abs=1e-4)
    assert model.parts[0].material.colour.nearest
    assert calls.get(studio.engine, call.id).asset == prop.id
    sent = next(iter(service.taken.values())).body
    assert sent["image_url"].startswith("data:image/png;base64,")
    assert sent["target_polycount"] == 500


def test_what_is_no_model_fails_by_name_and_stays(studio, service, start):
    service.ends = ["obj"]
    call = asked(studio, start)
    provider_rounds.receive(studio)
    job = queue.get(studio.engine, calls.get(studio.engine, call.id).received_by)
    with pytest.raises(StudioError, match="no model that can be used"):
        ran(prop_received.KIND, again(studio, job), read(prop_received.Received, job.payload))
    call = calls.get(studio.engine, call.id)
    assert call.state == "failed" and call.asset == ""
    assert provider_results.file_of(studio.home, call.file).read_bytes() == OBJ
    provider_results.fetch_again(studio, call.id, by="ana")
    assert len(service.posts) == 1


def test_a_prop_that_is_refused_for_now_is_asked_for_later_and_says_why(studio, service, start):
    call = asked(studio, start)

    def refused(*_: object, **__: object) -> None:
        raise StudioError("40 jobs of ana wait or run.", "Wait until some have ended.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_rounds.submit, "ask", refused)
        assert provider_rounds.receive(studio) == 0
    call = calls.get(studio.engine, call.id)
    assert call.state == "done" and "40 jobs of ana" in call.note
    assert provider_rounds.receive(studio) == 0  # not every second
    assert calls.unreceived(studio.engine) == [call]
    calls.again(studio.engine, call.id, now=NOW)
    assert provider_rounds.receive(studio) == 1 and calls.get(studio.engine, call.id).note == ""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"provider": "mesh"}, "Did you mean meshy"),
        ({"provider": "fal"}, "STUDIO_PROPS_FAL_KEY"),
        ({"provider": "meshy", "model": "x"}, "has no model 'x'"),
        ({"provider": "meshy", "prompt": "a gem"}, "takes no words"),
        ({"provider": "meshy", "parameters": {"steps": 3}}, "has no setting 'steps'"),
        ({"provider": "meshy", "matte": "mud"}, "not a colour"),
        ({"provider": "meshy", "height_m": 0.0}, "height_m"),
        ({"provider": "meshy", "pivot": "hat"}, "hat"),
    ],
)
def test_what_can_t_be_asked_is_refused_at_the_door(studio, service, start, more, said):
    with pytest.raises(StudioError) as refused:
        begun(studio, "prop_by_provider", **{"picture": start, **more})
    assert said in str(refused.value) and service.seen == []


def test_a_limit_refuses_at_the_door(studio, service, start):
    asking_studio.limit(studio, 10)
    with pytest.raises(LimitReached):
        begun(studio, "prop_by_provider", provider="meshy", picture=start)
    assert service.seen == []
