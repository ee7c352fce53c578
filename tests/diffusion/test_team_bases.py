"""What a team puts into bases/ of the studio's folder, and who may name another place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.accounts.rights import Actor, NotAllowed
from studio.diffusion import single_file, team_bases
from studio.errors import StudioError
from studio.settings import CHECKOUT, POCKET
from studio.worker import submit

UNET = single_file.UNET


def _file(path: Path, names: list[str]) -> None:
    shapes = {f"{UNET}input_blocks.0.0.weight": (8, 4, 3, 3)}
    save_file({n: np.zeros(shapes.get(n, (2, 2)), np.float16) for n in names}, path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two bases in its folder, and six that are none."""
    folder = tmp_path / "home" / team_bases.FOLDER
    folder.mkdir(parents=True)
    shutil.copytree(POCKET, folder / "ours", ignore=shutil.ignore_patterns("*.md"))
    whole = [
        f"{UNET}input_blocks.0.0.weight",
        f"{UNET}a.attn2.to_k.weight",
        f"{single_file.AUTOENCODER}a",
        f"{single_file.TEXTS['sd1'][0]}a",
    ]
    _file(folder / "fine.safetensors", whole)
    _file(folder / "flux.safetensors", ["double_blocks.0.weight"])
    _file(folder / "adapter.safetensors", ["x.lora_down.weight"])
    (folder / "torn.safetensors").write_bytes((folder / "fine.safetensors").read_bytes()[:-9])
    (folder / "old.ckpt").write_bytes(b"PK\x03\x04 anything")
    (folder / "renamed.safetensors").write_bytes(b"\x80\x04 a pickle under another name")
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("no base")
    return tmp_path / "home"


def test_the_folder_lists_what_can_be_used_and_why_the_rest_can_not(home: Path) -> None:
    found = {one.name: one for one in team_bases.listing(home)}
    usable = {name: one.kind for name, one in found.items() if not one.wrong}
    assert usable == {"fine.safetensors": "Stable Diffusion 1.x", "ours": "A practice base"}
    assert found["ours"].size > 1e6 and found["ours"].path == str(home / team_bases.FOLDER / "ours")
    said = {name: one.wrong for name, one in found.items() if one.wrong}
    for name, word in {
        "flux.safetensors": "Flux",
        "adapter.safetensors": "a LoRA",
        "torn.safetensors": "torn",
        "old.ckpt": "pickle",
        "renamed.safetensors": "pickle",
        "empty": "model_index.json",
    }.items():
        assert word in said.pop(name)
    assert not said and team_bases.listing(home / "nowhere") == ()


def test_a_page_can_look_at_bases_without_torch(home: Path) -> None:
    said = (
        "import sys; from pathlib import Path; from studio.diffusion import team_bases; "
        f"assert team_bases.listing(Path({str(home)!r})); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", said], cwd=CHECKOUT, check=True)


def test_one_weight_is_read_alike_in_every_precision(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save

    values = torch.tensor([0.5, -1.25, 3.0])
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        save({"a": torch.zeros(5), "b": values.to(kind)}, tmp_path / "x.safetensors")
        assert single_file._values(tmp_path / "x.safetensors", "b").tolist() == [0.5, -1.25, 3.0]


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("pocket", True),
        ("somebody/some-model", True),
        ("{home}/bases/fine.safetensors", True),
        ("{home}/bases/not-there", True),
        ("{home}/bases/../studio.db", False),
        ("{home}/bases/../../elsewhere", False),
        ("{home}/bases/ours/unet", False),
        ("{home}/bases", False),
        ("~/models", False),
        ("/etc/passwd", False),
        ("../models", False),
        ("tests/diffusion", False),  # a folder where the studio runs
        ("pyproject.toml", False),
    ],
)
def test_only_the_folder_and_the_hub_are_free_to_name(
    home: Path, name: str, free: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CHECKOUT)
    assert team_bases.free_to_name(home, name.format(home=home)) is free


