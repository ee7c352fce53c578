"""Whether the files of versions are where MLflow's records say: looked at, not believed."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlalchemy import Connection, Engine

from studio.store.publish import publishing
from studio.tracking import addresses, tables
from studio.tracking.files_flavor import own_files

DESCRIPTION = "MLmodel"


@dataclass(frozen=True)
class Lost:
    """A version whose files in `folder` are not all there, as `flaw` says; without a flaw they are,
    but outside of the studio's folder."""

    style: str
    number: int
    folder: Path
    flaw: str

    def __str__(self) -> str:
        said = f": {self.flaw}" if self.flaw else f" lies outside of the studio, in {self.folder}"
        return f"{self.style} version {self.number}{said}"


def flaw(folder: Path) -> str:
    """What a version's folder lacks, in words; empty where its own files are there. What is in
    them is not looked at."""
    described = folder / DESCRIPTION
    try:
        told = yaml.safe_load(described.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return f"{described if folder.is_dir() else folder} is gone"
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return f"{described} can't be read ({type(error).__name__})"
    try:
        own = folder / own_files(told)
    except (KeyError, TypeError):
        return ""  # another program's model: nobody here knows its files
    files = own.rglob("*") if own.is_dir() else [own]
    if any(file.is_file() and file.stat().st_size for file in files):
        return ""
    return f"{own} is {'empty' if own.exists() else 'gone'}"


def look(style: str, number: int, folder: Path, artifacts: Path) -> Lost | None:
    """What is wrong with the files of a version; None: they are in `artifacts`, and all there."""
    found = flaw(folder)
    if found or not folder.resolve().is_relative_to(artifacts.resolve()):
        return Lost(style, number, folder, found)
    return None


def lost(connection: Connection, artifacts: Path, tops: Collection[Path] = ()) -> list[Lost]:
    """The versions whose files are not all in `artifacts`, by MLflow's records. What they name in
    one of `tops` is looked for in `artifacts`; what lies in S3 is not looked at."""
    found = []
    for style, number, address in addresses.of_versions(connection):
        folder = addresses.folder(address)
        if folder is None:
            continue
        for top in tops:
            if folder.is_relative_to(top):
                folder = artifacts / folder.relative_to(top)
        found.append(look(style, number, folder, artifacts))
    return [one for one in found if one]


def bring_home(records: Engine, artifacts: Path) -> None:
    """Copy into `artifacts` what lies whole outside of it, of versions whose experiment has its
    folder there, and let MLflow's records name the copies. Killed, the next call goes on."""
    with records.connect() as connection:
        outside = [one.folder for one in lost(connection, artifacts) if not one.flaw]
    for folder in outside:
        own = folder.parts[-4:]  # EXPERIMENT/models/ID/artifacts
        target = artifacts.joinpath(*own)
        if not (artifacts / own[0]).is_dir():
            continue
        if flaw(target):
            with publishing(target) as aside:
                shutil.copytree(folder, aside)
        with tables.changing(records) as connection:
            addresses.point_to(connection, folder, target)
