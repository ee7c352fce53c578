"""Gates: what a version must show before it goes into production, a YAML file for each style.

home/gates/<style>/<version>.yaml  each version as it was written, comments and all
home/gates/<style>/current         the version in use

Here is what a file may say and whether given evidence meets it; where the evidence comes from is
`studio.workflows.release`. A style without a file has no gates.
"""

from __future__ import annotations

import hashlib
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine

from studio import numbers, yaml_files
from studio.accounts.rights import check
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.errors import StudioError
from studio.registry.models import STYLE_NAME
from studio.store.publish import publish

CHANGE = "change gates"  # in the ledger
LONGEST = 20_000  # characters of a file
MOST = 10**12  # of anything that is measured or counted here
EXAMPLE = """\
# What a version must show before it goes into production. Leave out what shall not count.
metrics:                      # a metric by the beginning of its name, measured on Evaluate
  kid: {at_most: 0.01}
  clip_score: {at_least: 20}
  palette_distance: {at_most: 40}
  # within real art's 10th to 90th percentile: colours, half_transparent, orphans, outline, height
  # colours: {within: real art}
rating: {at_least: 3.5, raters: 2}
vote: not worse               # than what is in production; or: better
copies: 0                     # outputs that are nearly a training picture
licences:
  data: known                 # every picture of the dataset says its licence
  base: commercial            # pictures made with the base may be sold; or: known
"""
PARTS = ("metrics", "rating", "vote", "copies", "licences")
FORMER = {"figures": "metrics"}  # what files of before call a part
REAL_ART = "real art"
ENDS = ("at_least", "at_most", "within")  # what a metric is told
VOTES = ("better", "not worse")
LICENCES = {"data": ("known",), "base": ("known", "commercial")}


@dataclass(frozen=True)
class Bound:
    """A metric, by the beginning of its name, and where it has to lie; `within` REAL_ART: where
    four of five pictures by hand do."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    within: str = ""

    def asks(self) -> str:
        """In words: "at least 3 and at most 5"."""
        ends = [("at least", self.at_least), ("at most", self.at_most)]
        said = [f"{word} {end:g}" for word, end in ends if end is not None]
        return " and ".join(said + [f"within {self.within}'s range"] * bool(self.within))

    def holds(self, value: float) -> bool:
        """Whether `value` lies there; nothing that is no number does."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Gates:
    """A style's gates; empty parts ask for nothing. `version` is the first of the text's hash."""

    text: str = ""
    version: str = ""
    metrics: tuple[Bound, ...] = ()
    rating: float | None = None
    raters: int = 1
    vote: str = ""
    copies: int | None = None
    data: str = ""
    base: str = ""


