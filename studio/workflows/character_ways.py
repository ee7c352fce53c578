"""In which ways the cells of a character can be drawn here: led by poses, or begun from the
reference sheet; and why not, where they can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.characters.characters import VIEWS, Character
from studio.context import Studio, now
from studio.diffusion import control_files, families
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, Kept
from studio.errors import StudioError
from studio.jobs import workers
from studio.registry.models import Version
from studio.workflows import characters
from studio.workflows.model_kinds import table

OPENPOSE = "openpose"  # the kind of ControlNet that poses go through
STAND = "stand"  # the action that a picture of the reference sheet shows by itself
NEEDS_POSES = (
    "From a picture of the reference sheet alone no leg would move: a {action} needs poses. What "
    "can begin from one is standing, in four directions."
)


@dataclass(frozen=True)
class Ways:
    """In which ways cells can be drawn: for each of `cells.WAYS` "" or why not, in sentences; what
    somebody should know who draws by poses, as `remarks`; the ControlNet of poses and the
    IP-Adapter that would be taken, None where there is none."""

    refused: Mapping[str, str]
    remarks: tuple[str, ...]
    controlnet: Kept | None
    ip_adapter: Kept | None


def ways(studio: Studio, character: Character, action: str) -> Ways:
    """In which ways the cells of an action can be drawn here, or why not."""
    character = characters.with_colours(studio, character)
    try:
        version = characters.main(studio, character)
        characters.check_lora(studio, character, version)
        base = characters.base_of(studio, character, version)
        if version is not None:
            table.check_takes(version)
    except StudioError as error:
        why = f"{error.message} {error.remedy}".strip()
        return Ways({"pose": why, "reference": why}, (), None, None)
    net = _first(studio, base, CONTROLNET, OPENPOSE) if _takes(version, "leads") else None
    looks = _takes(version, "reference") and bool(character.views)
    ip_adapter = _first(studio, base, IP_ADAPTER) if looks else None
    refused = {
        "pose": "" if net else _no_pose(base, version),
        "reference": _no_start(character, version, action),
    }
    return Ways(refused, _remarks(studio, character, version, base, ip_adapter), net, ip_adapter)


def _takes(version: Version | None, setting: str) -> bool:
    return version is None or table.takes(version, setting)


def _first(studio: Studio, base: str, part: str, kind: str = "") -> Kept | None:
    there = control_files.offered(studio.home, base, part)
    return next((one for one in there if kind in ("", one.kind)), None)


def _no_pose(base: str, version: Version | None) -> str:
    """Why nothing is drawn by poses, and what helps."""
    if version is not None and not _takes(version, "leads"):
        return (
            f"{version.style} version {version.number} is of the kind {table.of(version).label}, "
            "which no picture leads. Poses need a LoRA on Stable Diffusion or SDXL."
        )
    family = families.family_of(base)
    if family == families.PRACTICE:
        return (
            "The practice base takes no poses: it has no ControlNet of the kind OpenPose, and none "
            "is made for it. Choose a style on Stable Diffusion or SDXL, on a machine that can "
            "draw with it."
        )
    return (
        f"No ControlNet of the kind OpenPose for {control_files.NAMES[family]} is here. An admin "
        "brings one in: python -m studio controls add"
    )


def _no_start(character: Character, version: Version | None, action: str) -> str:
    """Why nothing begins from the reference sheet."""
    if action != STAND:
        return NEEDS_POSES.format(action=action)
    if not character.views:
        return "The reference sheet has no picture. Give it a front, a side or a back."
    if version is not None and not _takes(version, "start"):
        return (
            f"{version.style} version {version.number} is of the kind {table.of(version).label}, "
            "which begins from no picture."
        )
    return ""


def _remarks(
    studio: Studio,
    character: Character,
    version: Version | None,
    base: str,
    ip_adapter: Kept | None,
) -> tuple[str, ...]:
    """What somebody should know who draws by poses."""
    said = list[str]()
    missing = [one for one in VIEWS if one not in character.views]
    if not character.views:
        said.append("The reference sheet is empty, so nothing is taken from it.")
    elif ip_adapter is None:
        why = control_files.missing(families.family_of(base), IP_ADAPTER)
        said.append(f"Nothing is taken from the reference sheet: {why}")
    elif missing:
        said.append(
            f"No {' and no '.join(missing)} on the reference sheet: another view stands in."
        )
    if ip_adapter is None and version is None:
        said.append("Without a LoRA and a reference, words alone keep the character the same.")
    if not character.colours:
        said.append("Without a palette each cell has colours of its own.")
    devices = {one.device for one in workers.alive(studio.engine, now())}
    if families.family_of(base) != families.PRACTICE and devices == {"cpu"}:
        said.append("The worker has no graphics card: a cell takes minutes.")
    return tuple(said)


def refusal(why: str) -> StudioError:
    """A reason of `Ways.refused` as an error: its last sentence is what helps."""
    says, between, helps = why.rpartition(". ")
    return StudioError(f"{says}.", helps) if between else StudioError(why)
