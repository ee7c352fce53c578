"""The report by REST: figures, minutes by hand, and what the game took."""

from datetime import timedelta

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.generation import painted_over
from studio.generation.lists import as_png
from studio.workflows import uses
from tests.api.asked import ADMIN, NOW, Programs, put_asset
from tests.api.test_door import problem
from tests.exported_pictures import draw, export, sprite


def test_figures_of_a_style_and_month(styled: Programs):
    id = put_asset(styled.studio, "a gem")
    verdicts.judge(styled.studio.engine, id, Judgement("approved"), by=ADMIN, now=NOW, turn=0)
    told = styled.get("/report/styles/art?month=2026-08").json()
    assert (told["style"], told["month"], told["sample"], told["open"]) == (
        "art",
        "2026-08",
        [id],
        [],
    )
    by_key = {one["key"]: one for one in told["figures"]}
    match = by_key["style match"]
    assert (match["value"], match["target"], match["unit"], match["n"]) == (1.0, 0.9, "share", 1)
    assert (match["state"], match["at_most"]) == ("not shown", False)
    assert not any(key.startswith("roi") for key in by_key)  # a viewer sees no costs
    lead = styled.get("/report/styles/art", "art lead").json()
    assert any(one["key"].startswith("roi") for one in lead["figures"])
    problem(styled.get("/report/styles/rocks"), 404, "not-found")
    problem(styled.get("/report/styles/art?month=soon"), 422, "refused")


def test_minutes_by_hand_are_set_by_leads_and_never_over_anothers_head(plain: Programs):
    body = {"minutes": 90, "why": "as timed"}
    at = "/report/minutes/hero"
    problem(plain.put(at, "artist", json=body), 403, "not-allowed")
    assert plain.put(at, "art lead", json=body).json()["minutes"] == 90
    problem(plain.put(at, "art lead", json={**body, "minutes": 60}), 409, "changed")
    kept = plain.put(at, "art lead", json={**body, "minutes": 60, "before": 90}).json()
    assert (kept["category"], kept["minutes"], kept["by"]) == ("hero", 60, "ArtLead")
    problem(plain.put(at, "art lead", json={**body, "minutes": 0}), 422, "refused")
    assert [one["category"] for one in plain.get("/report/minutes").json()["items"]] == ["hero"]


def test_what_the_game_took_is_looked_for_and_corrected(plain: Programs):
    id = draw(plain.studio.engine, plain.studio.home, 1, NOW, style="art")
    export(plain.studio.engine, [(id, "gem.png", b"x")], NOW + timedelta(hours=1))
    (before,) = plain.get("/report/uses?style=art&month=2026-08").json()["items"]
    assert (before["asset"], before["use"], before["path"]) == (id, None, "gem.png")
    problem(plain.put(f"/report/uses/{id}", json={"use": "as is"}), 404, "not-found")
    problem(plain.post("/report/uses/look", "viewer"), 403, "not-allowed")
    looked = plain.post("/report/uses/look", "artist").json()
    assert looked == {"looked": 1, "changed": 1, "unread": [], "left": 0}
    told = plain.put(f"/report/uses/{id}", "artist", json={"use": "redrawn"}).json()
    assert (told["use"], told["measured"], told["corrected_by"]) == ("redrawn", "as is", "Artist")
    problem(plain.put(f"/report/uses/{id}", json={"use": "eaten"}), 422, "refused")


def test_what_was_only_painted_over_is_told_and_corrected_too(plain: Programs):
    studio = plain.studio
    id = draw(studio.engine, studio.home, 2, NOW, style="art")
    painted = sprite(2)
    painted.putpixel((0, 0), (60, 160, 70, 255))
    painted_over.paint_over(studio.engine, studio.home, id, as_png(painted), by=ADMIN, now=NOW)
    uses.look(studio, by=ADMIN, now=NOW, only=[id])
    told = {one["asset"]: one for one in plain.get("/report/uses?style=art").json()["items"]}[id]
    assert (told["exported_at"], told["use"]) == (None, "touched up")
    told = plain.put(f"/report/uses/{id}", "artist", json={"use": "as is"}).json()
    assert (told["use"], told["measured"]) == ("as is", "touched up")
    problem(plain.get("/report/uses?month=soon"), 422, "refused")
