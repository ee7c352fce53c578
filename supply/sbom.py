"""What there is inside, as CycloneDX 1.6 reads it: made from the locks, licences and NOTICE alone.

    python -m supply.sbom [supply/torch-cpu.lock] > sbom.cdx.json

The same files give the same bytes: no clock, no network, nothing that happens to be installed.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from supply.lock import CHECKOUT, CHECKS, CUDA, RUNTIME, hashes, normal, pins

NOTICE = CHECKOUT / "NOTICE"
LICENCES = CHECKOUT / "supply" / "licences.txt"


@dataclass(frozen=True)
class Shipped:
    """One file of NOTICE's table. `version` tells which one; `sha256` is of the file as it lies."""

    path: str
    version: str
    licence: str
    sha256: str


def shipped() -> list[Shipped]:
    """The files that NOTICE names, in its order."""
    row = r"^  (\S+)  +(\S.*?)  +([\w.-]+)\n +([0-9a-f]{64})$"
    return [Shipped(*found) for found in re.findall(row, NOTICE.read_text(), re.MULTILINE)]


def licences() -> dict[str, str]:
    """The SPDX expression of each locked package, by normalised name."""
    return dict(re.findall(r"^([a-z0-9-]+): (.+)$", LICENCES.read_text(), re.MULTILINE))


def _packages(lock: Path, scope: str) -> list[dict[str, object]]:
    """A lock's packages as components. The hashes are those of every file that may be installed."""
    files, known = hashes(lock), licences()
    found: list[dict[str, object]] = []
    for name, version in sorted(pins(lock).items()):
        purl = f"pkg:pypi/{name}@{version.replace('+', '%2B')}"
        sums = [{"alg": "SHA-256", "content": value} for value in files[name]]
        found.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "scope": scope,
                "licenses": [{"expression": known[name]}],
                "purl": purl,
                "externalReferences": [{"type": "distribution", "url": purl, "hashes": sums}],
            }
        )
    return found


def _file(each: Shipped) -> dict[str, object]:
    weights = each.path.endswith(".safetensors")
    return {
        "type": "machine-learning-model" if weights else "file",
        "bom-ref": each.path,
        "name": each.path,
        "version": each.version,
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": each.sha256}],
        "licenses": [{"expression": each.licence}],
    }


def sbom(torch: Path) -> dict[str, object]:
    """The bill of materials with torch's family as this lock has it.

    What the studio runs on is `required`; what only tests and checks need is `excluded`.
    """
    components = [
        *_packages(RUNTIME, "required"),
        *_packages(torch, "required"),
        *_packages(CHECKS, "excluded"),
        *(_file(each) for each in shipped()),
    ]
    direct = pins(CHECKOUT / "requirements.txt")
    needed = sorted(
        str(c["bom-ref"])
        for c in components
        if c["type"] != "library" or normal(str(c["name"])) in direct
    )
    text = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "housestyle",
                "name": "housestyle",
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": components,
        "dependencies": [{"ref": "housestyle", "dependsOn": needed}],
    }


if __name__ == "__main__":
    print(json.dumps(sbom(Path(sys.argv[1]) if len(sys.argv) > 1 else CUDA), indent=2))
