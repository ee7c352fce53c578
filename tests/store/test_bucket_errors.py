"""What S3 says, in words that a person can act on."""

from email.utils import formatdate

import pytest
from botocore import exceptions as known
from botocore.exceptions import ClientError

from studio.store import bucket_errors
from studio.store.bucket_errors import Absent, Away, Denied, Refused, There, minutes_off, plain
from studio.store.place import Place

PLACE = Place("s3", "our-art", "one/", "https://s3.example.com", region="eu-west-1")
NOW = 1_800_000_000.0


def answered(code: str, status: int, **headers: str) -> ClientError:
    """As botocore tells of an answer; to a HEAD the code is the status."""
    about = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": about}, "PutObject")


@pytest.mark.parametrize(
    ("code", "status", "kind", "said"),
    [
        ("NoSuchBucket", 404, Refused, "no bucket our-art at https://s3.example.com"),
        ("SignatureDoesNotMatch", 403, Refused, "secret is wrong"),
        ("InvalidAccessKeyId", 403, Refused, "does not know the keys"),
        ("ExpiredToken", 400, Refused, "have expired"),
        ("AccessDenied", 403, Denied, "may not write x in s3://our-art/one/"),
        ("403", 403, Denied, "may not write x"),
        ("RequestTimeTooSkewed", 403, Refused, "clock differs from"),
        ("PreconditionFailed", 412, There, "has it already"),
        ("NoSuchKey", 404, Absent, "no such object"),
        ("404", 404, Absent, "no such object"),
        ("SlowDown", 503, Away, "has no time"),
        ("InternalError", 500, Away, "has no time"),
        ("502", 502, Away, "has no time"),
        ("NotImplemented", 501, Refused, "If-None-Match"),
        ("InvalidArgument", 400, Refused, "InvalidArgument"),
    ],
)
def test_an_answer_in_words(code: str, status: int, kind: type, said: str) -> None:
    told = plain(answered(code, status), PLACE, "write x")
    assert type(told) is kind and said in told.message


def test_a_bucket_elsewhere_is_told_with_its_region() -> None:
    error = answered("PermanentRedirect", 301, **{"x-amz-bucket-region": "us-west-2"})
    told = plain(error, PLACE, "write x")
    assert isinstance(told, Refused)
    assert "in us-west-2, not in eu-west-1" in told.message
    assert "STUDIO_STORE_REGION" in told.remedy


def test_a_signature_for_another_region_is_told_with_the_right_one() -> None:
    error = answered("AuthorizationHeaderMalformed", 400)
    error.response["Error"]["Region"] = "us-west-2"  # as Amazon and MinIO answer
    told = plain(error, PLACE, "write x")
    assert isinstance(told, Refused) and "in us-west-2, not in eu-west-1" in told.message
    error.response["Error"]["Region"] = "eu-west-1"
    assert "does not know the keys" in plain(error, PLACE, "write x").message


@pytest.mark.parametrize(
    ("minutes", "said"), [(20, "is 20 minutes ahead of"), (-20, "is 20 minutes behind")]
)
def test_a_clock_that_is_off_is_told_by_how_much(monkeypatch, minutes: int, said: str) -> None:
    monkeypatch.setattr(bucket_errors, "wall_clock", lambda: NOW + 60 * minutes)
    theirs = formatdate(NOW, usegmt=True)
    for code in ("RequestTimeTooSkewed", "403"):  # the answer to a HEAD tells nothing more
        told = plain(answered(code, 403, date=theirs), PLACE, "write x")
        assert isinstance(told, Refused) and said in told.message and "NTP" in told.remedy


def test_without_its_time_nothing_is_off() -> None:
    assert minutes_off({}, NOW) == 0 and minutes_off({"date": "soon"}, NOW) == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (known.EndpointConnectionError(endpoint_url="https://s3.example.com"), Away),
        (known.ConnectTimeoutError(endpoint_url="https://s3.example.com"), Away),
        (known.ReadTimeoutError(endpoint_url="https://s3.example.com"), Away),
        (known.ConnectionClosedError(endpoint_url="https://s3.example.com"), Away),
        (known.IncompleteReadError(actual_bytes=1, expected_bytes=2), Away),
        (known.SSLError(endpoint_url="https://s3.example.com", error="self-signed"), Refused),
        (known.NoCredentialsError(), Refused),
        (known.ProfileNotFound(profile="art"), Refused),
        (known.CredentialRetrievalError(provider="sso", error_msg="expired"), Refused),
    ],
)
def test_what_keeps_an_answer_away(error: Exception, kind: type) -> None:
    told = plain(error, PLACE, "write x")
    assert type(told) is kind and told.message and told.remedy
