"""What is sent: every setting checked, every field where the provider's row has it, the picture on
its matte."""

import base64
import io
import json

import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props.providers import asked, pictures, tables
from studio.props.providers.asked import Asked
from studio.settings import PROP_PROVIDERS

ALL = [(one, offer) for one in tables.PROVIDERS.values() for offer in one.offers]
NAMES = [f"{one.name} {offer.name}" for one, offer in ALL]


def test_every_provider_has_its_settings_and_every_row_is_whole():
    assert {name: one.label for name, one in tables.PROVIDERS.items()} == PROP_PROVIDERS
    for one in tables.PROVIDERS.values():
        assert one.documents.startswith("https://") and one.dated == tables.DATED
        assert one.base.startswith("https://") and not one.base.endswith("/")
        assert (one.sends == "upload") == (one.upload is not None)
        assert len({offer.name for offer in one.offers}) == len(one.offers)


@pytest.mark.parametrize(("provider", "offer"), ALL, ids=NAMES)
def test_a_body_has_all_that_is_asked_where_the_row_has_it(provider, offer):
    makes = offer.makes
    given = Asked(
        provider.name,
        offer.name,
        "a gem" if offer.text else "",
        "hash" if makes == "picture" else "",
        "hash" if makes == "texture" else "",
        asked.complete(offer, {}),
    )
    body = asked.body(provider, offer, given, "https://x/y.png", "v-1")
    text = json.dumps(body)
    assert ("https://x/y.png" in text) == (makes in ("picture", "texture"))
    assert ("a gem" in text) == bool(offer.text)
    for one in offer.parameters:
        if one.default is not None:
            assert one.field.rpartition(".")[2] in text
    if provider.shape == "predictions":
        assert set(body) == {"version", "input"}
    assert given.fingerprint != Asked(provider.name, offer.name, "another").fingerprint


def test_what_was_refused_for_its_content_is_known_with_other_settings():
    one = Asked("fal", "fal-ai/trellis", picture="hash", parameters={"seed": 1})
    for same in (
        Asked("fal", "fal-ai/trellis", picture="hash", parameters={"seed": 2, "steps": 20}),
        Asked("fal", "fal-ai/trellis-2", picture="hash"),
    ):
        assert same.fingerprint == one.fingerprint
    for other in (
        Asked("meshy", "image-to-3d", picture="hash"),
        Asked("fal", "fal-ai/trellis", picture="hash #ffffff"),
        Asked("fal", "fal-ai/trellis", mesh="hash"),
    ):
        assert other.fingerprint != one.fingerprint


def test_our_yes_is_their_no_and_a_list_is_a_list():
    offer = tables.SYNEXA.offers[0]
    told = asked.complete(offer, {"texture": True, "steps": "20"})
    given = Asked("synexa", offer.name, picture="hash", parameters=told)
    body = asked.body(tables.SYNEXA, offer, given, "https://x/y.png", "")
    assert body == {
        "model": "tencent/hunyuan3d-2",
        "input": {
            "image": "https://x/y.png",
            "steps": 20,
            "guidance_scale": 5.5,
            "octree_resolution": 256,
            "shape_only": False,
        },
    }
    offer = tables.REPLICATE.offers[0]
    given = Asked("replicate", offer.name, picture="hash", parameters={"seed": 7})
    body = asked.body(tables.REPLICATE, offer, given, "up", "v-1")
    assert body["input"]["images"] == ["up"] and body["input"]["seed"] == 7


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"triangle": 5}, "Did you mean triangles"),
        ({"triangles": 0}, "from 100 to 300000"),
        ({"triangles": True}, "from 100 to 300000"),
        ({"triangles": float("nan")}, "from 100 to 300000"),
        ({"texture": "maybe"}, "true or false"),
    ],
)
def test_what_can_t_be_is_refused_by_name(given, said):
    offer = tables.MESHY.offers[0]
    with pytest.raises(StudioError) as refused:
        asked.complete(offer, given)
    assert said in str(refused.value)


def test_words_are_needed_taken_or_refused():
    image, text = tables.MESHY.offers[0], tables.MESHY.offers[1]
    assert asked.checked_text(text, "  a\n gem ") == "a gem"
    for offer, words in ((text, " "), (image, "a gem"), (text, "x" * 601)):
        with pytest.raises(StudioError):
            asked.checked_text(offer, words)
    with pytest.raises(StudioError, match="has no model 'image-to-3'"):
        asked.offer_of(tables.MESHY, "image-to-3")
    assert asked.offer_of(tables.MESHY, "") is image


def test_bytes_that_are_sent_have_the_stated_matte_and_nothing_goes_black():
    picture = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    picture.putpixel((4, 4), (200, 10, 10, 255))
    plain = tables.MESHY.offers[0]
    clear = tables.FAL.offers[0]
    assert pictures.matte_of(plain, "") == "#ffffff" and pictures.matte_of(clear, "") == ""
    assert pictures.matte_of(clear, "teal") == "#008080"
    with pytest.raises(StudioError, match="not a colour"):
        pictures.matte_of(plain, "#12")
    sent = Image.open(io.BytesIO(pictures.prepared(picture, "#204060")))
    assert (sent.mode, sent.size) == ("RGB", (512, 512))
    assert sent.getpixel((0, 0)) == (0x20, 0x40, 0x60)
    assert sent.getpixel((4 * 64 + 10, 4 * 64 + 10)) == (200, 10, 10)
    kept = Image.open(io.BytesIO(pictures.prepared(picture, "")))
    assert kept.mode == "RGBA" and kept.getpixel((0, 0))[3] == 0
    large = pictures.prepared(Image.new("RGBA", (4_000, 100), (1, 2, 3, 255)), "#ffffff")
    assert Image.open(io.BytesIO(large)).size == (2_048, 51)
    with pytest.raises(StudioError, match="empty"):
        pictures.prepared(Image.new("RGBA", (8, 8)), "")
    data = pictures.as_data(b"abc", "image/png")
    assert base64.b64decode(data.partition(",")[2]) == b"abc"
    with pytest.raises(StudioError, match="15 MB"):
        pictures.as_data(bytes(pictures.LARGEST_DATA + 1), "image/png")
