"""The shelf: a file from elsewhere is checked, kept, drawn with, merged, handed out and deleted."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.cli.main import main
from studio.context import Studio
from studio.database import ledger
from studio.diffusion import base_weights, kohya, lora_files, lora_merging, lora_scales
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.lora_files import Lora, Pair
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files
from studio.registry import imported_adapters, models, stages
from studio.settings import POCKET, load_settings
from studio.workflows import adapters as shelf
from studio.workflows import new_adapters
from studio.workflows.version_loading import FILE, load_version, other_base

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHAPES = shapes_of(POCKET)
SAID = {"source": "a forum", "licence": "CC-BY-4.0", "by": "ana"}


def some_lora(seed: int, kinds: tuple[str, ...] = ("to_q", "to_v", "conv1")) -> Lora:
    rng = np.random.default_rng(seed)
    pairs = {}
    for module, (out, *inner) in SHAPES.modules.items():
        if module.startswith("unet.") and module.endswith(kinds):
            up = rng.standard_normal((out, 3, *[1] * (len(inner) - 1)))
            pairs[module] = Pair(
                rng.standard_normal((3, *inner)).astype(np.float32), up.astype(np.float32), 0.5
            )
    return Lora(pairs, {})


def delta(one: Lora, module: str) -> np.ndarray:
    pair = one.pairs.get(module)
    if pair is None:
        return np.zeros(1)
    return pair.up.reshape(-1, pair.rank) @ pair.down.reshape(pair.rank, -1) * pair.scale


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    home = tmp_path_factory.mktemp("shelf") / "home"
    return context.open_studio(load_settings({}, home=str(home)))


@pytest.fixture(scope="module")
def brought(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> list[models.Version]:
    folder = tmp_path_factory.mktemp("theirs")
    made = []
    for seed in (1, 2):
        save_file(kohya.tensors_of(some_lora(seed), SHAPES), folder / f"their {seed}.safetensors")
        made.append(
            new_adapters.bring_in(
                studio,
                folder / f"their {seed}.safetensors",
                style="theirs",
                base="pocket",
                trigger_word="<T>",
                **SAID,
            )
        )
    again = new_adapters.bring_in(
        studio, folder / "their 1.safetensors", style="theirs", base="pocket", **SAID
    )
    assert again.number == made[0].number
    return made


@pytest.mark.slow
def test_a_file_becomes_a_candidate_with_all_that_was_said(
    studio: Studio, brought: list[models.Version]
) -> None:
    one, other = brought
    assert (one.number, other.number, one.stage) == (1, 2, "candidate")
    assert (one.trigger_word, one.params["rank"]) == ("<T>", "3")
    told = {key: one.tags[key] for key in ("source", "licence", "base_name", "origin", "file")}
    assert told == {
        "source": "a forum",
        "licence": "CC-BY-4.0",
        "base_name": "pocket",
        "origin": "imported",
        "file": "their 1.safetensors",
    }
    read, given = shelf.read(studio, one), some_lora(1)
    assert read.pairs.keys() == given.pairs.keys()
    for module in given.pairs:
        np.testing.assert_allclose(delta(read, module), delta(given, module), atol=1e-5)
    rows = [r for r in stages.history(studio.engine, "theirs") if r.version == 1]
    assert [(r.actor, r.action, r.to_stage) for r in rows] == [("ana", "imported", None)]


def test_text_encoders_act_too_and_go_at_strength_0(studio: Studio, tmp_path: Path) -> None:
    from studio.diffusion import adapters

    given = some_lora(3, ("to_q",))
    rng = np.random.default_rng(4)
    for module, (out, inner) in ((m, s) for m, s in SHAPES.modules.items() if "q_proj" in m):
        pair = Pair(rng.standard_normal((3, inner)), rng.standard_normal((out, 3)), 0.5)
        given.pairs[module] = Pair(*(x.astype(np.float32) for x in (pair.down, pair.up)), 0.5)
    file = tmp_path / "text.safetensors"
    save_file(kohya.tensors_of(given, SHAPES), file)
    made = new_adapters.bring_in(studio, file, style="texts", base="pocket", **SAID)
    assert made.tags["parts"] == "unet, text_encoder"
    pipeline = load_version(studio, made).pipeline
    told = []
    for strength in (0.0, 1.0, 0.0):
        adapters.set_strength(pipeline, strength)
        told.append(pipeline.encode_prompt("a potion", "cpu", 1, False)[0].detach().numpy())
    assert (told[0] == told[2]).all() and (told[0] != told[1]).any()


def test_it_draws(studio: Studio, brought: list[models.Version]) -> None:
    from studio.diffusion import adapters
    from studio.diffusion.sampling import Draw, draw_pictures

    loaded = load_version(studio, brought[0])
    told = []
    for strength in (0.0, 1.0):
        adapters.set_strength(loaded.pipeline, strength)
        told.append(np.asarray(draw_pictures(loaded.pipeline, ["a"], [1], Draw(steps=2))[0]))
    assert (told[0] != told[1]).any()


def test_it_keeps_the_hash_of_its_bases_weights_and_says_where_another_lies_here(
    studio: Studio, brought: list[models.Version], caplog: pytest.LogCaptureFixture
) -> None:
    here = base_weights.weights_hash(studio.home, "pocket")
    one, other = brought
    assert one.tags["base_hash"] == here and other_base(studio, one) == ""
    parts = [new_adapters.Part("theirs", 1), new_adapters.Part("theirs", 2)]
    assert new_adapters.merge(studio, parts, style="sum", by="ana").tags["base_hash"] == here
    load_version(studio, one)
    assert caplog.text == ""
    changed = replace(one, tags=one.tags | {"base_hash": "a" * 64})
    loaded = load_version(studio, changed)  # said, not refused
    assert f"other weights (SHA-256 {here[:12]}…) than theirs version 1" in caplog.text
    assert loaded.pipeline is not None
    # A merge of parts that were made for others, or that do not know, says nothing.
    studio.client.set_model_version_tag("theirs", "2", "base_hash", "a" * 64)
    made = new_adapters.merge(studio, parts, style="unlike", by="ana")
    studio.client.set_model_version_tag("theirs", "2", "base_hash", here)
    assert "base_hash" not in made.tags and other_base(studio, made) == ""


def test_what_is_wrong_is_refused_before_anything_is_kept(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "renamed.safetensors"
    file.write_bytes(b"PK\x03\x04 a renamed pickle, as torch.save writes it")
    with pytest.raises(StudioError, match="pickle"):
        new_adapters.bring_in(studio, file, style="never", base="pocket", **SAID)
    with pytest.raises(StudioError, match="licence is missing"):
        new_adapters.bring_in(
            studio, file, style="never", base="pocket", **{**SAID, "licence": " "}
        )
    with pytest.raises(NotAllowed):
        new_adapters.bring_in(
            studio, file, style="never", base="pocket", **{**SAID, "by": Actor("bo", "artist")}
        )
    assert models.list_versions(studio.client, "never") == []


def test_merged_exactly_or_to_a_rank(studio: Studio, brought: list[models.Version]) -> None:
    parts = [new_adapters.Part("theirs", 1, 0.75), new_adapters.Part("theirs", 2, -0.5)]
    made = new_adapters.merge(studio, parts, style="mixed", by="ana")
    assert new_adapters.merge(studio, parts, style="mixed", by="ana").number == made.number == 1
    assert (made.tags["origin"], made.tags["licence"]) == ("merged", "CC-BY-4.0")
    got, given = shelf.read(studio, made), (some_lora(1), some_lora(2))
    assert got.rank == 6
    for module in got.pairs:
        want = 0.75 * delta(given[0], module) - 0.5 * delta(given[1], module)
        np.testing.assert_allclose(delta(got, module), want, atol=1e-4)
    with pytest.raises(StudioError, match="two or more different"):
        new_adapters.merge(studio, parts[:1] * 2, style="mixed", by="ana")


def test_cut_to_a_rank_is_the_nearest_there_is() -> None:
    given = some_lora(1), some_lora(2)
    cut, exact = (lora_merging.merged(given, (1.0, 1.0), rank) for rank in (4, None))
    for module, pair in cut.pairs.items():
        assert pair.rank == 4
        values = np.linalg.svd(delta(exact, module), compute_uv=False)
        off = np.linalg.norm(delta(exact, module) - delta(cut, module))
        assert off == pytest.approx(np.sqrt((values[4:] ** 2).sum()), rel=1e-3)
    whole = lora_merging.merged(given, (1.0, 1.0), 6)
    assert all(np.allclose(delta(whole, m), delta(exact, m), atol=1e-4) for m in whole.pairs)
    for weights in ((1.0, 0.0), (1.0, float("nan")), (1.0, 3.0)):
        with pytest.raises(StudioError, match="weight"):
            lora_merging.merged(given, weights)


def test_compared_block_by_block() -> None:
    one, other = some_lora(1), some_lora(2)
    rows = {row.block: row for row in lora_merging.compare(one, other)}
    modules = [m for m in one.pairs if lora_merging.block_of(m) == "middle"]
    a, b = (np.concatenate([delta(x, m).ravel() for m in modules]) for x in (one, other))
    assert rows["middle"].left == pytest.approx(np.linalg.norm(a), rel=1e-5)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert rows["middle"].cosine == pytest.approx(cosine, abs=1e-6)
    turned = Lora({m: Pair(p.down, -2 * p.up, p.scale) for m, p in one.pairs.items()}, {})
    same = lora_merging.compare(one, turned)[-1]
    assert same.block == "all" and same.cosine == pytest.approx(-1)
    assert same.right == pytest.approx(2 * same.left)


def test_handed_out_in_kohyas_layout(studio: Studio, brought: list[models.Version]) -> None:
    file = shelf.in_kohya(studio, brought[0])
    with safe_open(file, framework="np") as opened:
        told = opened.metadata()
        keys = set(opened.keys())
    assert (told["modelspec.title"], told["modelspec.license"]) == ("theirs v1", "CC-BY-4.0")
    assert told["modelspec.trigger_phrase"] == "<T>" and told["ss_network_dim"] == "3"
    assert keys == kohya.tensors_of(some_lora(1), SHAPES).keys()
    assert shelf.in_kohya(studio, brought[0]) == file
    assert lora_files.read(file, SHAPES).pairs.keys() == some_lora(1).pairs.keys()


def test_in_diffusers_layout_the_scale_lies_in_the_weights(studio: Studio, tmp_path: Path) -> None:
    """As a training writes it alpha stands in the header alone, which ComfyUI does not read."""
    given, tensors = some_lora(5, ("to_q",)), {}
    for name, pair in given.pairs.items():
        tensors |= {f"{name}.lora_A.weight": pair.down, f"{name}.lora_B.weight": pair.up}
    settings = {"r": 3, "lora_alpha": 1.5, "target_modules": ["to_q"]}
    told = json.dumps({f"unet.{key}": value for key, value in settings.items()})
    (tmp_path / "a").mkdir()
    own = tmp_path / "a" / FILE
    save_file(tensors, own, metadata={lora_scales.HEADER: told, "trigger_word": "<T>"})
    new = new_adapters.New(
        "halved", POCKET.as_posix(), "", {"origin": "imported", "base_name": "pocket"}, (), "why"
    )
    made = new_adapters.register(studio, new, own.parent, by="ana")
    out = tmp_path / "out.safetensors"
    command = ["adapter", "export", "halved", "1", str(out), "--layout", "diffusers"]
    assert main([*command, "--home", str(studio.home)]) == 0
    written = load_file(out)
    for name in given.pairs:
        ignoring_the_header = written[f"{name}.lora_B.weight"] @ written[f"{name}.lora_A.weight"]
        np.testing.assert_allclose(ignoring_the_header, delta(given, name), atol=1e-6)
    with safe_open(out, framework="np") as opened:
        header = opened.metadata()
    alphas = json.loads(header[lora_scales.HEADER])
    assert alphas["unet.lora_alpha"] == alphas["unet.r"] == 3 and header["trigger_word"] == "<T>"
    assert shelf.in_diffusers(studio, made) == shelf.in_diffusers(studio, made)
    read, kept = shelf.read(studio, made), lora_files.read(out, SHAPES)
    for name in given.pairs:
        np.testing.assert_allclose(delta(kept, name), delta(read, name), atol=1e-6)


def peft_folder(folder: Path, alpha: float) -> Path:
    """A folder as peft writes it, on one module at rank 3."""
    (name, pair), *_ = some_lora(6, ("to_q",)).pairs.items()
    named = f"base_model.model.{name.removeprefix('unet.')}"
    folder.mkdir()
    save_file(
        {f"{named}.lora_A.weight": pair.down, f"{named}.lora_B.weight": pair.up},
        folder / "adapter_model.safetensors",
    )
    settings = {"peft_type": "LORA", "r": 3, "lora_alpha": alpha}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


def test_a_folder_of_pefts_is_brought_in_at_its_own_strength(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = peft_folder(tmp_path / "peft", 24)
    said = ["--style", "pefts", "--base", "pocket", "--source", "a forum", "--licence", "CC0-1.0"]
    assert main(["adapter", "import", str(folder), *said, "--home", str(studio.home)]) == 0
    assert "pefts version 1 is a candidate.\n" == capsys.readouterr().out
    one = models.get(studio.client, "pefts", 1)
    (name, pair), *_ = some_lora(6, ("to_q",)).pairs.items()
    np.testing.assert_allclose(
        delta(shelf.read(studio, one), name), 8 * pair.up @ pair.down, rtol=1e-4, atol=1e-5
    )
    assert one.tags["file"] == "peft"
    # The same weights at another strength are another adapter, and without settings it is told.
    other = peft_folder(tmp_path / "other", 3)
    assert new_adapters.bring_in(studio, other, style="pefts", base="pocket", **SAID).number == 2
    again = folder / "adapter_model.safetensors"
    assert new_adapters.bring_in(studio, again, style="pefts", base="pocket", **SAID).number == 1
    (other / "adapter_config.json").unlink()
    assert main(["adapter", "import", str(other), *said, "--home", str(studio.home)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("pefts version 3 is a candidate.\nIts adapter_config.json is missing")
    alone = models.get(studio.client, "pefts", 3)
    assert alone.tags["notes"] in out


def test_a_hostile_header_is_named_by_the_command(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = b'{"a":' + b"[" * 100_000
    file = tmp_path / "theirs.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    said = ["--style", "never", "--base", "pocket", "--source", "a forum", "--licence", "CC0-1.0"]
    assert main(["adapter", "import", str(file), *said, "--home", str(studio.home)]) != 0
    told = capsys.readouterr().err
    assert "theirs.safetensors is not a whole safetensors file" in told and "Traceback" not in told


def test_labels_are_not_lost_to_somebody_else(
    studio: Studio, brought: list[models.Version]
) -> None:
    seen = models.get(studio.client, "theirs", 2)
    imported_adapters.label(
        studio.engine, studio.client, seen, " crisp,  for <b>icons</b> ,crisp", by="ana", now=NOW
    )
    now = models.get(studio.client, "theirs", 2)
    assert imported_adapters.labels_of(now) == ["crisp", "for <b>icons</b>"]
    row = ledger.rows(studio.engine, "theirs")[-1]
    assert (row.action, row.reason) == ("labels", "crisp, for <b>icons</b>, after nothing")
    with pytest.raises(StudioError, match="meanwhile"):
        imported_adapters.label(studio.engine, studio.client, seen, "mine", by="bo", now=NOW)


def test_only_what_nothing_uses_is_deleted(studio: Studio, tmp_path: Path) -> None:
    for number in range(1, 5):
        file = tmp_path / f"{number}.safetensors"
        save_file(kohya.tensors_of(some_lora(number, ("to_k",)), SHAPES), file)
        new_adapters.bring_in(studio, file, style="shed", base="pocket", **SAID)
    for number in (1, 2):
        stages.promote(
            studio.engine,
            studio.client,
            style="shed",
            number=number,
            to="production",
            actor="ana",
            why="good",
            now=NOW,
        )
    drawn(studio, 3)
    for number, said in ((1, "rollback"), (2, "production"), (3, "1 picture of the gallery")):
        with pytest.raises(StudioError, match=said):
            shelf.delete(studio, "shed", number, by="ana", why="tidy")
    with pytest.raises(StudioError, match="reason"):
        shelf.delete(studio, "shed", 4, by="ana", why=" ")
    shelf.delete(studio, "shed", 4, by="ana", why="tidy")
    assert [v.number for v in models.list_versions(studio.client, "shed")] == [3, 2, 1]
    last = stages.history(studio.engine, "shed")[-1]
    assert (last.action, last.version, last.reason, last.actor) == ("deleted", 4, "tidy", "ana")
    with pytest.raises(StudioError, match="no version 4"):
        shelf.delete(studio, "shed", 4, by="ana", why="tidy")


def drawn(studio: Studio, number: int) -> None:
    """A picture of the gallery that the version acted in, beside another one."""
    from PIL import Image

    folder = studio.home / "generated" / "x"
    folder.mkdir(parents=True)
    made = picture_files.Made(
        style="theirs",
        version=1,
        base="pocket",
        run="",
        dataset="",
        prompt="a",
        full_prompt="a",
        negative="",
        seed=1,
        steps=2,
        guidance=1.0,
        strength=1.0,
        adapters=({"style": "shed", "version": number, "strength": 1.0},),
    )
    Image.new("RGBA", (8, 8)).save(folder / "a.png")
    gallery_table.record(
        studio.engine, studio.home, [gallery_table.Kept(folder / "a.png", made)], by="ana", now=NOW
    )