@dataclass(frozen=True)
class Evidence:
    """What is known of one version.

    `rating` is the weighted score with its people; `vote` is better, worse, undecided, first
    (nothing is in production to be compared with) or "" where nobody voted; `data` counts the
    dataset's pictures by licence ("" for none given); `commercial` is yes, no or unknown;
    `withdrawn` counts pictures that it learned from and that were withdrawn since.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    rating: float | None = None
    raters: int = 0
    vote: str = ""
    vote_says: str = ""
    data: Mapping[str, int] = field(default_factory=dict)
    base: str = ""
    commercial: str = "unknown"
    withdrawn: int = 0


@dataclass(frozen=True)
class Checked:
    """One gate held against the evidence. `unknown`: nothing was measured, so it is not met."""

    gate: str
    asks: str
    says: str
    state: Literal["met", "missed", "unknown"]

    @property
    def met(self) -> bool:
        return self.state == "met"


def parse(style: str, text: str) -> Gates:
    """The gates that a YAML text describes; StudioError names what is wrong with it."""
    remedy = "Mend the gates of the style on the page Versions. " + f"Parts: {', '.join(PARTS)}."
    if len(text) > LONGEST:
        raise StudioError(f"The gates have {len(text):,} characters.", f"At most {LONGEST:,}.")
    read = yaml_files.read(text, f"The gates of {style}", remedy)
    read = {} if read is None else read
    short = reprlib.repr  # a few anchors in a file can stand for a value of gigabytes

    def wrong(what: str) -> StudioError:
        return StudioError(f"The gates of {style}: {what}.", remedy)

    def number(where: str, value: Any, whole: bool = False) -> float:
        try:
            if whole:
                return numbers.whole(where, value, 0, MOST)
            return numbers.number(where, value, -MOST, MOST)
        except StudioError as error:
            raise wrong(f"{error.message[:-1]}, not a {'whole ' if whole else ''}number") from error

    def table(where: str, value: Any, known: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong(f"{where} is {short(value)}, not a table of {', '.join(known)}")
        for name in value:
            if known and name not in known:
                raise wrong(f"there is no {where}.{str(name)[:80]}; known are {', '.join(known)}")
        return value

    def choice(where: str, value: Any, known: tuple[str, ...]) -> str:
        if value not in known:
            raise wrong(f"{where} is {short(value)}; use {' or '.join(known)}")
        return str(value)

    if not isinstance(read, dict):
        raise wrong(f"it is {short(read)}, not a table")
    for former, part in FORMER.items():
        if former in read and part in read:
            raise wrong(f"it has both {former} and {part}, which are the same")
    read = {FORMER.get(part, part): asked for part, asked in read.items()}
    for part in read:
        if part not in PARTS:
            raise wrong(f"there is no part {short(part)}")
    bounds = []
    for name, asked in table("metrics", read.get("metrics", {}), ()).items():
        ends = dict(table(f"metrics.{name}", asked, ENDS))
        if not ends:
            raise wrong(f"metrics.{name} says neither {' nor '.join(ENDS)}")
        within = ""
        if "within" in ends:
            within = choice(f"metrics.{name}.within", ends.pop("within"), (REAL_ART,))
        known = {end: number(f"metrics.{name}.{end}", value) for end, value in ends.items()}
        bounds.append(Bound(str(name), known.get("at_least"), known.get("at_most"), within))
    rating = table("rating", read.get("rating", {}), ("at_least", "raters"))
    licences = table("licences", read.get("licences", {}), tuple(LICENCES))
    if rating and "at_least" not in rating:
        raise wrong("rating says no at_least")
    raters = number("rating.raters", rating.get("raters", 1), whole=True)
    copies = number("copies", read["copies"], whole=True) if "copies" in read else None
    return Gates(
        text=text,
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        metrics=tuple(bounds),
        rating=number("rating.at_least", rating["at_least"]) if rating else None,
        raters=int(raters),
        vote=choice("vote", read["vote"], VOTES) if "vote" in read else "",
        copies=None if copies is None else int(copies),
        data=choice("licences.data", licences["data"], LICENCES["data"])
        if "data" in licences
        else "",
        base=choice("licences.base", licences["base"], LICENCES["base"])
        if "base" in licences
        else "",
    )


def load(home: Path, style: str) -> Gates:
    """The style's gates in use; empty ones where it has none."""
    folder = home / "gates" / style
    if not STYLE_NAME.fullmatch(style) or not (folder / "current").exists():
        return Gates()
    try:
        version = (folder / "current").read_text("utf-8").strip()
        text = (folder / f"{version}.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError(
            f"The gates of {style} can't be read: {error}.",
            "Nothing goes into production past them. Keep them anew on the page Versions.",
        ) from error
    return parse(style, text)


def text_of(home: Path, style: str) -> str:
    """The file in use as it stands, also where `load` refuses it; empty where there is none."""
    folder = home / "gates" / style
    try:
        version = (folder / "current").read_text("utf-8").strip()
        return (folder / f"{version}.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def in_use(home: Path, style: str) -> str:
    """The version in use, by its name; empty where there is none."""
    try:
        return (home / "gates" / style / "current").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def save(engine: Engine, style: str, text: str, *, after: str, by: str, now: datetime) -> Gates:
    """Keep a text as the style's gates from now on; earlier versions stay where they are.

    `after` is the version that was edited ("": the style had none). StudioError where another is
    in use by now, lest somebody's gate get lost.
    """
    check(by, "change gates")
    if not STYLE_NAME.fullmatch(style):
        raise StudioError(f"{style[:80]!r} is no style.", "Give the name of a style.")
    found = parse(style, text)
    home = home_of(engine)
    folder = home / "gates" / style
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / "lock"):
        before = in_use(home, style)
        if before == found.version and text_of(home, style) == text:
            return found  # nothing changed, or the same was sent twice
        if before != after:
            was = recorded_files.last_change(engine, CHANGE, style)
            raise StudioError(
                f"The gates of {style} are version {before or 'none'} by now, not "
                f"{after or 'none'}: they were changed{was}.",
                "Look at them again, and make your change to what is there now"
                + (f" (as a command: --after {before})." if before else "."),
            )
        publish(folder / f"{found.version}.yaml", text)
        recorded_files.publish(
            engine,
            folder / "current",
            found.version + "\n",
            at=now,
            actor=by,
            action=CHANGE,
            style=style,
            reason=f"gates {found.version}, after {before or 'none'}",
        )
    return found


