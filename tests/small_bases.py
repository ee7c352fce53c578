"""A studio's folder with a base of Stable Diffusion's or SDXL's own classes, small and random, and
what leads it: a ControlNet of poses and an IP-Adapter of the real classes."""

from __future__ import annotations

from pathlib import Path

from studio.diffusion import control_intake
from tests.diffusion import leads
from tests.diffusion.conftest import make_base
from tests.worker.kinds.step_by_step import NOW


def brought(home: Path, family: str, *, poses: bool = True, looks: bool = True) -> str:
    """Where the base lies, beside the folder, "sd1" or "sdxl". `poses` and `looks`: with the
    ControlNet `poses`, and the IP-Adapter `looks`."""
    base, made = home.parent / "bases" / family, make_base(family)
    made.save_pretrained(base)
    (base / "README.md").write_text("---\nlicense: creativeml-openrail-m\n---\n")
    loose = home.parent / "loose"
    if poses:
        folder = leads.control_folder(loose / "poses", made.unet, seed=1)
        _add(home, "poses", folder, "openpose", family)
    if looks:
        folder = leads.ip_adapter(loose / "looks", made.unet)
        _add(home, "looks", folder / "ip-adapter.safetensors", "reference", family)
    return str(base)


def _add(home: Path, name: str, source: Path, kind: str, family: str) -> None:
    control_intake.add(
        home, name, str(source), kind=kind, family=family, licence="MIT", by="ana", now=NOW
    )
