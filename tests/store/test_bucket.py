"""The bucket on a real server: who may not is refused, nothing is replaced, nothing more is sent
than has to be."""

import dataclasses
import hashlib
import json
import logging
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import httpx
import pytest

from studio.errors import StudioError
from studio.store import bucket as bucket_module
from studio.store import bucket_errors
from studio.store.bucket import MARK, Bucket, key_of
from studio.store.bucket_errors import Away, Denied, Refused, There
from studio.store.place import Place
from tests.services import radosgw

pytestmark = pytest.mark.slow

DATA = b"a knight"
DIGEST = hashlib.sha256(DATA).hexdigest()
SIGNED = "x-amz-content-sha256"
GENERATED = ("--gen-access-key", "--gen-secret")


def answer(address: str) -> int:
    return httpx.get(address, timeout=30).status_code


def test_a_file_is_put_once_and_read_back(in_s3: Place, tmp_path: Path) -> None:
    bucket = Bucket(in_s3)
    assert not bucket.has(DIGEST) and list(bucket.digests()) == []
    file = tmp_path / "knight.png"
    file.write_bytes(DATA)
    assert bucket.put(DATA) == bucket.put(file) == DIGEST
    assert bucket.has(DIGEST) and bucket.get(DIGEST) == DATA
    bucket.fetch(DIGEST, tmp_path / "back" / "knight.png")
    assert (tmp_path / "back" / "knight.png").read_bytes() == DATA
    assert list(bucket.digests()) == [DIGEST]
    assert list(bucket.listing()) == [(f"objects/{DIGEST[:2]}/{DIGEST}", len(DATA))]
    bucket.delete(DIGEST)
    bucket.delete(DIGEST)
    assert not bucket.has(DIGEST)
    with pytest.raises(StudioError, match="no such object"):
        bucket.get(DIGEST)


def test_a_large_file_goes_in_parts(in_s3: Place, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(bucket_module, "PART", 5 * 1024**2)  # as small as S3 lets parts be
    data = bytes(range(256)) * 45_000
    file = tmp_path / "adapter.safetensors"
    file.write_bytes(data)
    bucket, digest = Bucket(in_s3), hashlib.sha256(data).hexdigest()
    assert bucket.put(file) == digest and bucket.get(digest) == data
    with pytest.raises(StudioError, match="was changed"):
        bucket.send(key_of(DIGEST), file, DIGEST)
    assert not bucket.has(DIGEST)


def test_many_are_listed_to_the_last(in_s3: Place) -> None:
    bucket = Bucket(in_s3)
    sent = sorted(bucket.put(f"picture {number}".encode()) for number in range(30))
    client = bucket._client("")
    whole = client.list_objects_v2
    client.list_objects_v2 = lambda **asked: whole(**{**asked, "MaxKeys": 7})
    assert list(bucket.digests()) == sent


def test_a_second_put_is_refused_and_replaces_nothing(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys
) -> None:
    bucket, other = Bucket(in_s3), b"another"
    bucket.send("x", DATA, DIGEST, once=True)
    with pytest.raises(There):
        bucket.send("x", other, hashlib.sha256(other).hexdigest(), once=True)
    client = radosgw.client(gateway, owner)
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.put_object(Bucket=in_s3.bucket, Key="one/x", Body=other, IfNoneMatch="*")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert client.get_object(Bucket=in_s3.bucket, Key="one/x")["Body"].read() == DATA


def test_no_acl_and_no_checksum_is_sent(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "PART", 5 * 1024**2)
    bucket, sent = Bucket(in_s3), []
    events = bucket._client("").meta.events
    events.register("before-send.s3", lambda request, **_: sent.append(dict(request.headers)))
    file = tmp_path / "large"
    file.write_bytes(bytes(6 * 1024**2))
    bucket.claim("a" * 16)
    bucket.put(DATA)
    bucket.put(file)
    bucket.get(DIGEST)
    names = {name.lower() for headers in sent for name in headers}
    assert "authorization" in names and "x-amz-content-sha256" in names
    odd = ("acl", "checksum", "grant", "content-md5", "trailer", "sdk-checksum")
    assert not [name for name in names if any(word in name for word in odd)]
    signed = {headers[name] for headers in sent for name in headers if name.lower() == SIGNED}
    assert DIGEST in {one.decode() if isinstance(one, bytes) else one for one in signed}
    acl = radosgw.client(gateway, owner).get_object_acl(
        Bucket=in_s3.bucket, Key=f"one/{key_of(DIGEST)}"
    )
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]


