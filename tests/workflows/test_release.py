"""Evidence from all domains, gates minded by promotions, rollouts watched."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio import context, notifications
from studio.accounts.rights import Actor, NotAllowed
from studio.assets import verdicts
from studio.cli.main import main
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.generation.gallery_table import Kept, get, record
from studio.generation.picture_files import Made
from studio.registry import gate_records, gates, looked_up, models, requests, stages, version_pins
from studio.registry.reconcile import reconcile as stage_reconcile
from studio.registry.rollout_alias import reconcile
from studio.registry.rollout_records import current
from studio.review import ballots, pair_order, pictures, votes
from studio.settings import CHECKOUT, load_settings
from studio.worker import submit
from studio.workflows import release, rollout_outcomes
from tests.furnished import bare_files

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PRODUCER = Actor("pia", "producer")


@pytest.fixture
def studio(tmp_path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    data = import_folder(
        opened.home, "props", CHECKOUT / "sample" / "held_out", now=NOW, actor="ana"
    ).version
    opened.client.create_registered_model("props")
    for number in (1, 2, 3):
        tags = {
            "stage": "candidate",
            "base_licence": "CC0-1.0",
            "base_commercial_use": "yes",
            "dataset": "props",
            "dataset_digest": data.digest,
            "metric.copies": "0",
            "metric.kid_pocket_clip_v2": f"0.0{number}",
        }
        opened.client.create_model_version("props", bare_files(tmp_path), tags=tags)
    yield opened
    opened.engine.dispose()


def keep_gates(studio, text, by="ana"):
    after = gates.in_use(studio.home, "props")
    return release.save_gates(studio, "props", text, after=after, by=by, now=NOW)


def promote(studio, number, **given):
    given = {"actor": "ana", "why": "better", "now": NOW, "to": "production", **given}
    return release.promote(studio, style="props", number=number, **given)


def ballot(studio, tmp_path, winner, count=8):
    """A closed ballot of versions 1 and 2 on `count` pairs; `winner` is a place, None: all ties."""
    drawn = []
    for side, colour in enumerate(("red", "blue")):
        file = tmp_path / f"{colour}.png"
        Image.new("RGBA", (8, 8), colour).save(file)
        drawn.append(
            pictures.Drawn(
                pictures.Side("props", side + 1),
                "",
                {(f"a gem {k}", 1): file for k in range(count)},
            )
        )
    found = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Better?",
        voters=1,
        by="ana",
        key="one",
        now=NOW,
    )
    for pair in ballots.pairs_of(studio.engine, found.id):
        left = pair_order.left_side(studio.engine, found.id, "ana", pair)
        answer = "tie" if winner is None else "left" if left == winner else "right"
        votes.cast(studio.engine, found.id, "ana", pair, answer, key=f"k{pair}", now=NOW)
    return ballots.close(studio.engine, found.id, "ana", NOW)


def test_a_promotion_minds_the_gates_and_keeps_them_with_the_move(studio):
    keep_gates(studio, "metrics: {kid: {at_most: 0.015}}\ncopies: 0")
    done = promote(studio, 1)
    assert [(c.gate, c.state) for c, _ in gate_records.at(studio.engine, done.ledger_id)] == [
        ("kid", "met"),
        ("copies", "met"),
    ]
    with pytest.raises(StudioError, match=r"kid: asked is at most 0.015, but .* is 0.02"):
        promote(studio, 2)
    assert stages.production(studio.engine, "props") == 1
    with pytest.raises(NotAllowed):
        promote(studio, 2, actor=Actor("art", "artist"), override="I like it")
    done = promote(studio, 2, actor=PRODUCER, override="the milestone is tomorrow")
    (kid, over), (copies, none) = gate_records.at(studio.engine, done.ledger_id)
    assert (kid.state, over) == ("missed", "the milestone is tomorrow")
    assert (copies.state, none) == ("met", "")
    promote(studio, 3, to="staging")  # gates are before production alone


def test_a_gate_file_that_is_wrong_keeps_all_out(studio):
    for text, named in (
        ("metrics: {beauty: {at_least: 1}}", "beauty"),
        ("metrics: {fid: {at_most: 10}}", "never gates"),
        ("metrics: {kid: {within: real art}}", "kid within real art, whose range is not known"),
        ("copise: 0", "copise"),
    ):
        with pytest.raises(StudioError, match=named):
            keep_gates(studio, text)
    kept = keep_gates(studio, "copies: 0")
    file = studio.home / "gates" / "props" / f"{kept.version}.yaml"
    file.write_text("copise: 0")  # by hand, past the page
    with pytest.raises(StudioError, match="copise"):
        promote(studio, 1)
    assert [row.action for row in stages.history(studio.engine, "props")] == [gates.CHANGE]


@pytest.mark.parametrize(
    ("winner", "word", "better", "not_worse"),
    [(1, "better", True, True), (0, "worse", False, False), (None, "undecided", False, True)],
)
def test_a_vote_against_production_is_evidence(studio, tmp_path, winner, word, better, not_worse):
    promote(studio, 1)
    ballot(studio, tmp_path, winner)
    found = release.evidence(studio, models.get(studio.client, "props", 2))
    assert found.vote == word and found.data == {"CC0-1.0": 24} and found.commercial == "yes"
    for text, met in (("vote: better", better), ("vote: not worse", not_worse)):
        keep_gates(studio, text)
        assert [c.met for c in release.held(studio, "props", 2)] == [met]


def test_accepting_a_request_promotes_past_the_gates(studio):
    keep_gates(studio, "metrics: {kid: {at_most: 0.015}}")
    asked = [
        requests.ask(studio.engine, style="props", number=n, actor="lea", why="hands", now=NOW)
        for n in (1, 2)
    ]
    release.accept(studio, asked[0].id, actor=PRODUCER, answer="yes", now=NOW)
    assert stages.production(studio.engine, "props") == 1
    with pytest.raises(StudioError, match="kid"):
        release.accept(studio, asked[1].id, actor=PRODUCER, answer="yes", now=NOW)
    assert [r.state for r in requests.listing(studio.engine)] == ["open", "accepted"]
    assert "asked by lea; yes" in stages.history(studio.engine, "props")[4].reason


def draw_and_judge(studio, version, count, approved, begin, by="ana"):
    kept = []
    for k in range(count):
        made = Made(
            style="props",
            version=version,
            prompt=f"gem {k}",
            full_prompt="",
            seed=k,
            base="pocket",
            run="",
            dataset="",
            negative="",
            strength=1.0,
            steps=20,
            guidance=4.0,
        )
        file = studio.home / "generated" / f"{by}-{version}-{begin}-{k}.png"
        file.parent.mkdir(exist_ok=True)
        Image.new("RGBA", (8, 8)).save(file)
        kept.append(Kept(file, made))
    ids = record(studio.engine, studio.home, kept, by=by, now=NOW + timedelta(hours=begin))
    for k, picture in enumerate(get(studio.engine, id) for id in ids):
        said = verdicts.Judgement("approved" if k < approved else "rejected")
        verdicts.judge(
            studio.engine,
            picture.id,
            said,
            by=by,
            turn=picture.turn,
            now=NOW + timedelta(hours=begin, minutes=k),
        )


@pytest.mark.slow
def test_a_rollout_that_people_approve_of_less_is_ended_by_itself(studio):
    promote(studio, 1)
    going = release.begin_rollout(
        studio, style="props", number=2, percent=50, people=[], actor=PRODUCER, why="try", now=NOW
    )
    for who in ("ana", "bo"):
        draw_and_judge(studio, 1, 20, 20, begin=-30, by=who)
        draw_and_judge(studio, 2, 20, 0, begin=1, by=who)
    assert release.watch(studio, NOW) == []  # two people, however much they judge
    draw_and_judge(studio, 1, 7, 7, begin=2, by="cleo")
    draw_and_judge(studio, 2, 7, 0, begin=3, by="cleo")
    assert release.watch(studio, NOW) == []  # seven agreeing blocks are E = 16, short of 20
    draw_and_judge(studio, 1, 1, 1, begin=20, by="cleo")
    draw_and_judge(studio, 2, 1, 0, begin=21, by="cleo")
    found = rollout_outcomes.look(studio.engine, going)
    assert (found.old.rate, found.new.rate, found.verdict.decision) == (1.0, 0.0, "a")
    assert (found.old.judged, found.new.judged, found.people) == (8, 48, 3)
    (ended,) = release.watch(studio, NOW)
    assert ended.state == "aborted" and current(studio.engine, "props") is None
    row = stages.history(studio.engine, "props")[-1]
    assert row.actor == "the studio" and "0 of 48, against 8 of 8" in row.reason
    assert "ended" in notifications.newest(studio.engine)[0].text or "aborted" in row.reason


def test_a_request_sent_twice_or_long_after_promotes_once(studio):
    request = release.ask(studio, style="props", number=1, actor="lea", why="hands", now=NOW)
    say = {"actor": PRODUCER, "answer": "", "now": NOW}
    assert release.accept(studio, request.id, **say)
    assert release.accept(studio, request.id, **say) is None
    promote(studio, 2)
    assert release.accept(studio, request.id, **say) is None  # an old page, sent again
    assert stages.production(studio.engine, "props") == 2
    with pytest.raises(StudioError, match="accepted by pia meanwhile"):
        release.accept(studio, request.id, **{**say, "actor": Actor("bo", "producer")})
    with pytest.raises(StudioError, match="is in production"):
        release.ask(studio, style="props", number=2, actor="lea", why="hands", now=NOW)
    with pytest.raises(StudioError, match="no version 9"):
        release.ask(studio, style="props", number=9, actor="lea", why="hands", now=NOW)


def test_an_acceptance_that_was_cut_off_is_ended_by_the_next(studio):
    request = release.ask(studio, style="props", number=1, actor="lea", why="hands", now=NOW)
    promote(studio, 1)  # and killed before the request was closed
    release.accept(studio, request.id, actor=PRODUCER, answer="yes", now=NOW)
    assert requests.get(studio.engine, request.id).state == "accepted"
    assert len([r for r in stages.history(studio.engine, "props") if r.to_stage]) == 1


def test_of_accepting_and_refusing_at_once_one_wins_before_anything_moves(studio, monkeypatch):
    request = release.ask(studio, style="props", number=1, actor="lea", why="hands", now=NOW)
    bo = Actor("bo", "producer")

    def meanwhile(*given):
        monkeypatch.undo()
        requests.decide(studio.engine, request.id, False, actor=bo, answer="not yet", now=NOW)
        return []

    monkeypatch.setattr(release, "held", meanwhile)  # between the page's look and the move
    with pytest.raises(StudioError, match="refused by bo meanwhile"):
        release.accept(studio, request.id, actor=PRODUCER, answer="yes", now=NOW)
    assert stages.production(studio.engine, "props") is None
    assert models.aliases(studio.client, "props") == {}
    assert [row.action for row in stages.history(studio.engine, "props")] == [
        "request of production",
        "refused of production",
    ]


def test_an_acceptance_that_mlflow_does_not_take_is_open_again(studio, monkeypatch):
    request = release.ask(studio, style="props", number=1, actor="lea", why="hands", now=NOW)
    real = stages.project

    def away(*given):
        monkeypatch.setattr(stages, "project", real)
        raise RuntimeError("MLflow is away")

    monkeypatch.setattr(stages, "project", away)
    with pytest.raises(StudioError, match="MLflow is away"):
        release.accept(studio, request.id, actor=PRODUCER, answer="yes", now=NOW)
    again = requests.get(studio.engine, request.id)
    assert again == request and stages.production(studio.engine, "props") is None
    release.accept(studio, request.id, actor=PRODUCER, answer="yes", now=NOW)
    assert requests.get(studio.engine, request.id).state == "accepted"
    assert stages.production(studio.engine, "props") == 1


def test_killed_after_the_decision_the_move_is_finished_and_nobody_refuses_it(studio, monkeypatch):
    request = release.ask(studio, style="props", number=1, actor="lea", why="hands", now=NOW)
    real = stages.project

    def killed(*given):
        monkeypatch.setattr(stages, "project", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, "project", killed)
    with pytest.raises(KeyboardInterrupt):
        release.accept(studio, request.id, actor=PRODUCER, answer="yes", now=NOW)
    with pytest.raises(StudioError, match="accepted by pia meanwhile"):
        requests.decide(
            studio.engine, request.id, False, actor=Actor("bo", "producer"), answer="no", now=NOW
        )
    stage_reconcile(studio.engine, studio.client, "props", now=NOW, mend=True)
    assert stages.production(studio.engine, "props") == 1
    assert models.aliases(studio.client, "props") == {"production": 1}


def test_gates_overridden_at_the_beginning_are_kept_to_the_end_of_a_rollout(studio):
    promote(studio, 1)
    keep_gates(studio, "metrics: {kid: {at_most: 0.015}}")
    say = {"style": "props", "actor": PRODUCER, "now": NOW, "why": "try"}
    with pytest.raises(StudioError, match="kid"):
        release.begin_rollout(studio, number=2, percent=50, people=[], **say)
    release.begin_rollout(studio, number=2, percent=50, people=[], override="for the demo", **say)
    keep_gates(studio, "metrics: {kid: {at_most: 0.015}}\nvote: better")
    with pytest.raises(StudioError, match="vote"):  # a gate that came since
        release.complete_rollout(studio, **say)
    keep_gates(studio, "metrics: {kid: {at_most: 0.015}}")
    assert release.complete_rollout(studio, **say).state == "completed"
    row = stages.history(studio.engine, "props")[-1]
    assert row.to_stage == "production"
    assert [why for _, why in gate_records.at(studio.engine, row.id)] == ["for the demo"]


def test_a_rollout_of_a_version_that_was_deleted_in_mlflow_is_ended(studio):
    promote(studio, 1)
    release.begin_rollout(
        studio, style="props", number=2, percent=99, people=[], actor=PRODUCER, why="try", now=NOW
    )
    studio.client.delete_model_version("props", "2")
    (ended,) = release.watch(studio, NOW)
    assert ended.state == "aborted"
    assert "deleted in MLflow" in stages.history(studio.engine, "props")[-1].reason
    assert reconcile(studio.engine, studio.client, mend=False) == []


def test_a_pin_on_a_version_that_was_deleted_is_said_plainly(studio, monkeypatch):
    monkeypatch.setattr(looked_up, "HELD_S", -1.0)  # as if some time went by between any two
    promote(studio, 1)
    version_pins.pin(studio.engine, "props", "ana", "boss", 2, why="as before", now=NOW)
    payload = {
        "style": "props",
        "set": "boss",
        "assets": [{"name": "a", "prompt": "a gem", "count": 1}],
    }
    assert submit.ask(studio, "batch", payload, asked_by="ana", now=NOW).payload["version"] == 2
    studio.client.delete_model_version("props", "2")
    said = "Version 2 of props, which you pinned for boss, was deleted. Take the pin off"
    with pytest.raises(StudioError, match=said):
        submit.ask(studio, "batch", payload, asked_by="ana", now=NOW)
    with pytest.raises(StudioError, match=said):
        release.drawn_with(studio, "props", "ana", "boss")
    version_pins.pin(studio.engine, "props", "ana", "boss", None, why="", now=NOW)
    assert release.drawn_with(studio, "props", "ana", "boss")[0].number == 1
    studio.client.delete_model_version("props", "1")
    with pytest.raises(StudioError, match="Version 1 of props should draw, and it was deleted"):
        release.drawn_with(studio, "props", "ana")


@pytest.mark.slow
def test_a_request_by_command(studio, capsys):
    def call(*words):
        code = main([*words, "--home", str(studio.home), "--json", "--user", "ana"])
        return code, json.loads(capsys.readouterr().out)

    code, asked = call("request", "ask", "props", "1", "--why", "hands")
    assert (code, asked["state"]) == (0, "open")
    assert call("request", "ask", "props", "9", "--why", "hands")[0] == 2
    assert [r["id"] for r in call("request", "list")[1]["requests"]] == [asked["id"]]
    assert call("request", "accept", str(asked["id"]))[1]["state"] == "accepted"
    assert stages.production(studio.engine, "props") == 1
    _, other = call("request", "ask", "props", "2", "--why", "hands")
    assert call("request", "refuse", str(other["id"]), "--answer", "no")[1]["state"] == "refused"
    assert stages.production(studio.engine, "props") == 1
