"""Rubrics: what is refused, and how versions are kept."""

from datetime import UTC, datetime

import pytest

from studio.database import ledger
from studio.errors import StudioError
from studio.review import rubrics

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHORT = """scale: [1, 3]
criteria:
  - {name: shape, weight: 0.5}
  - {name: colour, weight: 0.5, help: "Ours?"}
"""


def save(engine, name, text, after, by="ana"):
    return rubrics.save(engine, name, text, after=after, by=by, now=NOW)


def test_the_standard_rubric(home):
    rubric = rubrics.load(home)
    assert [(one.name, one.weight) for one in rubric.criteria] == [
        ("style match", 0.3),
        ("prompt accuracy", 0.25),
        ("technical quality", 0.25),
        ("usability", 0.2),
    ]
    assert (rubric.low, rubric.high) == (1, 5)
    scores = {"style match": 5, "prompt accuracy": 4, "technical quality": 3, "usability": 1}
    assert rubrics.weighted(rubric, scores) == pytest.approx(1.5 + 1.0 + 0.75 + 0.2)
    kept = home / "rubrics" / "standard" / f"{rubric.version}.yaml"
    assert kept.read_text() == rubrics.TEXT


def test_a_change_is_a_new_version_and_the_old_one_stays(engine, home):
    old = rubrics.load(home)
    new = save(engine, "standard", SHORT, after=old.version)
    assert rubrics.load(home) == new != old
    assert rubrics.named(home, old.reference) == old
    assert save(engine, "standard", SHORT, after=old.version) == new  # sent twice
    with pytest.raises(StudioError, match="somebody else"):
        save(engine, "standard", SHORT.replace("3]", "4]"), after=old.version)
    back = save(engine, "standard", rubrics.TEXT, after=new.version)
    assert back.version == old.version and rubrics.load(home) == old
    assert [(row.actor, row.action, row.reason) for row in ledger.rows(engine)] == [
        ("ana", "change rubric", new.reference),
        ("ana", "change rubric", old.reference),
    ]


def test_comments_do_not_make_a_version():
    assert rubrics.parse("a", "# hello\n" + SHORT).version == rubrics.parse("a", SHORT).version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHORT.replace("weight: 0.5, help", "weight: 0.4, help"), "add up to 0.9, not to 1"),
        (SHORT.replace("colour", "Shape"), "there twice"),
        (SHORT.replace("colour", ""), "has no name"),
        (SHORT.replace("0.5}", ".nan}"), "weight of shape is '.nan'"),
        (SHORT.replace("0.5}", "yes}"), "weight of shape is 'yes'"),
        (SHORT.replace("[1, 3]", "[1, 10]"), "scale"),
        (SHORT.replace("[1, 3]", "[true, 3]"), "scale"),
        (SHORT.replace("[1, 3]", "five"), "scale"),
        (SHORT + "owner: me\n", "unknown owner"),
        (SHORT.replace('Ours?"', 'Ours?", anchors: {4: all}'), "An anchor of colour is '4'"),
        (SHORT.replace('Ours?"', "Ours?\", anchors: {3: ''}"), "What 3 of colour means is no text"),
        (SHORT.replace('Ours?"', 'Ours?", anchors: ours'), "anchors of colour are no table"),
        ("criteria: []", "1 to 12 criteria"),
        ("- a\n- b", "no table"),
        ("scale: [1, 5", "no YAML, line 1"),
        ("!!python/object/apply:os.system ['true']", "no YAML"),
        ("x" * 30_000, "30,000 characters"),
    ],
)
def test_what_is_refused(text, said):
    with pytest.raises(StudioError, match=said):
        rubrics.parse("a", text)


def test_scores_must_fit(engine, home):
    rubric = save(engine, "short", SHORT, after=None)
    assert rubrics.names(home) == ["standard", "short"]
    for scores in ({"shape": 1}, {"shape": 1, "colour": 4}, {"shape": 1, "colour": True}):
        with pytest.raises(StudioError, match="colour"):
            rubrics.weighted(rubric, scores)
    with pytest.raises(StudioError, match="no taste"):
        rubrics.weighted(rubric, {"shape": 1, "colour": 1, "taste": 1})


def test_a_rubric_that_is_not_there_or_was_tampered_with(home):
    with pytest.raises(StudioError, match="no rubric other"):
        rubrics.load(home, "other")
    with pytest.raises(StudioError, match="no rubric standard@"):
        rubrics.load(home, "standard", "../../etc")
    with pytest.raises(StudioError, match="no name"):
        rubrics.load(home, "../x")
    rubric = rubrics.load(home)
    file = home / "rubrics" / "standard" / f"{rubric.version}.yaml"
    file.write_text(SHORT)
    with pytest.raises(StudioError, match="changed after"):
        rubrics.load(home)


def test_a_rubric_is_written_as_it_is_read():
    text = SHORT.replace(
        '"Ours?"', '"Ours: no?", scale: [0, 2], anchors: {2: "yes, # ours", 0: no}'
    )
    read = rubrics.parse("a", text)
    assert read.criteria[1].anchors == ((0, "no"), (2, "yes, # ours"))
    again = rubrics.parse("a", rubrics.written((read.low, read.high), read.criteria))
    assert (again.version, again.criteria) == (read.version, read.criteria)


def test_a_rubric_without_anchors_is_the_version_that_it_was_before_there_were_any():
    assert rubrics.parse("a", SHORT).version == "b37dff93708e"
