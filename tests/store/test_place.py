"""Where files are kept, by the settings: what is taken, and what is refused by name."""

import dataclasses

import pytest

from studio.errors import StudioError
from studio.settings import load_settings
from studio.store.place import PLAIN_CHECKSUMS, Place

BUCKET = {"STUDIO_STORE": "s3", "STUDIO_STORE_BUCKET": "our-art"}


def test_a_studio_has_its_files_in_its_folder_alone() -> None:
    place = load_settings({}).store
    assert place == Place() and not place.in_s3
    assert place.environment == PLAIN_CHECKSUMS


def test_a_bucket_by_settings_alone() -> None:
    given = {
        **BUCKET,
        "STUDIO_STORE_PREFIX": "/one/two/",
        "STUDIO_STORE_ENDPOINT": "https://s3.example.com/",
        "STUDIO_STORE_REGION": "eu-west-1",
        "STUDIO_STORE_ADDRESS": "https://files.example.com",
        "STUDIO_STORE_LINKS": "3",
        "STUDIO_STORE_LOCAL": "2",
        "STUDIO_STORE_ELSEWHERE": "yes",
    }
    place = load_settings(given).store
    assert place.shown == "s3://our-art/one/two/" and place.server == "https://s3.example.com"
    assert (place.link_s, place.local, place.elsewhere) == (180, 2 * 1024**3, True)
    assert place.environment == {
        **PLAIN_CHECKSUMS,
        "MLFLOW_S3_ENDPOINT_URL": "https://s3.example.com",
        "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    amazon = dataclasses.replace(place, endpoint="", region="")
    assert amazon.environment == PLAIN_CHECKSUMS and amazon.server == "Amazon S3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_STORE", "S3"),
        ("STUDIO_STORE_BUCKET", ""),
        ("STUDIO_STORE_BUCKET", "Our Art"),
        ("STUDIO_STORE_BUCKET", "a/b"),
        ("STUDIO_STORE_PREFIX", "../x"),
        ("STUDIO_STORE_PREFIX", "a//b"),
        ("STUDIO_STORE_ENDPOINT", "s3.example.com"),
        ("STUDIO_STORE_ENDPOINT", "https://s3.example.com/path"),
        ("STUDIO_STORE_ADDRESS", "ftp://files"),
        ("STUDIO_STORE_LINKS", "0"),
        ("STUDIO_STORE_LINKS", "10081"),
        ("STUDIO_STORE_LOCAL", "-1"),
        ("STUDIO_STORE_ELSEWHERE", "perhaps"),
    ],
)
def test_a_bad_one_is_named(name: str, value: str) -> None:
    with pytest.raises(StudioError, match=name) as refused:
        load_settings({**BUCKET, name: value})
    assert refused.value.remedy
