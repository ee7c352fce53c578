"""The kinds of model that this program knows, and what is asked of a version of any kind."""

from __future__ import annotations

from studio.context import Studio, set_threads
from studio.errors import StudioError
from studio.generation.style_drawing import Loaded
from studio.registry.models import Version
from studio.workflows import recipes
from studio.workflows.model_kinds import gan, lora
from studio.workflows.model_kinds.kind import Drawer, ModelKind

# A kind of yours: a file beside `lora`, and a line here.
KINDS: dict[str, ModelKind] = {kind.name: kind for kind in (lora.LORA, gan.GAN)}
UNKNOWN = "this program does not know it; update"


def named(name: str) -> ModelKind:
    """The kind of that name, or StudioError."""
    if name not in KINDS:
        raise StudioError(
            f"There is no kind of model {name!r}.",
            f"Kinds: {', '.join(KINDS)}. Where a newer program has it, update this one.",
        )
    return KINDS[name]


def find(version: Version) -> ModelKind | None:
    """A version's kind; None for one of a later program."""
    return KINDS.get(version.kind)


def of(version: Version) -> ModelKind:
    """A version's kind; StudioError for one of a later program, which is listed and no more."""
    found = find(version)
    if found is None:
        raise StudioError(
            f"{version.style} version {version.number} is of kind {version.kind!r}: "
            "this program does not know it.",
            "Update the studio, or choose another version.",
        )
    return found


def label(version: Version) -> str:
    """A version's kind for people."""
    found = find(version)
    return found.label if found else f"{version.kind} ({UNKNOWN})"


def draws(version: Version) -> bool:
    """Whether pictures can be drawn with it."""
    found = find(version)
    return found is not None and found.drawer is not None


def has_base(version: Version) -> bool:
    """Whether its base can be drawn with alone, beside it."""
    found = find(version)
    return found is not None and found.has_base and found.drawer is not None


def takes(version: Version, setting: str) -> bool:
    """Whether a drawing with it may be told this one of `kind.SETTINGS`."""
    found = find(version)
    return found is not None and setting in found.takes


def check_takes(version: Version, *settings: str) -> None:
    """StudioError where a drawing with it can't be told one of these, or it draws nothing."""
    known = of(version)
    told = f"{version.style} version {version.number} is of kind {known.label}, which"
    if known.drawer is None:
        raise StudioError(f"{told} draws nothing.", "Choose another version.")
    for setting in settings:
        if setting not in known.takes:
            raise StudioError(f"{told} takes no {setting}.", "Leave that out.")


def is_adapter(version: Version) -> bool:
    """Whether it acts on a base, alone or beside others: it can be merged, and mixed in."""
    return takes(version, "adapters")


def check_adapter(version: Version) -> None:
    """StudioError where it is no adapter."""
    if not is_adapter(version):
        raise StudioError(
            f"{version.style} version {version.number} is of kind {of(version).label}, which is no "
            "adapter.",
            "Choose a LoRA.",
        )


def drawer(studio: Studio, version: Version) -> Drawer:
    """What makes a version of any kind that draws ready to do so, without the studio."""
    check_takes(version)
    made = of(version).drawer
    assert made is not None
    return made(studio, version)


def load(studio: Studio, version: Version) -> Loaded:
    """A version of any kind that draws, ready to do so here, its pictures finished as its style's
    are."""
    set_threads(studio.settings)
    made = drawer(studio, version)
    loaded = made(made.files, studio.settings.device)
    return recipes.with_recipe(loaded, recipes.of_version(studio, version))
