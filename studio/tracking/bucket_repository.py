"""MLflow's way to files, for addresses in the studio's place in the bucket; imports MLflow.

What its client logs goes through the outbox, and what it lists and reads comes from the studio's
own records and folder as far as it can, so that a bucket that does not answer holds nobody up.
Other programs, MLflow's server and `mlflow models serve` too, read the bucket itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from mlflow.entities import FileInfo
from mlflow.store.artifact import artifact_repository_registry
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository
from sqlalchemy import Engine

from studio.store.bucket import Bucket
from studio.store.bucket_errors import Away
from studio.tracking import addresses, bucket_files
from studio.tracking.client import Tracking


def use(engine: Engine, t: Tracking) -> None:
    """From here on MLflow's client in this process goes so to what lies in the studio's place."""
    registry = artifact_repository_registry._artifact_repository_registry
    ours = partial(_opened, engine, t, bucket_files.bucket_of(t))
    registry.register("s3", ours if t.bucket else S3ArtifactRepository)


def _opened(
    engine: Engine, t: Tracking, bucket: Bucket, artifact_uri: str, **given: Any
) -> S3ArtifactRepository:
    name = addresses.below(artifact_uri, t.bucket)
    if name is None:  # another program's experiment
        return S3ArtifactRepository(artifact_uri, **given)
    return BucketRepository(engine, t, bucket, name, artifact_uri, **given)


class BucketRepository(S3ArtifactRepository):
    """What MLflow's client finds behind one address; `name` is that below the studio's place."""

    def __init__(
        self,
        engine: Engine,
        t: Tracking,
        bucket: Bucket,
        name: str,
        artifact_uri: str,
        **given: Any,
    ) -> None:
        super().__init__(artifact_uri, **given)
        self.engine, self.tracking, self.bucket, self.name = engine, t, bucket, name

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """Keep one file."""
        self._keep(artifact_path, {Path(local_file).name: Path(local_file)})

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """Keep all files of a folder."""
        top = Path(local_dir)
        found = (path for path in sorted(top.rglob("*")) if path.is_file())
        self._keep(artifact_path, {path.relative_to(top).as_posix(): path for path in found})

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        """Files and folders right below `path`. Where the outbox knows none the bucket is asked;
        there are none while that does not answer."""
        top = self._named(path)
        seen: dict[str, FileInfo] = {}
        for name, size in self._below(top).items():
            if name == top:
                continue  # `path` is a file
            first, _, rest = name[len(top) + 1 :].partition("/")
            shown = f"{path.rstrip('/')}/{first}" if path else first
            seen[shown] = FileInfo(shown, bool(rest), None if rest else size)
        return sorted(seen.values(), key=lambda info: info.path)

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        name = self._named(remote_file_path)
        one = bucket_files.below(self.engine, name).get(name)
        if one is None:  # another program's
            key = f"{bucket_files.KEYS}{name}"
            self.bucket.bring(key, Path(local_path), self.bucket.digest(key))
        else:
            bucket_files.fetch(self.bucket, self.tracking, one, Path(local_path))

    def _below(self, top: str) -> dict[str, int]:
        """Bytes of all files below a name of the place, and of the one of that name, by theirs."""
        known = bucket_files.below(self.engine, top)
        if known:
            return {name: one.bytes for name, one in known.items()}
        try:
            there = list(self.bucket.listing(f"{bucket_files.KEYS}{top}"))
        except Away:
            return {}
        named = ((key.removeprefix(bucket_files.KEYS), size) for key, size in there)
        return {name: size for name, size in named if f"{name}/".startswith(f"{top}/")}

    def _keep(self, artifact_path: str | None, files: Mapping[str, Path]) -> None:
        top = self._named(artifact_path)
        given = {f"{top}/{name}": path for name, path in files.items()}
        bucket_files.keep(self.engine, self.tracking, given, datetime.now(UTC))

    def _named(self, path: str | None) -> str:
        """A path of the repository as a name below the studio's place; ValueError for one that
        leads out of the repository."""
        parts = PurePosixPath(path or "").parts
        if ".." in parts or (path or "").startswith("/"):
            raise ValueError(f"{path!r} leads out of {self.artifact_uri}")
        return "/".join((self.name, *parts))
