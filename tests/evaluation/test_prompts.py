import json

import pytest

from studio.errors import StudioError
from studio.evaluation import prompts

CAPTIONS = [f"a {c} {k}" for k in ("potion", "ring", "gem") for c in ("teal", "red", "white")][:-1]


def test_half_is_seen_and_half_is_new():
    found = prompts.build_prompt_set("items", CAPTIONS, count=6)
    seen = [p for p in found.prompts if p not in found.unseen]
    assert len(found.prompts) == len(set(found.prompts)) == 6
    assert len(seen) == 3 and set(seen) <= set(CAPTIONS)
    assert {p.split()[-1] for p in seen} == {"potion", "ring", "gem"}
    assert "a white gem" in found.unseen and not set(found.unseen) & set(CAPTIONS)


def test_the_version_is_its_content():
    one = prompts.build_prompt_set("items", CAPTIONS)
    assert one == prompts.build_prompt_set("items", CAPTIONS[::-1])
    assert one.version != prompts.build_prompt_set("items", CAPTIONS, seeds=(1, 2)).version
    assert one.version != prompts.build_prompt_set("tiles", CAPTIONS).version
    triggered = [f"<GameStyle> {caption}" for caption in CAPTIONS]
    assert prompts.build_prompt_set("items", triggered).prompts == one.prompts


def test_captions_of_no_known_form_fall_back_to_neutral_prompts():
    found = prompts.build_prompt_set("items", ["portrait, moody light", ""], count=4)
    assert found.prompts[0] == "portrait, moody light"
    assert found.unseen == prompts.NEUTRAL[:3]
    assert prompts.build_prompt_set("items", []).prompts == prompts.NEUTRAL


def test_saved_sets_are_found_again_and_the_last_is_current(tmp_path):
    one = prompts.build_prompt_set("items", CAPTIONS)
    two = prompts.build_prompt_set("items", CAPTIONS, count=4)
    prompts.save(tmp_path, one)
    prompts.save(tmp_path, two)
    assert prompts.load(tmp_path, "items") == two
    assert prompts.load(tmp_path, "items", one.version) == one
    assert sorted(p.name for p in (tmp_path / "prompts" / "items").iterdir()) == sorted(
        [f"{one.version}.json", f"{two.version}.json", "current"]
    )


def test_missing_changed_and_damaged_sets_are_errors(tmp_path):
    with pytest.raises(StudioError, match="no prompt set"):
        prompts.load(tmp_path, "items")
    with pytest.raises(StudioError, match="no name"):
        prompts.load(tmp_path, "../items")
    one = prompts.build_prompt_set("items", CAPTIONS)
    path = prompts.save(tmp_path, one)
    with pytest.raises(StudioError, match=one.version):
        prompts.load(tmp_path, "items", "0" * 12)
    content = json.loads(path.read_text())
    content["prompts"][0] = "a blue cat"
    path.write_text(json.dumps(content))
    with pytest.raises(StudioError, match="was changed"):
        prompts.load(tmp_path, "items")
    path.write_text("{")
    with pytest.raises(StudioError, match="damaged"):
        prompts.load(tmp_path, "items")


def test_figures_of_different_sets_are_not_compared():
    prompts.comparable("a" * 12, "a" * 12)
    with pytest.raises(StudioError, match="can't be compared"):
        prompts.comparable("a" * 12, "b" * 12)
