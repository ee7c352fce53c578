"""Gates: what a file may say, and whether evidence meets it."""

import dataclasses
from datetime import UTC, datetime

import pytest

from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.registry import gates, gates_written
from studio.registry.gates import Evidence

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)

GOOD = Evidence(
    metrics={
        "kid_pocket_clip_v2": 0.004,
        "kid_pocket_clip_v2_low": 0.001,
        "copies": 0.0,
        "clip_score_pocket_clip_v2": 24.0,
        "palette_distance": 12.0,
        "base_kid": 0.1,
    },
    rating=4.0,
    raters=2,
    vote="undecided",
    data={"CC0-1.0": 40},
    base="OpenRAIL-M",
    commercial="yes",
)

BOTH = {"metrics": {"kid_pocket_clip_v2": 0.5, "kid_open_clip_vit_b_32_x": 2.0}}


LOOK = {"colours": 7.0, "real_colours": 6.0, "real_colours_low": 5.0, "real_colours_high": 7.5}


def states(text, evidence):
    found = gates.hold(gates.parse("items", text), evidence)
    return {one.gate: one.state for one in found}


def test_the_example_is_met_by_good_evidence_and_by_nothing_at_all_it_is_not():
    found = states(gates.EXAMPLE, GOOD)
    assert set(found.values()) == {"met"} and len(found) == 8
    nothing = states(gates.EXAMPLE, Evidence())
    assert "met" not in nothing.values()
    assert nothing["base licence"] == "missed" and nothing["kid"] == "unknown"


@pytest.mark.parametrize(
    ("text", "changed", "gate", "state"),
    [
        ("metrics: {kid: {at_most: 0.001}}", {}, "kid", "missed"),
        ("metrics: {clip_score: {at_least: 24, at_most: 24}}", {}, "clip_score", "met"),
        ("metrics: {colour: {at_most: 1}}", {}, "colour", "unknown"),
        ("metrics: {kid: {at_most: 1}}", {"metrics": {"kid": float("nan")}}, "kid", "missed"),
        ("metrics: {kid: {at_most: 1}}", {"metrics": {"kid_a": 0, "kid_b": 0}}, "kid", "unknown"),
        ("metrics: {kid: {at_most: 1}}", BOTH, "kid", "met"),
        ("metrics: {kid_open_clip: {at_most: 1}}", BOTH, "kid_open_clip", "missed"),
        ("metrics: {colours: {within: real art}}", {"metrics": LOOK}, "colours", "met"),
        (
            "metrics: {colours: {within: real art}}",
            {"metrics": {**LOOK, "colours": 508.0}},
            "colours",
            "missed",
        ),
        (
            "metrics: {colours: {within: real art, at_most: 6}}",
            {"metrics": LOOK},
            "colours",
            "missed",
        ),
        # Measured before real art was measured beside it.
        (
            "metrics: {colours: {within: real art}}",
            {"metrics": {"colours": 7.0}},
            "colours",
            "unknown",
        ),
        ("rating: {at_least: 3, raters: 3}", {}, "rating", "unknown"),
        ("rating: {at_least: 4.5}", {}, "rating", "missed"),
        ("vote: better", {}, "vote", "missed"),
        ("vote: better", {"vote": "better"}, "vote", "met"),
        ("vote: not worse", {"vote": "worse"}, "vote", "missed"),
        ("vote: better", {"vote": "first"}, "vote", "met"),
        ("copies: 0", {"metrics": {"copies": 1.0}}, "copies", "missed"),
        ("licences: {data: known}", {"data": {"": 1, "CC0": 9}}, "data licence", "missed"),
        ("licences: {base: commercial}", {"commercial": "unknown"}, "base licence", "missed"),
        ("licences: {base: known}", {"commercial": "no"}, "base licence", "met"),
        ("licences: {base: known}", {"base": "unknown"}, "base licence", "missed"),
    ],
)
def test_each_gate_is_held_against_its_evidence(text, changed, gate, state):
    evidence = Evidence(**{**GOOD.__dict__, **changed})
    assert states(text, evidence) == {gate: state}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("figurs: {}", "figurs"),
        ("metrics: {kid: {atmost: 3}}", "metrics.kid.atmost"),
        ("metrics: {kid: {}}", "metrics.kid says neither"),
        ("metrics: {kid: {at_most: many}}", "'many'"),
        ("metrics: {colours: {within: reason}}", "'reason'"),
        ("metrics: [kid]", "not a table"),
        ("rating: {raters: 2}", "no at_least"),
        ("rating: {at_least: 3, raters: 1.5}", "1.5"),
        ("vote: great", "'great'"),
        ("copies: true", "'true'"),
        ("licences: {base: free}", "'free'"),
        ("vote: [", "no YAML"),
        ("- a", "not a table"),
        ("#" * 20_001, "20,001"),
    ],
)
def test_a_mistake_in_the_file_is_named(text, named):
    with pytest.raises(StudioError, match="gates") as caught:
        gates.parse("items", text)
    assert named in caught.value.message


