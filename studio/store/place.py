"""Where the studio's files are kept, from its settings: the folder alone, or a bucket of S3 too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from studio.errors import StudioError

Kind = Literal["folder", "s3"]
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
PREFIX = re.compile(r"[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*")
ADDRESS = re.compile(r"https?://[^/@?#\s]+")
# What every process needs for the client that MLflow makes: servers that know no other checksums
# than MD5 refuse the newer ones, which boto3 else adds by itself.
PLAIN_CHECKSUMS = {
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}


@dataclass(frozen=True)
class Place:
    """`bucket` with `prefix` ("" or "one/two/") on the server at `endpoint` ("": Amazon's), in
    `region` ("": as AWS's own settings say). Browsers reach it at `address` ("": at `endpoint`).

    `link_s`: seconds that a download's link holds. `local`: bytes of what is in the bucket that
    stay in the folder, too; 0: all. `elsewhere`: workers on other machines read from the bucket, so
    a row names a file only once it is there.
    """

    kind: Kind = "folder"
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    address: str = ""
    link_s: int = 600
    local: int = 0
    elsewhere: bool = False

    @property
    def in_s3(self) -> bool:
        """Whether there is a bucket."""
        return self.kind == "s3"

    @property
    def server(self) -> str:
        """The server for people."""
        return self.endpoint or "Amazon S3"

    @property
    def shown(self) -> str:
        """The place for people: s3://bucket/prefix/."""
        return f"s3://{self.bucket}/{self.prefix}" if self.in_s3 else "the studio's folder"

    @property
    def environment(self) -> dict[str, str]:
        """What processes need of it in their environment, for MLflow's client."""
        if not self.in_s3:
            return PLAIN_CHECKSUMS
        more = {}
        if self.endpoint:
            more["MLFLOW_S3_ENDPOINT_URL"] = self.endpoint
            more["MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"] = "path"
        if self.region:
            more["AWS_DEFAULT_REGION"] = self.region
        return {**PLAIN_CHECKSUMS, **more}


def place_of(values: Mapping[str, str], *, link_s: int, local: int) -> Place:
    """From the settings' values by name; StudioError for one that can't be."""
    kind, bucket = values["STUDIO_STORE"], values["STUDIO_STORE_BUCKET"]
    if kind not in ("folder", "s3"):
        raise StudioError(f"STUDIO_STORE is {kind!r}.", "Use folder or s3.")
    elsewhere = values["STUDIO_STORE_ELSEWHERE"]
    if elsewhere not in ("yes", "no"):
        raise StudioError(f"STUDIO_STORE_ELSEWHERE is {elsewhere!r}.", "Use yes or no.")
    if kind == "s3" and not BUCKET.fullmatch(bucket):
        raise StudioError(
            f"STUDIO_STORE is s3, and STUDIO_STORE_BUCKET is {bucket!r}.",
            "Give the bucket's name: 3 to 63 characters of a-z, 0-9, - and dots.",
        )
    prefix = values["STUDIO_STORE_PREFIX"].strip("/")
    if prefix and not PREFIX.fullmatch(prefix):
        raise StudioError(
            f"STUDIO_STORE_PREFIX is {prefix!r}.", "Use letters, digits, - and _, parted by /."
        )
    for name in ("STUDIO_STORE_ENDPOINT", "STUDIO_STORE_ADDRESS"):
        if values[name] and not ADDRESS.fullmatch(values[name].rstrip("/")):
            raise StudioError(f"{name} is no address of a server.", "Give it like https://s3.host")
    return Place(
        kind=cast(Kind, kind),
        bucket=bucket,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=values["STUDIO_STORE_ENDPOINT"].rstrip("/"),
        region=values["STUDIO_STORE_REGION"],
        address=values["STUDIO_STORE_ADDRESS"].rstrip("/"),
        link_s=link_s,
        local=local,
        elsewhere=elsewhere == "yes",
    )
