"""Enlarging by an assistant: a job a picture, once for a key, and what there is to choose from."""

from studio.jobs import queue
from tests.api.mcp.calling import drawn, words


def test_pictures_are_enlarged_by_a_job_each_and_once_for_a_key(call, studio):
    ids = [drawn(studio, name) for name in ("well", "wall")]
    asked = {"pictures": ids, "factor": 2, "method": "lanczos", "idempotency_key": "once"}
    told = call("upscale_pictures", **asked).structured_content["jobs"]
    assert [one["kind"] for one in told] == ["upscale", "upscale"]
    again = call("upscale_pictures", **asked).structured_content["jobs"]
    assert [one["id"] for one in again] == [one["id"] for one in told]
    payload = queue.get(studio.engine, told[0]["id"]).payload
    assert payload["picture"] == ids[0] and payload["settings"]["method"] == "lanczos"
    tiles = call("get_upscale_tiles", job=told[0]["id"]).structured_content
    assert (tiles["width"], tiles["height"], tiles["tiles"]) == (64, 48, [])


def test_what_can_t_be_enlarged_is_named(call, studio):
    id = drawn(studio, "door")
    assert "no picture 'none'" in words(call("upscale_pictures", pictures=["none"]))
    assert "no setting 'glow'" in words(
        call("upscale_pictures", pictures=[id], settings={"glow": 1})
    )
    assert "21 pictures" in words(call("upscale_pictures", pictures=["x"] * 21))
    assert "no settings 'gone'" in words(call("upscale_pictures", pictures=[id], saved="gone"))


def test_methods_models_and_kept_settings_are_listed(call, studio):
    told = call("list_upscaling").structured_content
    assert list(told["methods"]) == ["nearest", "epx", "lanczos", "model", "diffusion"]
    assert told["saved"] == [] and isinstance(told["models"], list)
