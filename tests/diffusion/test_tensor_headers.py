"""Headers of safetensors files that strangers wrote: read or named, never a traceback."""

from __future__ import annotations

import json
import shutil
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from studio.diffusion import bases, families, lora_files, single_file, team_bases, tensor_headers
from studio.diffusion.base_shapes import shapes_of
from studio.errors import StudioError
from studio.settings import POCKET

SHAPES = shapes_of(POCKET)
ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


def text(**about: Any) -> bytes:
    return json.dumps(about).encode()


# A header, what follows it, and what is said.
ODD: dict[str, tuple[bytes, bytes, str]] = {
    "nested": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"", "nested too deep"),
    "nested metadata": (
        b'{"__metadata__":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
        b"",
        "nested too deep",
    ),
    "wide": (b'{"a":[' + b"[]," * 1_000_000 + b"[]]}", b"", "more parts than any model"),
    "open text": (b'{"' + b'\\"' * 1_000_000, b"", "not JSON"),
    "a list": (b"[1, 2]", b"", "no table of tensors"),
    "a number": (b"12", b"", "no table of tensors"),
    "no UTF-8": (b'{"\xff\xfe": 1}', b"", "not UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), b"", "not UTF-8"),
    "half a character": (b'{"\\ud800": {}}', b"", "half a character"),
    "half a character's text": (b'{"__metadata__": {"a": "\\udfff"}}', b"", "half a character"),
    "metadata of numbers": (text(__metadata__={"epoch": 3}), b"", "no text as epoch"),
    "metadata in metadata": (text(__metadata__={"a": {"b": "c"}}), b"", "no text as a"),
    "metadata as a list": (text(__metadata__=["a"]), b"", "no table of texts"),
    "metadata as a text": (text(__metadata__="a"), b"", "no table of texts"),
    "metadata of nothing": (text(__metadata__={"a": None}), b"", "no text as a"),
    "no tensor": (text(a=3), b"", "a is not said to be a tensor"),
    "no dtype": (text(a={"shape": [1], "data_offsets": [0, 4]}), b"1234", "not said to be"),
    "unknown dtype": (text(a={**ONE, "dtype": "F31"}), b"1234", "unknown kind F31"),
    "dtype as a list": (text(a={**ONE, "dtype": ["F32"]}), b"1234", "unknown kind"),
    "shape of halves": (text(a={**ONE, "shape": [0.5]}), b"1234", "a has no shape"),
    "shape of nothing": (text(a={**ONE, "shape": None}), b"1234", "a has no shape"),
    "shape below 0": (text(a={**ONE, "shape": [-1]}), b"1234", "a has no shape"),
    "shape of NaN": (b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', b"", "no shape"),
    "shape of truth": (text(a={**ONE, "shape": [True]}), b"1234", "a has no shape"),
    "shape beyond numbers": (text(a={**ONE, "shape": [10**30]}), b"1234", "a has no shape"),
    "shape of 5,000 digits": (
        b'{"a":{"dtype":"F32","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,4]}}',
        b"1234",
        "not JSON",
    ),
    "shape of many sides": (text(a={**ONE, "shape": [1] * 99}), b"1234", "a has no shape"),
    "another size": (text(a={**ONE, "shape": [2]}), b"1234", "size that is said"),
    "one place": (text(a={**ONE, "data_offsets": [4]}), b"1234", "a has no place"),
    "backwards": (text(a={**ONE, "data_offsets": [4, 0]}), b"1234", "a has no place"),
    "over each other": (text(a=ONE, b=ONE), b"1234", "b lies over another"),
    "a gap": (text(a={**ONE, "data_offsets": [4, 8]}), b"12345678", "a leaves a gap"),
    "out of range": (text(a={**ONE, "shape": [2**20], "data_offsets": [0, 2**22]}), b"1", "torn"),
    "cut off": (text(a=ONE), b"12", "torn, cut off after"),
    "longer": (text(a=ONE), b"123456", "goes on after its end"),
    "a name that clears the screen": (b'{"\\u001b[2J": 3}', b"", r"\x1b[2J is not said"),
    "a long name": (text(**{"a" * 1_000_000: 3}), b"", "a" * tensor_headers.SHOWN + "…"),
}


def put(file: Path, header: bytes, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return file


@pytest.mark.parametrize("how", ODD)
def test_what_is_odd_is_named_and_the_library_refuses_it_too(tmp_path: Path, how: str) -> None:
    header, data, said = ODD[how]
    file = put(tmp_path / "odd.safetensors", header, data)
    with pytest.raises(ValueError) as refused:
        tensor_headers.read(file)
    assert said in str(refused.value) and len(str(refused.value)) < 500
    if how not in ("a long name", "shape of many sides"):
        with pytest.raises(SafetensorError), safe_open(file, framework="np"):
            pass


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (b"", "beginning"),
        (b"\x00" * 8, "beginning"),
        (struct.pack("<Q", 1) + b"{}", "beginning"),
        (struct.pack("<Q", 2**63) + b"{}", "which none has"),
        (struct.pack("<Q", 2**64 - 1) + b"{}", "which none has"),
        (struct.pack("<Q", 31 * 1024**2) + b"{}", "torn, cut off within its header"),
    ],
)
def test_a_header_that_is_not_there_is_named(tmp_path: Path, begins: bytes, said: str) -> None:
    file = tmp_path / "odd.safetensors"
    file.write_bytes(begins)
    with pytest.raises(ValueError, match=said):
        tensor_headers.read(file)


