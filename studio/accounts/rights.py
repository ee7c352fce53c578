"""The one table of who may do what, and the check that every function that changes something makes.

A function is told who acts. Where sign-in is set up that is an `Actor`, a name with a role; a
plain name is then nobody and refused. Without sign-in there is one person, on their own machine,
who may do everything, and a plain name will do.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.accounts import refusal_log
from studio.errors import StudioError

# Each may do all that those before it may.
ROLES = ("viewer", "artist", "art lead", "producer", "admin")
PLURAL = {role: f"{role}s" for role in ROLES}


@dataclass(frozen=True)
class Right:
    """One thing to be allowed: its name, what it is in a sentence's middle, the least role."""

    name: str
    says: str
    least: str


RIGHTS = (
    Right("look", "see pages, pictures and metrics, and download them", "viewer"),
    Right("see MLflow", "look at MLflow's own pages", "artist"),
    Right("edit datasets", "bring pictures in, describe them and freeze versions", "artist"),
    Right("train", "train a style", "artist"),
    Right("evaluate", "have a version drawn and measured", "artist"),
    Right("generate", "draw pictures", "artist"),
    Right("finish pictures", "finish pictures and keep what comes of it", "artist"),
    Right("judge pictures", "approve drawn pictures, reject them or paint over them", "artist"),
    Right("edit boards", "make boards and put pictures on them", "artist"),
    Right("edit palettes", "make palettes and change them", "artist"),
    Right("export", "put files into the games' folders and pack them", "artist"),
    Right("rate", "rate pictures", "artist"),
    Right("vote", "vote in ballots", "artist"),
    Right("make tokens", "make tokens for commands and scripts", "artist"),
    Right("make webhooks", "have programs told of jobs by webhook", "artist"),
    Right("open ballots", "open and end ballots and ratings", "art lead"),
    Right("change others' boards", "rename and delete other people's boards", "art lead"),
    Right("withdraw pictures", "withdraw pictures, and take that back", "art lead"),
    Right("change sizes", "change a style's usual sizes", "art lead"),
    Right("change rubrics", "change what is rated", "art lead"),
    Right("change recipes", "change how a style's pictures are finished", "art lead"),
    Right("change style guides", "change what a style is to look like", "art lead"),
    Right("approve palettes", "approve palettes, lock and unlock them", "art lead"),
    Right("change export profiles", "change how games take what is exported", "art lead"),
    Right("stage", "move versions between candidate, staging and archive", "art lead"),
    Right(
        "manage adapters",
        "bring adapters and upscaling models in, merge, label and delete them",
        "art lead",
    ),
    Right(
        "change others' templates",
        "change and delete other people's prompt templates",
        "art lead",
    ),
    Right(
        "change others' upscaling settings",
        "change and delete other people's saved settings of Upscale",
        "art lead",
    ),
    Right("cancel others' jobs", "cancel other people's jobs", "art lead"),
    Right("see costs", "see what was spent, and on what", "art lead"),
    Right("set hand minutes", "say how long each category takes by hand", "art lead"),
    Right("promote", "put a version into production or take it out", "producer"),
    Right("roll back", "go back to the version that was in production before", "producer"),
    Right("change gates", "change what a version must show before production", "art lead"),
    Right("ask for promotion", "ask that a version is put into production", "artist"),
    Right("override gates", "put a version into production that misses a gate", "producer"),
    Right("manage costs", "set prices and limits, enter costs and settle calls", "producer"),
    Right("see settings", "see the studio's settings", "producer"),
    Right("read metrics", "read the metrics of the studio itself, for Prometheus", "producer"),
    Right("import from server folders", "bring in folders of the studio's own machine", "admin"),
    Right("name server paths", "name a base by its place on the studio's own machine", "admin"),
    Right("change MLflow", "change or delete what MLflow keeps, by its own pages", "admin"),
    Right("manage machines", "add machines that jobs are sent to, and change them", "admin"),
    Right("manage people", "manage people, their roles, sessions and tokens", "admin"),
)
TABLE = {right.name: right for right in RIGHTS}
# What a token may be made for alone: of what its role may do, only these.
SCOPES = {"metrics": frozenset({"read metrics"})}


class NotAllowed(StudioError):
    """Somebody asked for what their role may not do."""


class Actor(str):
    """A person's name, together with the role that they act with; where a token acts for them its
    number, and the scope that it was made for alone ("": all that the role may do)."""

    role: str
    scope: str
    token: int | None

    def __new__(
        cls, name: str, role: str = "viewer", *, scope: str = "", token: int | None = None
    ) -> Actor:
        if role not in ROLES:
            raise ValueError(f"there is no role {role!r}")
        made = super().__new__(cls, name)
        made.role, made.scope, made.token = role, scope, token
        return made


# Whether this process refuses plain names: it serves several people. The worker does not; what
# it does was allowed when it was asked for.
_closed = False


def close_house(closed: bool) -> None:
    """From here on this process refuses plain names (True), or takes them again (False)."""
    global _closed
    _closed = closed


def may(role: str, right: str) -> bool:
    """What the table says. KeyError for a right that is none."""
    return ROLES.index(role) >= ROLES.index(TABLE[right].least)


def allowed(actor: str, right: str) -> bool:
    """Whether the actor may do this."""
    if isinstance(actor, Actor):
        return may(actor.role, right) and (not actor.scope or right in SCOPES.get(actor.scope, ()))
    return TABLE[right] is not None and not _closed


def check(actor: str, right: str) -> None:
    """Nothing where the actor may do this; else NotAllowed, which says who may, and a log entry."""
    if allowed(actor, right):
        return
    role = actor.role if isinstance(actor, Actor) else ""
    refusal_log.note(str(actor), f"may not {TABLE[right].says}", role=role)
    raise NotAllowed(
        f"{actor or 'Nobody'} may not {TABLE[right].says}{f' as {role}' if role else ''}.",
        f"This is for {who_may(right)}.",
    )


def allowed_own(actor: str, owner: str, right: str) -> bool:
    """Whether it is the actor's own thing, or they have the right to touch others'."""
    own = isinstance(actor, Actor) and str(actor) == str(owner) and not actor.scope
    return own or allowed(actor, right)


def check_own(actor: str, owner: str, right: str) -> None:
    """Nothing where it is the actor's own thing, or they have the right to touch others'."""
    if not allowed_own(actor, owner, right):
        check(actor, right)


def who_may(right: str) -> str:
    """The roles that may, in words: "producers and admins"."""
    names = [PLURAL[role] for role in ROLES if may(role, right)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def lesser(one: str, other: str) -> str:
    """The role of the two that may do less."""
    return min(one, other, key=ROLES.index)


def check_scope(scope: str) -> str:
    """The scope, "" for none, or StudioError."""
    if scope and scope not in SCOPES:
        raise StudioError(f"There is no scope {scope!r}.", f"Scopes: {', '.join(SCOPES)}.")
    return scope


def check_role(role: str) -> str:
    """The role, or StudioError."""
    if role not in ROLES:
        raise StudioError(f"There is no role {role!r}.", f"Roles: {', '.join(ROLES)}.")
    return role
