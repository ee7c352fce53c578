"""What arrives is counted, for each call and each person, and given back."""

import asyncio

import pytest

from studio.api import bodies
from studio.api.problems import Told


def receiving(*sizes: int):
    left = list(sizes)

    async def receive():
        return {"type": "http.request", "body": b"x" * left.pop(0), "more_body": bool(left)}

    return receive


def test_a_body_has_a_size_and_a_person_a_budget(monkeypatch):
    monkeypatch.setattr(bodies, "PERSON", 100)

    async def read():
        with bodies.arriving("ana", receiving(40, 20, 9), 60) as first:
            await first()
            await first()
            with pytest.raises(Told) as large:
                await first()
            assert large.value.status == 413
            with bodies.arriving("ana", receiving(40, 1), 60) as second:
                await second()
                with pytest.raises(Told) as full:
                    await second()
                assert full.value.status == 429 and full.value.remedy
            with bodies.arriving("bo", receiving(60), 60) as others:
                assert len((await others())["body"]) == 60
        assert not bodies._held

    asyncio.run(read())