def test_a_link_into_the_folder_is_the_machine_keepers_choice(home: Path, tmp_path: Path) -> None:
    shutil.move(home / team_bases.FOLDER / "ours", tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", home / team_bases.FOLDER / "ours")
    assert team_bases.free_to_name(home, str(home / team_bases.FOLDER / "ours"))
    assert not team_bases.free_to_name(home, str(tmp_path / "elsewhere"))
    assert "ours" in {one.name for one in team_bases.listing(home) if not one.wrong}


def test_a_file_that_is_named_a_pickle_is_never_opened(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"x\.ckpt is a pickle"):
        team_bases.check(str(tmp_path / "x.ckpt"))


def test_a_place_on_the_machine_is_asked_for_by_those_who_may(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        def __getattr__(self, name: str) -> object:
            raise StudioError("There is no such version.")

    class Studio:
        client = Nothing()

    studio = Studio()
    studio.home = home  # type: ignore[attr-defined]
    artist, admin = Actor("Ana", "artist"), Actor("Ad", "admin")
    outside = {"settings": {"base": "/etc/passwd"}}
    with pytest.raises(NotAllowed, match="may not name a base by its place"):
        submit._check_base(studio, outside, artist, "")  # type: ignore[arg-type]
    submit._check_base(studio, outside, admin, "")  # type: ignore[arg-type]
    submit._check_base(studio, outside, artist, "/etc/passwd")  # type: ignore[arg-type]
    inside = {"base": str(home / team_bases.FOLDER / "fine.safetensors")}
    submit._check_base(studio, inside, artist, "")  # type: ignore[arg-type]


def test_a_base_is_found_again_where_the_studio_lies_now(home: Path, tmp_path: Path) -> None:
    """A studio's folder that was moved, or a backup that was restored elsewhere."""
    was = str(home / team_bases.FOLDER / "ours")
    assert team_bases.place(home, was) == was
    moved = home.rename(tmp_path / "elsewhere")
    assert team_bases.place(moved, was) == str(moved / team_bases.FOLDER / "ours")
    assert (
        team_bases.place(moved, f"{home / team_bases.FOLDER}/gone")
        == f"{home / team_bases.FOLDER}/gone"
    )
    # What lay elsewhere is never guessed by its name.
    assert team_bases.place(moved, str(tmp_path / "models" / "ours")) == str(
        tmp_path / "models" / "ours"
    )
    for name in ("pocket", "", "somebody/some-model", str(POCKET), "~nobody-here/x"):
        assert team_bases.place(moved, name) == name


def test_somebody_says_where_a_base_lies_now(home: Path, tmp_path: Path) -> None:
    old, first, second = "/models/ours", tmp_path / "first", tmp_path / "second"
    with pytest.raises(StudioError, match="There is no base at /models/ours") as said:
        team_bases.check(team_bases.place(home, old))
    assert f"base moved {old} NEW" in said.value.remedy
    shutil.copytree(home / team_bases.FOLDER / "ours", first)
    assert team_bases.move(home, old, str(first)).name == str(first)
    assert team_bases.place(home, old) == str(first)
    first.rename(second)
    assert team_bases.place(home, old) == old  # lost again
    team_bases.move(home, str(first), str(second))
    assert team_bases.place(home, old) == team_bases.place(home, str(first)) == str(second)
    second.rename(first)
    assert team_bases.place(home, str(second)) == str(second)  # nobody said that it went back
    team_bases.move(home, str(second), str(first))
    shutil.rmtree(first)
    assert team_bases.place(home, old) == old  # said in a circle
    for told, new, word in (
        ("models", str(home / team_bases.FOLDER / "ours"), "no place"),
        (str(home / team_bases.FOLDER / "ours"), str(tmp_path), "lies where it lay"),
        (old, "pocket-at-nowhere", "There is no base"),
        (old, str(home / team_bases.FOLDER / "flux.safetensors"), "Flux"),
    ):
        with pytest.raises(StudioError, match=word):
            team_bases.move(home, told, new)
    (home / team_bases.MOVED).write_text("[1")
    assert team_bases.moved(home) == {}


def test_a_link_keeps_its_own_name(home: Path, tmp_path: Path) -> None:
    """So that it may be made anew to another place."""
    link = home / team_bases.FOLDER / "linked"
    shutil.move(home / team_bases.FOLDER / "ours", tmp_path / "one")
    os.symlink(tmp_path / "one", link)
    found = team_bases.check(str(link))
    assert (found.name, found.path) == (str(link), str(tmp_path / "one"))