def test_a_link_is_for_one_file_and_one_time(in_s3: Place) -> None:
    bucket = Bucket(dataclasses.replace(in_s3, link_s=3))
    other = bucket.put(b"another")
    bucket.put(DATA)
    link = bucket.link(key_of(DIGEST), 'gem "x".png', "image/png")
    got = httpx.get(link)
    assert got.status_code == 200 and got.content == DATA
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == 'attachment; filename="gem _x_.png"'
    (signature,) = parse_qs(urlsplit(link).query)["X-Amz-Signature"]
    wrong = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    assert answer(link.replace(key_of(DIGEST), key_of(other))) == 403
    assert answer(link.replace(signature, wrong)) == 403
    assert answer(link.replace("X-Amz-Expires=3", "X-Amz-Expires=3000")) == 403
    assert answer(link.partition("?")[0]) == 403
    assert answer(f"{in_s3.endpoint}/{in_s3.bucket}") == 403
    time.sleep(4)
    assert answer(link) == 403


def test_a_link_carries_the_host_that_browsers_reach(in_s3: Place) -> None:
    port = urlsplit(in_s3.endpoint).port
    outside = dataclasses.replace(in_s3, address=f"http://localhost:{port}")
    bucket = Bucket(outside)
    bucket.put(DATA)
    link = bucket.link(key_of(DIGEST), "gem.png", "image/png")
    assert urlsplit(link).netloc == f"localhost:{port}"
    assert httpx.get(link).content == DATA
    assert answer(link.replace("localhost", "127.0.0.1")) == 403  # the host is signed


def test_a_wrong_secret_is_refused_and_named(in_s3: Place, monkeypatch) -> None:
    Bucket(in_s3).put(DATA)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret-key")
    bucket = Bucket(in_s3)
    for refused in (lambda: bucket.claim("a" * 16), lambda: bucket.put(DATA)):
        with pytest.raises(Refused, match="secret is wrong"):
            refused()
    assert answer(bucket.link(key_of(DIGEST), "gem.png", "image/png")) == 403
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    with pytest.raises(Refused, match="does not know the keys"):
        Bucket(in_s3).claim("a" * 16)


def test_without_keys_it_is_said(in_s3: Place, tmp_path: Path, monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Refused, match="There are no keys"):
        Bucket(in_s3).claim("a" * 16)


def test_keys_that_end_in_the_middle_are_read_anew(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, tmp_path: Path, monkeypatch
) -> None:
    gateway.user("short")
    policy(gateway, owner, in_s3, "short", ["s3:ListBucket", "s3:GetObject", "s3:PutObject"])
    file = tmp_path / "credentials"
    for name in owner.environment:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    first = gateway.admin("key", "create", "--uid=short", "--key-type=s3", *GENERATED)
    write_keys(file, first)
    bucket = Bucket(in_s3)
    bucket.put(DATA)
    gateway.admin("key", "rm", "--uid=short", f"--access-key={access(first)}")
    time.sleep(1)
    with pytest.raises(Refused):
        bucket.put(b"another")
    write_keys(file, gateway.admin("key", "create", "--uid=short", "--key-type=s3", *GENERATED))
    assert bucket.has(bucket.put(b"another"))


def test_a_bucket_that_is_not_there_is_named(in_s3: Place) -> None:
    with pytest.raises(Refused, match="no bucket nobodys-art"):
        Bucket(dataclasses.replace(in_s3, bucket="nobodys-art")).claim("a" * 16)


def test_another_studios_place_is_left_as_it_is(in_s3: Place) -> None:
    Bucket(in_s3).claim("a" * 16)
    Bucket(in_s3).claim("a" * 16)
    with pytest.raises(Refused, match="place of another studio"):
        Bucket(in_s3).claim("b" * 16)
    assert json.loads(b"".join(Bucket(in_s3)._pieces(MARK))) == {"studio": "a" * 16}
    Bucket(dataclasses.replace(in_s3, prefix="two/")).claim("b" * 16)


def test_another_studios_place_in_a_versioned_bucket_is_left_as_it_is(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys
) -> None:
    radosgw.client(gateway, owner).put_bucket_versioning(
        Bucket=in_s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    Bucket(in_s3).claim("a" * 16)
    with pytest.raises(Refused, match="place of another studio"):
        Bucket(in_s3).claim("b" * 16)
    assert json.loads(b"".join(Bucket(in_s3)._pieces(MARK))) == {"studio": "a" * 16}


def test_a_bucket_in_another_region_is_named(in_s3: Place) -> None:
    bucket = Bucket(in_s3)

    def as_amazon_answers(parsed: dict, **told) -> None:  # which leads the client there by itself
        parsed["BucketRegion"] = "eu-west-3"

    bucket._client("").meta.events.register("after-call.s3.HeadBucket", as_amazon_answers)
    with pytest.raises(Refused, match="is in eu-west-3, not in us-east-1") as refused:
        bucket.claim("a" * 16)
    assert "STUDIO_STORE_REGION=eu-west-3" in refused.value.remedy
    assert list(bucket.listing()) == []


def test_a_bucket_that_can_only_be_read_is_named(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, monkeypatch
) -> None:
    reader = gateway.user("reader")
    policy(gateway, owner, in_s3, "reader", ["s3:ListBucket", "s3:GetObject"])
    for name, value in reader.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Denied, match="can be read and not written"):
        Bucket(in_s3).claim("a" * 16)


