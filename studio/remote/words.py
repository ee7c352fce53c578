"""What a machine said of itself, in words."""

from __future__ import annotations

from studio.remote import versions
from studio.remote.protocol import Capabilities


def lines_of(found: Capabilities) -> list[str]:
    """What it is and has, a line each."""
    gpu = f", {found.gpu}, {found.gpu_gb:g} GB" if found.gpu else ""
    closes = f", ends after {found.idle_close:g} minutes without a job" if found.idle_close else ""
    bases = ", ".join(base.name for base in found.bases) or "none"
    return [
        f"Computes on {found.device}{gpu}; {found.memory_gb:g} GB of memory.",
        f"{found.disk_free / 1e9:,.1f} GB of its disk's {found.disk / 1e9:,.1f} are free.",
        f"Studio {found.studio}, torch {found.torch or 'none'}.",
        f"{found.at_once} at once{closes}; {found.running} run now, {found.waiting} wait.",
        f"Bases: {bases}. Adapters put there: {len(found.adapters)}.",
        f"Kinds of jobs: {', '.join(found.kinds)}.",
    ]


def other_program(found: Capabilities) -> str:
    """Why it computes other things than this machine does; "" where it is the same program."""
    for what, theirs, ours in (
        ("studio", found.studio, versions.studio()),
        ("torch", found.torch, versions.torch()),
    ):
        if theirs != ours:
            return (
                f"It has another version of {what} ({theirs or 'none'}) than this machine "
                f"({ours or 'none'})."
            )
    return ""
