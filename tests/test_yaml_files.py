"""YAML as people write it: values as they stand there, mistakes by their line."""

import pytest

from studio import yaml_files
from studio.errors import StudioError


def test_words_and_numbers_stay_as_they_stand_there():
    text = (
        "a: no\nb: 010\nc: 1:30\nd: 2026-01-01\ne: .nan\nf: 'null'\ng: 1e-4\nh: [1, yes]\ni: 0x10"
    )
    assert yaml_files.read(text, "f.yaml", "") == {
        "a": "no",
        "b": "010",
        "c": "1:30",
        "d": "2026-01-01",
        "e": ".nan",
        "f": "null",
        "g": "1e-4",
        "h": ["1", "yes"],
        "i": "0x10",
    }


def test_nothing_is_nothing_and_anchors_stand_for_what_they_name():
    assert yaml_files.read("# nothing", "f.yaml", "") is None
    assert yaml_files.read("a:\nb: ~\nc: null", "f.yaml", "") == {"a": None, "b": None, "c": None}
    merged = "x: &x {r: 1}\ng: {inner: &b {<<: *x, r: 2}}\nc: {<<: *b, s: 3}"
    assert yaml_files.read(merged, "f.yaml", "")["c"] == {"r": "2", "s": "3"}
    assert yaml_files.read("a: ü".encode("utf-16"), "f.yaml", "") == {"a": "ü"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: 'a' stands there already, in line 1"),
        ("{a: 1, a: 1}", "stands there already"),
        ("a:\n\tb: 1", "line 2"),
        ("---\na: 1\n---\nb: 2", "line 3: found another document"),
        ("a: b: c", "line 1"),
        ("a: *b", "undefined alias"),
        ("? [1]\n: 2", "unhashable"),
        ("!!python/object/apply:os.system ['true']", "python/object"),
        ("a: !!bool maybe", "no YAML"),
        ("a: !!int '" + "9" * 5000 + "'", "no YAML"),
        ("[" * 2000, "no YAML"),
        ("a: ü".encode("latin-1"), "is no text"),
        ("a: \x07", "is no text"),
    ],
)
def test_what_is_no_yaml_is_named_with_its_line(text, said):
    with pytest.raises(StudioError) as refused:
        yaml_files.read(text, "f.yaml", "Mend it.")
    assert refused.value.message.startswith("f.yaml") and said in refused.value.message
    assert refused.value.remedy


def test_a_tab_is_answered_with_what_to_write_in_its_place():
    with pytest.raises(StudioError, match="with spaces, never with tabs"):
        yaml_files.read("a:\n\tb: 1", "f.yaml", "")