def test_a_stranger_may_nothing(in_s3: Place, gateway: radosgw.Gateway, monkeypatch) -> None:
    Bucket(in_s3).put(DATA)
    for name, value in gateway.user("stranger").environment.items():
        monkeypatch.setenv(name, value)
    stranger = Bucket(in_s3)
    for asked in (lambda: stranger.get(DIGEST), lambda: stranger.claim("a" * 16)):
        with pytest.raises(Denied, match="may not"):
            asked()


def test_a_versioned_bucket_is_seen(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys
) -> None:
    assert Bucket(in_s3).versioned() is False
    radosgw.client(gateway, owner).put_bucket_versioning(
        Bucket=in_s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    assert Bucket(in_s3).versioned() is True


def test_a_clock_that_is_twenty_minutes_off_is_named(in_s3: Place, monkeypatch) -> None:
    true = botocore.auth.get_current_datetime

    def late(*given, **named):
        return true(*given, **named) + timedelta(minutes=20)

    monkeypatch.setattr(botocore.auth, "get_current_datetime", late)
    monkeypatch.setattr(bucket_errors, "wall_clock", lambda: time.time() + 20 * 60)
    bucket = Bucket(in_s3)
    with pytest.raises(Refused, match="clock is 20 minutes ahead"):
        bucket.claim("a" * 16)
    with pytest.raises(Refused, match="clock is 20 minutes ahead"):
        bucket.put(DATA)


def test_a_server_that_hangs_is_away(
    in_s3: Place, gateway: radosgw.Gateway, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    bucket = Bucket(in_s3)
    bucket.put(DATA)
    with gateway.stopped():
        for asked in (
            lambda: bucket.put(b"another"),
            lambda: bucket.get(DIGEST),
            lambda: bucket.fetch(DIGEST, tmp_path / "x"),
        ):
            with pytest.raises(Away, match="does not answer"):
                asked()
    assert bucket.get(DIGEST) == DATA and not (tmp_path / "x").exists()
    with pytest.raises(Away, match="does not answer"):
        Bucket(dataclasses.replace(in_s3, endpoint="http://127.0.0.1:9")).put(DATA)


def test_what_was_changed_behind_its_name_is_never_used(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, tmp_path: Path
) -> None:
    bucket = Bucket(in_s3)
    bucket.put(DATA)
    client, full = radosgw.client(gateway, owner), f"one/{key_of(DIGEST)}"
    client.put_object(Bucket=in_s3.bucket, Key=full, Body=b"a kn1ght")
    with pytest.raises(StudioError, match="was changed"):
        bucket.get(DIGEST)
    with pytest.raises(StudioError, match="was changed"):
        bucket.fetch(DIGEST, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    client.put_object(Bucket=in_s3.bucket, Key=full, Body=b"shorter")
    bucket.put(DATA)  # of another size: it is put right
    assert bucket.get(DIGEST) == DATA


def test_no_signature_is_logged(in_s3: Place, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # the test's own client, no part of the studio
        caplog.set_level(logging.WARNING, logger=name)
    bucket = Bucket(in_s3)
    bucket.claim("a" * 16)
    bucket.put(DATA)
    link = bucket.link(key_of(DIGEST), "gem.png", "image/png")
    assert answer(link) == 200
    with pytest.raises(StudioError):
        bucket.get(hashlib.sha256(b"nothing").hexdigest())
    (signature,) = parse_qs(urlsplit(link).query)["X-Amz-Signature"]
    assert signature not in caplog.text
    assert "Signature" not in caplog.text and "AWS4" not in caplog.text


def policy(
    gateway: radosgw.Gateway, owner: radosgw.Keys, place: Place, user: str, actions: list[str]
) -> None:
    """Let a user of the server do this in the bucket, which is the owner's."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam:::user/{user}"]},
        "Action": actions,
        "Resource": [f"arn:aws:s3:::{place.bucket}", f"arn:aws:s3:::{place.bucket}/*"],
    }
    told = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    radosgw.client(gateway, owner).put_bucket_policy(Bucket=place.bucket, Policy=told)


def access(told: dict) -> str:
    """The newest key of a user, as radosgw-admin lists them: its own of the beginning has the
    user's name."""
    return next(k["access_key"] for k in told["keys"] if k["access_key"] != told["user_id"])


def write_keys(file: Path, told: dict) -> None:
    key = next(k for k in told["keys"] if k["access_key"] != told["user_id"])
    lines = ("[default]", f"aws_access_key_id={key['access_key']}")
    file.write_text("\n".join((*lines, f"aws_secret_access_key={key['secret_key']}")) + "\n")
