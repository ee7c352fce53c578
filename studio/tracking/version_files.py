"""Whether the files of versions are where MLflow's records say: looked at, not believed."""

from __future__ import annotations

from pathlib import Path

import yaml
from sqlalchemy import Connection

from studio.tracking import addresses
from studio.tracking.files_flavor import own_files

DESCRIPTION = "MLmodel"


def flaw(folder: Path) -> str:
    """What a version's folder lacks, in words; empty where its own files are there. What is in
    them is not looked at."""
    described = folder / DESCRIPTION
    try:
        told = yaml.safe_load(described.read_text("utf-8"))
    except FileNotFoundError:
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


def lost(connection: Connection, artifacts: Path, tops: list[Path] | None = None) -> list[str]:
    """A sentence for each version whose files are not whole, or not in `artifacts`, by the records.

    What the records name in one of `tops` is looked for in `artifacts`. Files in S3 are not looked
    at.
    """
    said = []
    for style, number, address in addresses.of_versions(connection):
        folder = addresses.folder(address)
        if folder is None:
            continue
        for top in tops or ():
            if folder.is_relative_to(top):
                folder = artifacts / folder.relative_to(top)
        if sentence := told(style, number, folder, artifacts):
            said.append(sentence)
    return said


def told(style: str, number: int, folder: Path, artifacts: Path) -> str:
    """A sentence where the files of a version are not whole, or lie outside `artifacts`."""
    if found := flaw(folder):
        return f"{style} version {number}: {found}."
    if not folder.resolve().is_relative_to(artifacts.resolve()):
        return f"{style} version {number} lies in {folder}, outside of {artifacts}."
    return ""
