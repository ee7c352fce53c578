"""What is written down of a provider: how it is asked, what it answers, and what it makes of what.

A field is named by its way into the JSON, "input.image" or "data.task_id"; "images[]" is the first
of a list. Paths stand behind the provider's address; {id} is its own number for a call, {model} the
name of what it makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Shape = Literal["predictions", "tasks"]
Makes = Literal["picture", "text", "texture"]  # out of what: a picture, words, or a model
Sends = Literal["data", "link", "upload"]
Plain = str | int | float | bool


@dataclass(frozen=True)
class Parameter:
    """One setting of a provider's model. `name` is ours ("steps", "guidance", "octree",
    "triangles", "texture", "seed"), `field` theirs. `low` and `high` bound a number; both None: yes
    or no. Without a `default` theirs holds. `opposite`: their yes is our no."""

    name: str
    field: str
    low: float | None = None
    high: float | None = None
    default: Plain | None = None
    whole: bool = True
    opposite: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it is yes or no."""
        return self.low is None


@dataclass(frozen=True)
class Offer:
    """One model of a provider. `name` is also its item in the provider's price list.

    `path` is posted to, with `fixed` fields in the body, a picture in `picture`, words of at most
    `longest` characters in `text`, a model in `mesh`; "" takes none. `outputs` are the fields in
    which the address of the model stands, the best first. `alpha`: it takes transparent pictures;
    else they are laid on a matte. `seconds` and `credits` are the most that a call takes, where it
    is priced by them. `notice` is what is to be known of its licence before it is used.
    """

    name: str
    makes: Makes
    path: str
    outputs: tuple[str, ...]
    fixed: tuple[tuple[str, Plain], ...] = ()
    picture: str = ""
    text: str = ""
    mesh: str = ""
    longest: int = 600
    parameters: tuple[Parameter, ...] = ()
    alpha: bool = False
    seconds: int = 600
    credits: int = 0
    notice: str = ""


@dataclass(frozen=True)
class States:
    """The words by which a provider says how far a call is; any other means that it is waited
    for."""

    done: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]
    moderated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Upload:
    """Where a picture is brought before the call: a form with the file as `part`; `answer` is the
    field of what the call names it by."""

    path: str
    part: str
    answer: str


@dataclass(frozen=True)
class Cancel:
    """How a call is ended early: only `within` these states, where some are named."""

    method: str
    path: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provider:
    """One service. `documents` were read on the day `dated`; nothing here was tried against the
    service itself.

    `reference` is the field of a call's number in the answer to the post, `status` the path that
    tells of it, `state`, `percent`, `error`, `seconds` and `credits` fields of what that answers.
    `result`: the model stands in a further answer. `follows`: the fields of the post's answer that
    hold addresses to ask at in place of ours, by "status", "result" and "cancel". `listing` is
    where calls are found whose answer was lost, `items` the list in it. `version`: where the number
    of a model's newest version stands, which the post names. `failures`: what the documents say
    that a failed call costs. `moderation`: words that a refusal for content is known by. `keeps`
    says for how long results stay there.
    """

    name: str
    label: str
    shape: Shape
    base: str
    documents: str
    dated: str
    header: str
    key_form: str
    sends: Sends
    offers: tuple[Offer, ...]
    reference: str
    status: str
    state: str
    states: States
    percent: str = ""
    error: str = ""
    seconds: str = ""
    credits: str = ""
    result: str = ""
    follows: tuple[tuple[str, str], ...] = ()
    upload: Upload | None = None
    cancel: Cancel | None = None
    listing: str = ""
    items: str = ""
    version: tuple[str, str] = ("", "")
    failures: Literal["nothing", "unclear"] = "unclear"
    moderation: tuple[str, ...] = ("moderat", "content policy", "content_policy", "nsfw")
    keeps: str = ""

    def offer(self, name: str) -> Offer | None:
        """The model of that name."""
        return next((one for one in self.offers if one.name == name), None)


def at(found: Any, way: str) -> Any:
    """What stands in JSON at "data.task_id"; None where nothing does."""
    for step in way.split("."):
        name, first = (step[:-2], True) if step.endswith("[]") else (step, False)
        found = found.get(name) if isinstance(found, dict) else None
        if first:
            found = found[0] if isinstance(found, list) and found else None
    return found


def put(body: dict[str, Any], way: str, value: Any) -> None:
    """Set what stands in a body at "input.image"; "images[]" makes a list of one."""
    steps = way.split(".")
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    last = steps[-1]
    if last.endswith("[]"):
        body[last[:-2]] = [value]
    else:
        body[last] = value
