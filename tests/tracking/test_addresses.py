"""What MLflow's records name when its files go from the folder into a bucket, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studio.settings import Settings
from studio.tracking import addresses, tables
from tests.tracking.written_records import named, records, told, write_down

Place = Callable[[str, str], Settings]
BUCKET = "s3://art/team/mlflow"


def readdress(settings: Settings, old: addresses.Place, new: addresses.Place) -> None:
    engine = records(settings)
    with tables.changing(engine) as connection:
        addresses.readdress(connection, old, new)
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_records_go_into_a_bucket_and_come_back_as_they_were(place: Place, kind: str):
    here = place("ho me%20", kind)
    told(here)
    write_down(here, (1, 2))
    write_down(here, (3,), style="Old Items 100%")
    before = sorted(named(here))
    assert any("Old%20Items%20100%25" in one for one in before)
    readdress(here, here.artifacts, BUCKET)
    there = sorted(named(here))
    assert all(one.startswith(f"{BUCKET}/") for one in there) and len(there) == len(before)
    # A bucket's keys are plain: what MLflow makes of such an address is the key of the file.
    assert f"{BUCKET}/Old Items 100%/models/m-3/artifacts" in there
    readdress(here, BUCKET, here.artifacts)
    assert sorted(named(here)) == before


def test_another_bucket_and_a_longer_name_are_left_alone(here: Settings):
    told(here)
    write_down(here)
    readdress(here, here.artifacts, BUCKET)
    before = named(here)
    readdress(here, f"{BUCKET}-2", here.artifacts)
    readdress(here, "s3://art/team", "s3://art/other")
    assert named(here) == [one.replace("/team/", "/other/") for one in before]


def test_what_an_address_names_below_a_place():
    assert addresses.below(f"{BUCKET}/items/models/m-1", BUCKET) == "items/models/m-1"
    assert addresses.below(BUCKET, BUCKET) is None
    assert addresses.below(f"{BUCKET}2/items", BUCKET) is None
    assert addresses.below("file:///x", "") is None
