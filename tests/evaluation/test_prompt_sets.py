import json

import pytest

from studio.errors import StudioError
from studio.evaluation import prompt_sets

CAPTIONS = [f"a {c} {k}" for k in ("potion", "ring", "gem") for c in ("teal", "red", "white")][:-1]


def test_half_is_seen_and_half_is_new():
    found = prompt_sets.build_prompt_set("items", CAPTIONS, count=6)
    seen = [p for p in found.prompts if p not in found.unseen]
    assert len(found.prompts) == len(set(found.prompts)) == 6
    assert len(seen) == 3 and set(seen) <= set(CAPTIONS)
    assert {p.split()[-1] for p in seen} == {"potion", "ring", "gem"}
    assert "a white gem" in found.unseen and not set(found.unseen) & set(CAPTIONS)


def test_the_version_is_its_content():
    one = prompt_sets.build_prompt_set("items", CAPTIONS)
    assert one == prompt_sets.build_prompt_set("items", CAPTIONS[::-1])
    assert one.version != prompt_sets.build_prompt_set("items", CAPTIONS, seeds=(1, 2)).version
    assert one.version != prompt_sets.build_prompt_set("tiles", CAPTIONS).version
    triggered = [f"<GameStyle> {caption}" for caption in CAPTIONS]
    assert prompt_sets.build_prompt_set("items", triggered).prompts == one.prompts


def test_captions_of_no_known_form_fall_back_to_neutral_prompts():
    found = prompt_sets.build_prompt_set("items", ["portrait, moody light", ""], count=4)
    assert found.prompts[0] == "portrait, moody light"
    assert found.unseen == prompt_sets.NEUTRAL[:3]
    assert prompt_sets.build_prompt_set("items", []).prompts == prompt_sets.NEUTRAL


def test_saved_sets_are_found_again_and_the_last_is_current(tmp_path):
    one = prompt_sets.build_prompt_set("items", CAPTIONS)
    two = prompt_sets.build_prompt_set("items", CAPTIONS, count=4)
    prompt_sets.save(tmp_path, one)
    prompt_sets.save(tmp_path, two)
    assert prompt_sets.load(tmp_path, "items") == two
    assert prompt_sets.load(tmp_path, "items", one.version) == one
    assert sorted(p.name for p in (tmp_path / "prompts" / "items").iterdir()) == sorted(
        [f"{one.version}.json", f"{two.version}.json", "current"]
    )


def test_missing_changed_and_damaged_sets_are_errors(tmp_path):
    with pytest.raises(StudioError, match="no prompt set"):
        prompt_sets.load(tmp_path, "items")
    with pytest.raises(StudioError, match="no name"):
        prompt_sets.load(tmp_path, "../items")
    one = prompt_sets.build_prompt_set("items", CAPTIONS)
    path = prompt_sets.save(tmp_path, one)
    with pytest.raises(StudioError, match=one.version):
        prompt_sets.load(tmp_path, "items", "0" * 12)
    content = json.loads(path.read_text())
    content["prompts"][0] = "a blue cat"
    path.write_text(json.dumps(content))
    with pytest.raises(StudioError, match="was changed"):
        prompt_sets.load(tmp_path, "items")
    path.write_text("{")
    with pytest.raises(StudioError, match="damaged"):
        prompt_sets.load(tmp_path, "items")


def test_figures_of_different_sets_are_not_compared():
    prompt_sets.comparable("a" * 12, "a" * 12)
    with pytest.raises(StudioError, match="can't be compared"):
        prompt_sets.comparable("a" * 12, "b" * 12)