def hold(gates: Gates, evidence: Evidence) -> list[Checked]:
    """Each gate with its evidence, in the order in which a page shows them."""
    found = [_metric(bound, evidence.metrics) for bound in gates.metrics]
    if gates.rating is not None:
        found.append(_rating(gates, evidence))
    if gates.vote:
        found.append(_vote(gates, evidence))
    if gates.copies is not None:
        copies = evidence.metrics.get("copies")
        asks = f"at most {gates.copies} outputs that are nearly a training picture"
        found.append(
            Checked("copies", asks, "not measured yet", "unknown")
            if copies is None
            else _plain("copies", asks, f"{copies:.0f} found", copies <= gates.copies)
        )
    if gates.data:
        bare = evidence.data.get("", 0)
        says = f"{bare} of {sum(evidence.data.values())} pictures say none" if bare else "all do"
        asks = "every picture of the dataset says its licence"
        if not evidence.data:
            found.append(Checked("data licence", asks, "its dataset is not known", "unknown"))
        else:
            found.append(_plain("data licence", asks, says, not bare))
        if evidence.withdrawn:
            asks = "no picture that it learned from was withdrawn"
            found.append(_plain("withdrawn", asks, f"{evidence.withdrawn} were", False))
    if gates.base:
        sold = gates.base == "commercial"
        asks = "pictures of the base may be sold" if sold else "the base's licence is known"
        known = evidence.base not in ("", "unknown")
        says = f"{evidence.base or 'unknown'}, commercial use: {evidence.commercial}"
        fits = evidence.commercial == "yes" if sold else known
        found.append(_plain("base licence", asks, says, fits))
    return found


def _plain(gate: str, asks: str, says: str, met: bool) -> Checked:
    return Checked(gate, asks, says, "met" if met else "missed")


def _metric(bound: Bound, metrics: Mapping[str, float]) -> Checked:
    """By the metric's exact name, else by the only one that begins so. What an open_clip model
    measures beside the usual CLIP counts where the gate names it: `kid_open_clip`."""
    bounds = ("_low", "_high")
    fits = [n for n in metrics if n.startswith(bound.metric) and not n.endswith(bounds)]
    fits = [n for n in fits if "_open_clip_" not in n or "_open_clip" in bound.metric]
    name = bound.metric if bound.metric in metrics else fits[0] if len(fits) == 1 else ""
    if not name:
        says = f"several begin so: {', '.join(sorted(fits))}" if fits else "not measured yet"
        return Checked(bound.metric, bound.asks(), says, "unknown")
    value = metrics[name]
    says, holds = f"{name} is {value:.4g}", bound.holds(value)
    if bound.within:
        low, high = (metrics.get(f"real_{name}{end}") for end in bounds)
        if low is None or high is None:
            says = "real art was not measured beside it: measure the version once more"
            return Checked(bound.metric, bound.asks(), says, "unknown")
        says = f"{says}, real art's range {low:.4g} to {high:.4g}"
        holds = holds and low <= value <= high
    return _plain(bound.metric, bound.asks(), says, holds)


def _rating(gates: Gates, evidence: Evidence) -> Checked:
    people = "person" if gates.raters == 1 else "people"
    asks = f"rated at least {gates.rating:g} by {gates.raters} {people} or more"
    if evidence.rating is None or evidence.raters < gates.raters:
        says = f"{evidence.raters} rated it so far" if evidence.raters else "nobody rated it yet"
        return Checked("rating", asks, says, "unknown")
    says = f"{evidence.rating:.2f} by {evidence.raters}"
    assert gates.rating is not None
    return _plain("rating", asks, says, evidence.rating >= gates.rating)


def _vote(gates: Gates, evidence: Evidence) -> Checked:
    asks = f"voted {gates.vote} than what is in production"
    if evidence.vote == "first":
        says = evidence.vote_says or "nothing is in production to compare with"
        return Checked("vote", asks, says, "met")
    if not evidence.vote:
        return Checked("vote", asks, "nobody voted on the two yet", "unknown")
    passes = ("better",) if gates.vote == "better" else ("better", "undecided")
    return _plain("vote", asks, evidence.vote_says or evidence.vote, evidence.vote in passes)
