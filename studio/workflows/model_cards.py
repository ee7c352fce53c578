"""Model cards: what an engineer reads on a version's page in MLflow, written from evidence.

A card is the version's description there, as markdown. It is drawn anew from what the studio
knows, so writing it twice changes nothing; whatever a person writes below its last line stays.
Ratings and ballots that are still open are left out: who still judges may be reading.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException

from studio.context import Studio
from studio.database import ledger
from studio.database.ledger import LedgerRow
from studio.errors import StudioError
from studio.evaluation import comparison, contact_sheet
from studio.registry import history_text, models, stage_state, stages
from studio.registry.gates import Checked
from studio.registry.models import Version
from studio.review import ballots, rating_rounds, tally
from studio.review.pictures import Side
from studio.review.ratings import results
from studio.store.publish import publish
from studio.workflows import release
from studio.workflows.model_kinds import lora, table

logger = logging.getLogger(__name__)

LONGEST = 5_000  # characters that MLflow's table takes
END = "\n\n---\n*Written by the studio. What you write below this line stays.*"
MOVES, REASON = 8, 160
BREATH_S = 0.05
BESIDE = " beside the base's"
# MLflow's markdown (Showdown) knows no backslash before these and prints it.
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
SOURCES = (__file__, *sorted(map(str, Path(lora.__file__).parent.glob("*.py"))))
# Another card: all anew.
FORM = hashlib.sha256(b"".join(Path(file).read_bytes() for file in SOURCES)).hexdigest()[:12]


def write(studio: Studio, style: str, number: int) -> bool:
    """Write a version's card and its tags `gates`, `rating` and `vote` where they changed.

    False where nothing did, or where MLflow did not take it: the card is written anew later.
    """
    return bool(_written(studio, style, number))


def _written(studio: Studio, style: str, number: int) -> bool | None:
    """Whether anything changed; None where MLflow did not take it."""
    try:
        version = models.get(studio.client, style, number)
        said = judgements(studio, version)
        try:
            checked = release.held(studio, style, number)
        except StudioError as error:
            checked = [
                Checked("the style's gates", "a file without mistakes", str(error), "unknown")
            ]
        text = card(studio, version, said, checked)
        tags = {"rating": said[0][-1:], "vote": said[1][-1:]}
        told = {name: found[0] for name, found in tags.items() if found}
        if checked:
            told["gates"] = f"{sum(one.met for one in checked)} of {len(checked)} met"
        return models.describe(studio.client, version, lambda old: kept_below(text, old), told)
    except (MlflowException, StudioError) as error:
        logger.warning("the card of %s version %s was not written: %s", style, number, error)
        return None if isinstance(error, MlflowException) else False


def write_all(studio: Studio) -> int:
    """Write the cards of the styles that changed since the last call; how many were looked at.

    With a breath after each: somebody may wait for a picture after the very move that is told.
    What was written is noted in STUDIO_HOME/cards.json, so a start alone writes none anew. A style
    of which MLflow did not take a card is not noted: it is tried again the next time.
    """
    told = studio.home / "cards.json"
    newest = ledger.newest(studio.engine)
    known, now = _known(told), _noted(models.mark(studio.client), newest)
    if known == now:
        return 0
    moved = {row.style for row in ledger.rows(studio.engine) if row.id > known["ledger"]}
    moved |= {name for name, told in now["marks"].items() if known["marks"].get(name) != told}
    looked, refused = 0, set()
    for version in models.list_versions(studio.client):
        if version.style in moved:
            if _written(studio, version.style, version.number) is None:
                refused.add(version.style)
            looked += 1
            time.sleep(BREATH_S)
    written = tuple(one for one in models.mark(studio.client) if one[0] not in refused)
    publish(told, json.dumps(_noted(written, newest)), flush=False)
    return looked


def _noted(marks: models.Mark, newest: int) -> dict[str, Any]:
    told = {name: [at, [list(one) for one in aliases]] for name, at, aliases in marks}
    return {"form": FORM, "ledger": newest, "marks": told}


def _known(told: Path) -> dict[str, Any]:
    """What was noted, or that nothing was."""
    nothing = {"form": "", "ledger": 0, "marks": {}}
    try:
        noted = json.loads(told.read_text())
        fits = noted["form"] == FORM and isinstance(noted["marks"], dict)
        return noted if fits and isinstance(noted["ledger"], int) else nothing
    except (OSError, ValueError, KeyError, TypeError):
        return nothing


def card(
    studio: Studio, version: Version, said: tuple[list[str], list[str]], checked: list[Checked]
) -> str:
    """The card as markdown, without what people wrote below."""
    rows = stages.history(studio.engine, version.style)
    stage = stage_state.fold(rows).of(version.number)
    drawn = contact_sheet.read_sheet(
        contact_sheet.folder_of(studio.home, version.style, version.number)
    )
    moves = [row for row in rows if row.version == version.number][-MOVES:]
    kind = table.find(version)
    facts = {
        "Stage": stage,
        "Kind": table.label(version),
        **({fact.label: fact.value for fact in kind.facts(studio, version)} if kind else {}),
        "Dataset": f"{version.dataset}@{version.dataset_digest[:12]}" if version.dataset else "",
        "Its licences": ", ".join(
            f"{licence or 'none given'} ({count})"
            for licence, count in sorted(release.licences(studio, version).items())
        ),
        "Test sheet": f"{len(drawn.cells)} pictures{BESIDE * drawn.has_base}, "
        f"{comparison.finished(drawn.finishing)}, artifacts sheet/ of the run"
        if drawn
        else "not drawn yet",
    }
    parts = [
        f"# {plain(version.style)} version {version.number}",
        f"Draws in the house style *{plain(version.style)}*: "
        f"{kind.about if kind else 'a kind of model that this studio is too old for.'}",
        *([f"**{plain(said)}**" for said in kind.warnings(studio, version)] if kind else []),
        _table(facts.items()),
        *_listed("Metrics", _metrics(version)),
        *_listed("Ratings and votes", [*said[0], *said[1]]),
        *_listed(
            "Gates",
            [f"{one.state}: {one.gate}, asked is {one.asks}; {one.says}" for one in checked],
        ),
        *_listed("Moves", [_move(row) for row in reversed(moves)]),
        "## How it was trained",
        *([plain(because)] if (because := version.tags.get("kept_because", "")) else []),
        _table(sorted(version.params.items())) if version.params else "Not known.",
        "## Limits",
        "Metrics are of the test sheet's prompts and seeds alone. Look for copies of training "
        "pictures before anything is sold; the licences above are as people gave them.",
    ]
    return "\n\n".join(part for part in parts if part)


def judgements(studio: Studio, version: Version) -> tuple[list[str], list[str]]:
    """What closed ratings and closed ballots say of a version, the newest last."""
    rated, voted = [], []
    mine = Side(version.style, version.number)
    for round in reversed(rating_rounds.listing(studio.engine, version.style)):
        if round.open or mine not in round.sides:
            continue
        for score in results(studio.engine, round.id):
            if score.side == mine and score.raters:
                mean = score.weighted
                band = f" ({mean.low:.2f} to {mean.high:.2f})" if mean.low is not None else ""
                rated.append(f"{mean.mean:.2f} of 5{band} by {score.raters} people, {round.rubric}")
    for ballot in reversed(ballots.listing(studio.engine, version.style)):
        if ballot.open or mine not in ballot.sides:
            continue
        for one in tally.tallies(studio.engine, ballot):
            if mine in (one.a, one.b):
                voted.append(
                    f"{tally.words(one, False)} {ballot.question} {one.a_name} {one.a_votes}, "
                    f"{one.b_name} {one.b_votes}, ties {one.ties}, {one.voters} voters"
                )
    return rated, voted


def kept_below(text: str, old: str) -> str:
    """The new card above what somebody wrote, as long as MLflow takes it."""
    _, marked, theirs = old.partition(END)
    theirs = theirs if marked else f"\n\n{old}" if old.strip() else ""
    room = LONGEST - len(END) - len(theirs)
    if room < 200:  # theirs alone fills it; the studio's own page has the rest
        return old
    cut = "\n\n(more in the studio)"
    short = text if len(text) <= room else text[: room - len(cut)].rsplit("\n", 1)[0] + cut
    return short + END + theirs


def plain(text: str) -> str:
    """What somebody wrote, as markdown that says just that, on one line. An address has a character
    in it that nobody sees (U+2060): MLflow's pages would make it a link."""
    parted = re.sub(r"(?i)(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=\w)(?=@[\w-]+\.\w)", "\u2060", text)
    said = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", " ".join(parted.split()))
    return re.sub(r"[<>&$]", lambda sign: ENTITIES[sign[0]], said)


def _metrics(version: Version) -> Iterable[str]:
    for row in comparison.rows({"this": version.metrics}):
        if not row.meaning.decides:
            continue
        values = []
        for mark in row.marks:
            band = ""
            if mark.low is not None and mark.high is not None:
                band = f" ({mark.low:.{row.meaning.digits}f} to {mark.high:.{row.meaning.digits}f})"
            values.append(f"{mark.label} {mark.value:.{row.meaning.digits}f}{band}")
        yield f"{row.meaning.label}: {', '.join(values)}"


def _move(row: LedgerRow) -> str:
    why = history_text.reason(row)
    why = why if len(why) <= REASON else why[:REASON] + "…"
    return f"{row.at[:16]} UTC: {history_text.sentence(row)}. {why}".rstrip()


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {plain(name)} | {plain(value)} |" for name, value in rows if value]
    return "\n".join(["| | |", "|---|---|", *lines])


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {plain(line)}" for line in lines]
    return [f"## {title}", "\n".join(found) if found else "None yet."]
