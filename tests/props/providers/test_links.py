"""A provider that fetches the picture itself: a link of minutes into the studio's own bucket, which
is kept nowhere, and nothing public."""

import dataclasses
import io
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from PIL import Image

from studio.context import open_studio
from studio.errors import StudioError
from studio.jobs import queue
from studio.props.providers import access, calls
from studio.store import local
from studio.store.place import Place
from studio.workflows import provider_calls, provider_intake
from tests.props.providers import asking_studio


@pytest.mark.slow
def test_it_holds_for_the_call_and_is_gone_with_it(tmp_path: Path, in_s3: Place):
    settings = asking_studio.settings_of(tmp_path / "home", "http://127.0.0.1:9")
    keyed = (*settings.prop_keys, ("synexa", "key-0123456789"))
    studio = open_studio(dataclasses.replace(settings, store=in_s3, prop_keys=keyed))
    start = asking_studio.picture(studio)
    meant = provider_calls.wanted(studio, "synexa", picture=start, matte="#204060")
    provider_calls.check(studio, meant)
    job = queue.submit(
        studio.engine,
        kind=provider_calls.MADE_BY,
        lane="short",
        payload={},
        asked_by="ana",
        now=datetime.now(UTC),
    )
    new = calls.New(job.id, "synexa", meant.offer.name, "shield", "", "ana", {}, "f")
    call = calls.begin(studio.engine, new, now=datetime.now(UTC))
    what = provider_intake.data_of(studio, meant.source, None, meant.matte)
    found = access.access(studio.settings, "synexa")
    call = provider_intake.brought(studio, found, call, what)
    assert provider_intake.brought(studio, found, call, what).mark == call.mark  # once
    link = provider_intake.named(studio, meant.provider, call, what, "t" * 32)
    assert call.mark in link and "t" * 32 in link and link not in str(calls.get(studio.engine, 1))
    sent = httpx.get(link)
    with Image.open(io.BytesIO(sent.content)) as picture:
        assert picture.mode == "RGB" and picture.getpixel((0, 0)) == (0x20, 0x40, 0x60)
    assert httpx.get(link.partition("?")[0]).status_code == 403
    provider_intake.take_away(studio, call)
    assert httpx.get(link).status_code == 404
    local.detach(studio.home)
    with pytest.raises(StudioError, match="public address"):
        provider_calls.check(studio, meant)