def test_a_large_header_takes_no_large_memory(tmp_path: Path) -> None:
    header = b'{"a":[' + b"[]," * 2_000_000 + b"[]]}"
    file = put(tmp_path / "odd.safetensors", header, b"")
    tracemalloc.start()
    with pytest.raises(ValueError, match="more parts"):
        tensor_headers.read(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * len(header)  # as lists it would be 20 times


def test_what_the_library_writes_is_read_as_it_reads_it(tmp_path: Path) -> None:
    tensors = {
        "a.b": np.ones((2, 3), np.float16),
        "none": np.zeros((0, 4), np.int64),
        "one": np.asarray(3, np.int64),
    }
    file = tmp_path / "a.safetensors"
    save_file(tensors, file, metadata={"ä": "☂", "json": "{}"})
    found = tensor_headers.read(file)
    with safe_open(file, framework="np") as opened:
        assert found.told == opened.metadata()
        assert found.shapes == {name: opened.get_tensor(name).shape for name in opened.keys()}
    data = file.read_bytes()
    place = found.tensors["one"]
    assert int.from_bytes(data[place.start : place.stop], "little") == 3


@pytest.mark.parametrize("length", range(0x78, 0x188, 8))
def test_a_length_that_begins_like_a_pickle_is_none(tmp_path: Path, length: int) -> None:
    header = text(a=ONE).ljust(length)
    file = put(tmp_path / "a.safetensors", header, b"1234")
    with pytest.raises(StudioError, match="no UNet of that kind"):
        single_file.look(file)
    with pytest.raises(StudioError, match="holds no LoRA"):
        lora_files.read(file, SHAPES)


def at_a_lora(file: Path) -> None:
    lora_files.read(file, SHAPES)


def at_an_own_lora(file: Path) -> None:
    lora_files.read_own(file)


def at_a_base(file: Path) -> None:
    assert families.family_of(str(file)) == families.SD1
    bases.find_base(str(file))


def at_a_folders_part(file: Path) -> None:
    folder = file.parent / "base"
    shutil.copytree(POCKET, folder, ignore=shutil.ignore_patterns("clip"))
    shutil.copy(file, folder / "unet" / "diffusion_pytorch_model.safetensors")
    with pytest.raises(StudioError):
        shapes_of(folder)
    bases.find_base(str(folder))


@pytest.mark.parametrize("how", ["nested", "metadata as a list", "over each other", "cut off"])
@pytest.mark.parametrize("door", [at_a_lora, at_an_own_lora, at_a_base, at_a_folders_part])
def test_each_door_names_it_with_a_remedy(
    tmp_path: Path, door: Callable[[Path], None], how: str
) -> None:
    header, data, said = ODD[how]
    file = put(tmp_path / "odd.safetensors", header, data)
    with pytest.raises(StudioError, match=said) as refused:
        door(file)
    assert refused.value.remedy and "safetensors" in refused.value.message


def test_a_teams_folder_lists_what_is_odd_with_what_is_wrong(tmp_path: Path) -> None:
    for how, (header, data, _) in ODD.items():
        put(tmp_path / team_bases.FOLDER / f"{how}.safetensors", header, data)
    found = {
        own.name.removesuffix(".safetensors"): own.wrong for own in team_bases.listing(tmp_path)
    }
    assert found.keys() == ODD.keys()
    assert all(said in found[how] for how, (_, _, said) in ODD.items())