def test_a_file_of_before_calls_metrics_figures_and_holds_the_same():
    former, now = (
        gates.parse("items", f"{name}: {{kid: {{at_most: 1}}}}") for name in ("figures", "metrics")
    )
    assert former.metrics == now.metrics == (gates.Bound("kid", at_most=1.0),)
    with pytest.raises(StudioError, match="both figures and metrics"):
        gates.parse("items", "figures: {kid: {at_most: 1}}\nmetrics: {kid: {at_most: 2}}")


def save(engine, text, after="", by="ana"):
    return gates.save(engine, "items", text, after=after, by=by, now=NOW)


def changes(engine):
    return [(r.actor, r.style, r.reason) for r in ledger.rows(engine) if r.action == gates.CHANGE]


def test_a_file_is_kept_with_all_its_versions_and_who_made_them(engine):
    home = db.home_of(engine)
    assert gates.load(home, "items") == gates.Gates()
    first = save(engine, "copies: 0  # none")
    second = save(engine, "copies: 1", after=first.version, by="bo")
    assert gates.load(home, "items") == second and second.copies == 1
    kept = home / "gates" / "items" / f"{first.version}.yaml"
    assert kept.read_text() == "copies: 0  # none"
    with pytest.raises(StudioError):
        save(engine, "copies: many", after=second.version)
    assert gates.load(home, "items") == second
    assert save(engine, "copies: 1", after=first.version) == second  # sent twice
    assert changes(engine) == [
        ("ana", "items", f"gates {first.version}, after none"),
        ("bo", "items", f"gates {second.version}, after {first.version}"),
    ]


def test_nobodys_gate_is_lost_to_who_did_not_see_it(engine):
    home = db.home_of(engine)
    first = save(engine, "copies: 0")
    theirs = save(engine, "copies: 0\nvote: better", after=first.version, by="bo")
    for seen in (first.version, ""):
        with pytest.raises(StudioError, match=r"changed by bo on 2026-01-01") as caught:
            save(engine, "copies: 0\nrating: {at_least: 3}", after=seen)
        assert theirs.version in caught.value.remedy
    assert gates.load(home, "items") == theirs and len(changes(engine)) == 2


def test_gates_that_can_not_be_written_down_are_not_kept(engine, monkeypatch):
    home = db.home_of(engine)
    first = save(engine, "copies: 0")

    def full(*given, **more):
        raise StudioError("The disk is full.")

    monkeypatch.setattr(ledger, "record", full)
    with pytest.raises(StudioError, match="full"):
        save(engine, "copies: 1", after=first.version)
    assert gates.load(home, "items") == first


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rating: {at_least: 2026-13-45}", "at_least is '2026-13-45', not a number"),
        ("vote: " + "[" * 9_000, "no YAML"),
        ("copies: 1" + "0" * 400, "copies"),
        ("rating: {at_least: .inf}", "inf"),
        (
            "\n".join(
                [
                    "a: &a0 [x]",
                    *[f"b{k}: &a{k + 1} [{f'*a{k}, ' * 9}]" for k in range(30)],
                    "metrics: *a30",
                ]
            ),
            "no part",
        ),
    ],
)
def test_a_file_meant_to_choke_the_studio_is_a_mistake_too(text, named):
    with pytest.raises(StudioError) as caught:
        gates.parse("items", text)
    assert named in caught.value.message and len(caught.value.message) < 25_000


def test_a_file_that_is_gone_keeps_all_out_and_other_folders_are_not_read(engine):
    home = db.home_of(engine)
    kept = save(engine, "copies: 0")
    (home / "gates" / "items" / f"{kept.version}.yaml").unlink()
    with pytest.raises(StudioError, match="can't be read"):
        gates.load(home, "items")
    with pytest.raises(StudioError, match="no style"):
        gates.save(engine, "../items", "copies: 0", after="", by="ana", now=NOW)
    assert gates.load(home, "../gates/items") == gates.Gates()
    assert save(engine, "copies: 0", after=kept.version) == kept == gates.load(home, "items")


def test_what_a_form_comes_to_is_a_file_that_asks_for_the_same():
    asked = gates.parse("props", gates.EXAMPLE.replace("# colours:", "colours:"))
    assert any(bound.within for bound in asked.metrics)
    again = gates.parse("props", gates_written.text_of(asked))
    assert dataclasses.replace(again, text="", version="") == dataclasses.replace(
        asked, text="", version=""
    )
    empty = gates_written.text_of(gates.Gates())
    assert empty == gates_written.HEAD and not gates.parse("props", empty).metrics
