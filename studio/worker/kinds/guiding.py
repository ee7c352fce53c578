"""Pictures that lead a drawing through a ControlNet, and one that it takes after through an
IP-Adapter: what may be asked, and how both reach the machine that draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio import images
from studio.context import Studio
from studio.diffusion import control_files, controls, families, ip_adapters
from studio.diffusion.controls import Lead
from studio.diffusion.ip_adapters import Reference
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.generation.style_drawing import Besides
from studio.worker.kind import Input
from studio.worker.payload import Payload, Text
from studio.workflows import control_inputs
from studio.workflows.control_inputs import Named


class LeadAsked(Payload):
    """A kept picture that leads, and the ControlNet that it leads through; without `controlnet` the
    first for the base. `scale` is how strongly, from the share `start` of the steps to `end`;
    `ready`: the picture is edges, lines or a sketch already, white on black."""

    picture: Text
    controlnet: Text = ""
    scale: float = 0.6
    start: float = 0.0
    end: float = 1.0
    ready: bool = False


@dataclass(frozen=True)
class Guides:
    """What leads, each with what pictures say of it, and what they take after. `files` are the
    inputs of a job, by name."""

    leads: tuple[tuple[Named, dict[str, Any]], ...] = ()
    reference: tuple[Named, dict[str, Any]] | None = None
    files: Mapping[str, Input] = field(default_factory=dict)

    @property
    def without_files(self) -> Guides:
        """The same as a job's plan has it."""
        return replace(self, files={})


NO_GUIDES = Guides()


def check_leads(studio: Studio, asked: Sequence[LeadAsked], base: str) -> list[LeadAsked]:
    """The same with their ControlNets named; StudioError for a picture that is not kept, more than
    `controls.MOST`, and a ControlNet that is not there or for bases of another family."""
    if len(asked) > controls.MOST:
        raise StudioError(
            f"{len(asked)} pictures would lead.", f"Take at most {controls.MOST} of them."
        )
    return [_checked_lead(studio, lead, base) for lead in asked]


def _checked_lead(studio: Studio, lead: LeadAsked, base: str) -> LeadAsked:
    start_pictures.path(studio.home, lead.picture)
    controls.check(lead.scale, lead.start, lead.end)
    name = lead.controlnet or _first(studio, base, control_files.CONTROLNET)
    control_files.named(studio.home, name, base, control_files.CONTROLNET)
    return lead.model_copy(update={"controlnet": name})


def check_reference(studio: Studio, picture: str, name: str, scale: float, base: str) -> str:
    """The name of the IP-Adapter that a kept picture goes through; StudioError as `check_leads`."""
    start_pictures.path(studio.home, picture)
    ip_adapters.check_scale(scale)
    name = name or _first(studio, base, control_files.IP_ADAPTER)
    control_files.named(studio.home, name, base, control_files.IP_ADAPTER)
    return name


def of_leads(
    studio: Studio,
    base: str,
    leads: Sequence[LeadAsked],
    reference: str = "",
    ip_adapter: str = "",
    scale: float = 0.0,
) -> Guides:
    """What was checked, with its files; they are fetched where they are not here yet."""
    files: dict[str, Input] = {}

    def found(name: str, part: str) -> Named:
        kept = control_files.named(studio.home, name, base, part)
        one, places = control_inputs.named(studio, kept)
        files.update({hash: Input(hash, place) for hash, place in places.items()})
        return one

    def picture(hash: str) -> str:
        files[_input(hash)] = Input(hash, start_pictures.path(studio.home, hash))
        return hash

    led = []
    for lead in leads:
        one = found(lead.controlnet, control_files.CONTROLNET)
        told = {
            "controlnet": one.name,
            "kind": one.kind,
            "weights": one.weights,
            "picture": picture(lead.picture),
            "scale": float(lead.scale),
            "start": float(lead.start),
            "end": float(lead.end),
            "ready": lead.ready,
        }
        led.append((one, told))
    after = None
    if reference:
        one = found(ip_adapter, control_files.IP_ADAPTER)
        about = {"ip_adapter": one.name, "weights": one.weights, "picture": picture(reference)}
        after = (one, {**about, "scale": float(scale)})
    return Guides(tuple(led), after, files)


def at_hand(besides: Besides, guides: Guides, files: Mapping[str, Path], matte: str) -> Besides:
    """The same besides with what leads; `files` are the job's inputs, by name."""
    led = []
    for one, told in guides.leads:
        control = control_inputs.control(
            one, files, told["scale"], told["start"], told["end"], told["ready"]
        )
        led.append(Lead(control, images.open_result(files[_input(told["picture"])])))
    after: Reference | None = None
    reference: dict[str, Any] = {}
    if guides.reference:
        one, reference = guides.reference
        shown = images.open_result(files[_input(reference["picture"])])
        after = control_inputs.reference(one, files, shown, reference["scale"], matte)
    leads = tuple(told for _, told in guides.leads)
    return replace(besides, leads=leads, reference=reference, led=tuple(led), after=after)


def told_of(guides: Guides) -> Besides:
    """What pictures will say of them, without anything at hand: to find those drawn before."""
    reference = guides.reference[1] if guides.reference else {}
    return Besides(leads=tuple(told for _, told in guides.leads), reference=reference)


def _input(hash: str) -> str:
    return f"picture {hash}"


def _first(studio: Studio, base: str, part: str) -> str:
    there = control_files.offered(studio.home, base, part)
    if not there:
        raise StudioError(
            f"No picture can lead a drawing with the base {base} so.",
            control_files.missing(families.family_of(base), part),
        )
    return there[0].name
