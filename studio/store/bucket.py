"""A bucket of S3 as the studio's store: Amazon's, or any server that speaks as it does.

<prefix>studio.json         whose place in the bucket this is
<prefix>objects/ab/abcd...  files by the SHA-256 of their bytes, each written once
<prefix>mlflow/...          MLflow's files, by the paths that its records name
<prefix>backups/...         what lies in the studio's backups/, by its name

No ACL is ever sent, and no checksum beside the signed SHA-256 of what is sent, by which the server
knows that all of it arrived.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.store.at_once import CALLS
from studio.store.bucket_errors import Absent, Away, Changed, Denied, Refused, There, plain
from studio.store.contents import check_digest, digest_of
from studio.store.place import Place
from studio.store.publish import publishing

MARK = "studio.json"
OBJECTS = "objects/"
PART = 16 * 1024**2  # bytes; what is larger is sent in parts of this size or larger
MOST_PARTS = 9_000  # S3 takes 10,000
PIECE = 1024**2  # bytes that are read at once
CONNECT_S, READ_S = 5, 20


def key_of(digest: str) -> str:
    """The key of a file by the SHA-256 of its bytes, without the place's prefix."""
    return f"{OBJECTS}{check_digest(digest)[:2]}/{digest}"


class Bucket:
    """A client on the place's bucket, made at the first call. Its methods may be called by several
    threads at once; each raises Away, Refused or another StudioError (`bucket_errors`)."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def put(self, content: bytes | Path) -> str:
        """Keep these bytes, or what is in this file, once; their SHA-256."""
        digest = digest_of(content)
        self.send_once(key_of(digest), content, digest)
        return digest

    def get(self, digest: str) -> bytes:
        """What was put, compared with its name."""
        data = b"".join(self._pieces(key_of(digest)))
        if hashlib.sha256(data).hexdigest() != digest:
            raise _changed(self.place, key_of(digest))
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """Put what was put at `target`, in the place of what was there; compared with its name."""
        self.bring(key_of(digest), target, digest)

    def has(self, digest: str) -> bool:
        """Whether there is such a file; that nobody changed it, only reading it can say."""
        return self.size(key_of(digest)) is not None

    def delete(self, digest: str) -> None:
        """Take the file away; nothing where there is none."""
        self.remove(key_of(digest))

    def digests(self) -> Iterator[str]:
        """The name of every file there, in order."""
        for key, _ in self.listing(OBJECTS):
            yield key.rpartition("/")[2]

    def send_once(self, key: str, content: bytes | Path, digest: str) -> None:
        """Write an object whose key is that of its hash; nothing where it is there. Errors as
        `send`."""
        size = _size_of(content)
        if size > PART and self.size(key) == size:
            return
        try:
            self.send(key, content, digest, once=True)
        except There:
            if self.size(key) != size:  # somebody else wrote there
                self.send(key, content, digest)

    def send(self, key: str, content: bytes | Path, digest: str, *, once: bool = False) -> None:
        """Write an object, which the server has whole or not at all. With `once` There is raised
        where one has the key already. StudioError where the content isn't what `digest` says."""
        condition = {"IfNoneMatch": "*"} if once else {}
        size = _size_of(content)
        try:
            if isinstance(content, Path) and size > PART:
                self._send_parts(key, content, digest, size, condition)
                return
            data = content if isinstance(content, bytes) else content.read_bytes()
        except OSError as error:
            raise _unreadable(content, error) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise _not_as_noted(content)
        with self._asking(f"write {key}") as (client, where):
            client.put_object(**where, Key=self._full(key), Body=data, **condition)

    def bring(self, key: str, target: Path, digest: str) -> None:
        """Read an object into the file `target`; StudioError where it isn't what `digest` says."""
        read = hashlib.sha256()
        with publishing(target, flush=False) as aside:
            with aside.open("wb") as file:
                for piece in self._pieces(key):
                    read.update(piece)
                    file.write(piece)
            if read.hexdigest() != digest:
                raise _changed(self.place, key)

    def size(self, key: str) -> int | None:
        """Bytes of an object; None where there is none."""
        try:
            with self._asking(f"read {key}") as (client, where):
                return int(client.head_object(**where, Key=self._full(key))["ContentLength"])
        except Absent:
            return None

    def digest(self, key: str) -> str:
        """Read an object to its end; the SHA-256 of what is there."""
        read = hashlib.sha256()
        for piece in self._pieces(key):
            read.update(piece)
        return read.hexdigest()

    def remove(self, key: str) -> None:
        """Take an object away; nothing where there is none."""
        with self._asking(f"delete {key}") as (client, where):
            client.delete_object(**where, Key=self._full(key))

    def listing(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Key and bytes of every object whose key begins with `under`, in order."""
        more: dict[str, str] = {}
        while True:
            with self._asking("list what is there") as (client, where):
                told = client.list_objects_v2(**where, Prefix=self._full(under), **more)
            for one in told.get("Contents", ()):
                yield one["Key"].removeprefix(self.place.prefix), int(one["Size"])
            if not told.get("IsTruncated"):
                return
            more = {"ContinuationToken": told["NextContinuationToken"]}

    def link(self, key: str, name: str, media_type: str) -> str:
        """An address by which a browser keeps the object as a file of that name, until the place's
        `link_s` are over. It is a secret: never to be stored or logged. Nothing is asked for it."""
        quoted = name.replace("\\", "_").replace('"', "_")
        asked = {
            "ResponseContentDisposition": f'attachment; filename="{quoted}"',
            "ResponseContentType": media_type,
        }
        with self._asking("make a link", self.place.address) as (client, where):
            return str(
                client.generate_presigned_url(
                    "get_object",
                    Params={**where, "Key": self._full(key), **asked},
                    ExpiresIn=self.place.link_s,
                )
            )

    def claim(self, id: str) -> None:
        """Mark the place in the bucket as that of the studio `id`. Refused where it is another's,
        where there is no such bucket or it is in another region, and where the keys may only
        read."""
        with self._asking("list what is there") as (client, where):
            client.list_objects_v2(**where, MaxKeys=1)  # says why not; the answer to a HEAD doesn't
            its = client.head_bucket(**where).get("BucketRegion")
            ours = str(client.meta.region_name).replace("aws-global", "us-east-1")
        if its and its != ours:
            raise Refused(
                f"The bucket {self.place.bucket} is in {its}, not in {ours}.",
                f"Set STUDIO_STORE_REGION={its}; links are signed for it.",
            )
        if self.size(MARK) is None:  # asked first: not every server refuses to replace it
            self._mark(id)
        self._compare(id)

    def versioned(self) -> bool | None:
        """Whether the bucket keeps what is deleted or replaced; None: the keys may not ask."""
        try:
            with self._asking("ask for its versioning") as (client, where):
                return client.get_bucket_versioning(**where).get("Status") == "Enabled"
        except Refused:
            return None

    def _mark(self, id: str) -> None:
        mark = json.dumps({"studio": id}).encode()
        try:
            with suppress(There):  # another studio was quicker
                self.send(MARK, mark, hashlib.sha256(mark).hexdigest(), once=True)
        except Denied as error:
            raise Denied(
                f"{self.place.shown} can be read and not written with these keys.", error.remedy
            ) from error

    def _compare(self, id: str) -> None:
        try:
            owner = str(json.loads(b"".join(self._pieces(MARK)))["studio"])
        except (ValueError, KeyError, TypeError):
            owner = "nobody knows which"
        if owner != id:
            raise Refused(
                f"{self.place.shown} is the place of another studio ({owner}; this one is {id}).",
                "Give this studio a bucket or a STUDIO_STORE_PREFIX of its own; nothing was "
                "written.",
            )

    def _send_parts(
        self, key: str, file: Path, digest: str, size: int, condition: dict[str, str]
    ) -> None:
        part, read = max(PART, -(-size // MOST_PARTS)), hashlib.sha256()
        parts: list[dict[str, Any]] = []
        with self._asking(f"write {key}") as (client, where):
            named = {**where, "Key": self._full(key)}
            named["UploadId"] = client.create_multipart_upload(**named)["UploadId"]
            try:
                with file.open("rb") as source:
                    while piece := source.read(part):
                        read.update(piece)
                        number = len(parts) + 1
                        told = client.upload_part(**named, PartNumber=number, Body=piece)
                        parts.append({"PartNumber": number, "ETag": told["ETag"]})
                if read.hexdigest() != digest:
                    raise _not_as_noted(file)
                client.complete_multipart_upload(
                    **named, MultipartUpload={"Parts": parts}, **condition
                )
            except BaseException:
                with suppress(Exception):  # a lifecycle clears what stays (docs/storage.md)
                    client.abort_multipart_upload(**named)
                raise

    def _pieces(self, key: str) -> Iterator[bytes]:
        with self._asking(f"read {key}") as (client, where):
            body = client.get_object(**where, Key=self._full(key))["Body"]
        with body:
            while True:
                with self._asking(f"read {key}"):
                    try:
                        piece = body.read(PIECE)
                    except OSError as error:
                        raise Away(f"{self.place.server} broke off: {error}.") from error
                if not piece:
                    return
                yield piece

    def _full(self, key: str) -> str:
        return f"{self.place.prefix}{key}"

    @contextmanager
    def _asking(self, what: str, address: str = "") -> Iterator[tuple[Any, dict[str, str]]]:
        """The client, and the bucket as its calls name it; its errors become plain words."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield self._client(address), {"Bucket": self.place.bucket}
        except (BotoCoreError, ClientError) as error:
            told = plain(error, self.place, what)
            if isinstance(told, Refused):
                with self._lock:  # keys that were written anew are read with the next client
                    self._clients.clear()
            raise told from error

    def _client(self, address: str) -> Any:
        with self._lock:
            if address not in self._clients:
                self._clients[address] = _connect(self.place, address or self.place.endpoint)
            return self._clients[address]


def _connect(place: Place, endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    logging.getLogger("botocore").setLevel(logging.INFO)  # below that it tells signatures
    config = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={
            "addressing_style": "path" if endpoint else "auto",
            "payload_signing_enabled": True,
        },
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"total_max_attempts": 1, "mode": "standard"},  # the outbox tries again by itself
        max_pool_connections=CALLS,
    )
    return boto3.session.Session().client(
        "s3", region_name=place.region or None, endpoint_url=endpoint or None, config=config
    )


def _size_of(content: bytes | Path) -> int:
    if isinstance(content, bytes):
        return len(content)
    try:
        return content.stat().st_size
    except OSError as error:
        raise _unreadable(content, error) from error


def _unreadable(content: object, error: OSError) -> StudioError:
    return StudioError(f"{content} can't be read: {error.strerror}.")


def _not_as_noted(content: bytes | Path) -> StudioError:
    said = content if isinstance(content, Path) else "What was to be sent"
    return StudioError(f"{said} was changed: its SHA-256 is not the one noted.", "Note it anew.")


def _changed(place: Place, key: str) -> Changed:
    return Changed(
        f"{place.shown}{key} was changed: it isn't what was put.",
        "Delete it; where the studio's folder has the file still, `store check --fix` sends it.",
    )
