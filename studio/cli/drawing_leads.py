"""What `generate` is told of pictures that lead a drawing, and of one that it takes after."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.number_flags import number
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.generation.style_drawing import Besides
    from studio.registry.models import Version

SCALE = 0.6


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--lead",
        action="append",
        default=[],
        metavar="[NAME=]PICTURE",
        help="lead by this picture, a file or an id, through the ControlNet NAME; may be given "
        "several times; without NAME: the first for the base",
    )
    parser.add_argument(
        "--control", type=number(0, 1.5), help=f"how strongly --lead acts ({SCALE})"
    )
    parser.add_argument("--control-start", type=number(0, 1), help="from this share of steps (0)")
    parser.add_argument("--control-end", type=number(0, 1), help="to this share of steps (1)")
    parser.add_argument(
        "--lead-ready",
        action="store_true",
        help="--lead is edges or lines, white on black, already",
    )
    parser.add_argument(
        "--reference", metavar="PICTURE", help="draw after this one: a file or an id"
    )
    parser.add_argument(
        "--reference-scale", type=number(0, 1.5), help=f"how strongly --reference acts ({SCALE})"
    )
    parser.add_argument("--ip-adapter", metavar="NAME", help="unset: the first for the base")


def read(
    studio: Studio,
    version: Version,
    arguments: argparse.Namespace,
    besides: Besides,
    kept: Callable[[Studio, str], str],
) -> tuple[dict[str, Any], Besides]:
    """What the payload of a job says of them, and the same as pictures will. `kept` keeps a file or
    a picture of the gallery and gives its hash. StudioError for what can't be used."""
    beside = ("control", "control_start", "control_end")
    odd = [name for name in beside if getattr(arguments, name) is not None]
    if not arguments.lead and (odd or arguments.lead_ready):
        flag = odd[0].replace("_", "-") if odd else "lead-ready"
        raise StudioError(f"--{flag} needs --lead.", "Say which picture leads.")
    if not arguments.reference and (arguments.reference_scale is not None or arguments.ip_adapter):
        raise StudioError(
            "--reference-scale and --ip-adapter need --reference.", "Say which picture."
        )
    if not (arguments.lead or arguments.reference):
        return {}, besides
    from studio.worker.kinds import guiding
    from studio.worker.kinds.guiding import LeadAsked
    from studio.workflows.version_loading import base_of

    base, asked = base_of(studio, version), dict[str, Any]()
    leads = [_lead(one, arguments, lambda named: kept(studio, named)) for one in arguments.lead]
    found = guiding.check_leads(studio, [LeadAsked(**lead) for lead in leads], base)
    reference, adapter, scale = "", "", SCALE
    if found:
        asked["leads"] = [lead.model_dump() for lead in found]
    if arguments.reference:
        reference = kept(studio, arguments.reference)
        scale = SCALE if arguments.reference_scale is None else arguments.reference_scale
        adapter = guiding.check_reference(
            studio, reference, arguments.ip_adapter or "", scale, base
        )
        asked |= {"reference": reference, "ip_adapter": adapter, "reference_scale": scale}
    told = guiding.told_of(guiding.of_leads(studio, base, found, reference, adapter, scale))
    return asked, replace(besides, leads=told.leads, reference=told.reference)


def _lead(
    written: str, arguments: argparse.Namespace, kept: Callable[[str], str]
) -> dict[str, Any]:
    name, sign, picture = written.partition("=")
    if not sign or Path(written).is_file():
        name, picture = "", written
    return {
        "picture": kept(picture),
        "controlnet": name,
        "scale": float(SCALE if arguments.control is None else arguments.control),
        "start": float(arguments.control_start or 0.0),
        "end": float(1.0 if arguments.control_end is None else arguments.control_end),
        "ready": bool(arguments.lead_ready),
    }
