"""What a training that runs takes of the machine."""

import streamlit as st

from studio import context
from studio.jobs import meters
from studio.jobs.table import Job
from studio.web import markup, session


def shown(job: Job) -> None:
    """Meters of CPU and memory, and of the GPU where it computes on one; nothing while its
    process has not told of itself."""
    load = meters.read(session.studio().home, job, context.now())
    if load is None:
        return
    rows = [
        ("CPU", load.cpu / load.cores, f"{load.cpu:.1f} of {load.cores} cores"),
        _memory("Memory", load.memory, load.memory_all),
    ]
    if load.gpu:
        gpu = load.gpu
        rows = [
            (f"GPU {gpu.name}", gpu.busy, f"{gpu.busy:.0%} busy"),
            _memory("GPU memory", gpu.memory, gpu.memory_all),
            *rows,
        ]
    st.html(markup.meters(rows))


def _memory(name: str, taken: float, all: float) -> tuple[str, float, str]:
    return name, taken / all, f"{taken / 1e9:.1f} of {all / 1e9:.1f} GB"
