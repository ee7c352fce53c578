"""A picture, or a model that gets a texture, on its way to a provider: within the call itself, as
an upload, or at a link of minutes into the studio's own bucket.

In the bucket it lies under a name that nobody guesses, until its call has ended.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass

from studio import images
from studio.assets import files
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.props.providers import calls, pictures
from studio.props.providers.asking import LONGEST, Access, NotSent, Unclear, ask
from studio.props.providers.calls import Call
from studio.props.providers.shapes import Provider, at
from studio.store import local
from studio.store.bucket import Bucket
from studio.workflows.upscale_sources import Source

OFFERED = "offered/"  # in the bucket
MODEL = "model"  # the role of a prop's file


@dataclass(frozen=True)
class Sent:
    """The bytes that go to a provider, their type, and how their file's name ends."""

    data: bytes
    media_type: str
    suffix: str


def data_of(studio: Studio, source: Source | None, mesh: Asset | None, matte: str) -> Sent | None:
    """What is sent: a prop's model, or a picture on its matte; None where only words are.
    StudioError for a picture on which nothing is drawn."""
    if mesh is not None:
        file = local.present(studio.home / model_of(studio, mesh)[0])
        return Sent(file.read_bytes(), pictures.MODEL_TYPE, "glb")
    if source is None:
        return None
    picture = images.open_picture(local.present(source.path))
    return Sent(pictures.prepared(picture, matte), "image/png", "png")


def brought(studio: Studio, access: Access, call: Call, what: Sent) -> Call:
    """The call with what is sent where its provider takes it from, once; it costs nothing.
    StudioError where that can't be."""
    provider, engine = access.provider, studio.engine
    if provider.sends == "data" or call.mark:
        return call
    if provider.sends == "link":
        key = f"{OFFERED}{secrets.token_hex(16)}.{what.suffix}"
        digest = hashlib.sha256(what.data).hexdigest()
        bucket_for(studio, provider).send(key, what.data, digest)
        return calls.mark(engine, call.id, key)
    upload = provider.upload
    assert upload is not None
    try:
        form = (upload.part, f"picture.{what.suffix}", what.data)
        answered = ask(access, "POST", upload.path, form=form)
    except (NotSent, Unclear) as error:
        raise _not_brought(provider, str(error)) from error
    found = at(answered.found, upload.answer)
    usable = isinstance(found, str) and 0 < len(found) <= LONGEST and found.isprintable()
    if not answered.fine or not usable:
        raise _not_brought(provider, answered.said)
    return calls.mark(engine, call.id, found)


def named(studio: Studio, provider: Provider, call: Call, what: Sent, token: str) -> str:
    """How the call names what is sent. A link is a secret of minutes: it is made for the call alone
    and kept nowhere. Our token is part of it, by which the call is found in a list."""
    if provider.sends == "data":
        return pictures.as_data(what.data, what.media_type)
    if provider.sends == "link":
        bucket = bucket_for(studio, provider)
        return bucket.link(call.mark, f"{token}.{what.suffix}", what.media_type)
    return call.mark


def take_away(studio: Studio, call: Call) -> None:
    """What lay in the bucket for a call that has ended is not offered any more."""
    bucket = local.bucket_of(studio.home)
    if bucket is not None and call.mark.startswith(OFFERED):
        with suppress(StudioError):  # its link is over; a lifecycle clears it (docs/providers.md)
            bucket.remove(call.mark)


def bucket_for(studio: Studio, provider: Provider) -> Bucket:
    """The bucket that a provider fetches from; StudioError where the studio has none."""
    found = local.bucket_of(studio.home)
    if found is None:
        raise StudioError(
            f"{provider.label} fetches the picture from a public address, and the studio's files "
            "are in its folder alone.",
            "Set STUDIO_STORE=s3 with a bucket that the provider reaches (docs/storage.md): it is "
            "given a link of minutes. Or choose another provider.",
        )
    return found


def model_of(studio: Studio, prop: Asset) -> tuple[str, str]:
    """Where a prop's model lies in the studio's folder, and its hash. StudioError where it has
    none."""
    for file in files.of(studio.engine, prop.id):
        if file.role == MODEL and file.content is not None:
            return file.path, file.content.hash
    raise StudioError(f"Asset {prop.id} is no prop with a model.", "Choose a prop.")


def _not_brought(provider: Provider, said: str) -> StudioError:
    return StudioError(
        f"{provider.label} did not take the picture: {said}",
        "Nothing was paid. Ask for it anew once that is mended.",
    )
