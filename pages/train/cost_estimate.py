"""What a training or a sweep will take, said before it is started: time, memory, room on the
disk."""

import os

import streamlit as st

from studio import context
from studio.diffusion import base_offers
from studio.training import estimate, setting_help, training_folders
from studio.training.config import TrainConfig
from studio.workflows.sweeps import cost, ranges


def told(
    studio: context.Studio,
    config: TrainConfig,
    offer: base_offers.Offer,
    device: str,
    count: int,
    side: int | None,
    trials: int,
    tried: dict[str, str],
) -> float:
    """Time and memory as estimates; of a sweep also its disk. Gives the seconds."""
    shape = estimate.shape_of(offer.name, base_offers.folder_of(offer))
    earlier = training_folders.speeds(studio.home, config.base)
    found = estimate.estimate(config, shape, device, count, side, earlier)
    columns = st.columns(3)
    columns[1].metric("Memory, estimated", f"about {found.memory / 1e9:.1f} GB")
    seconds = found.seconds
    if tried:
        sweep = cost.cost(config, ranges.parse(tried), trials, shape, device, count, side, earlier)
        seconds = sweep.seconds
        columns[2].metric("Disk, estimated", f"at most {cost.room(sweep.disk)}")
        says = f" At most {estimate.clock(sweep.most)}, where no trial is cut short early."
        if sweep.trials < trials:
            says += f" These values differ in {sweep.trials} ways: so many trials are made."
        if sweep.disk > context.free_room(studio.home):
            st.warning("The disk has less room than that: try fewer trials or lower ranks.")
    else:
        seen = config.max_train_steps * config.batch_size * config.gradient_accumulation_steps
        columns[2].metric("Each picture is seen", f"{seen / count:,.0f} times")
        says = ""
    columns[0].metric("Time, estimated", f"about {estimate.clock(seconds)}")
    st.caption(f"{found.says}{says} Whatever else runs on the machine makes it longer.")
    if device == "cpu" and (here := _memory()) and found.memory > 0.9 * here:
        st.warning(
            f"This machine has {here / 1e9:.0f} GB of memory: the training will hardly fit. "
            f"Turn “{setting_help.HELP['gradient_checkpointing'].label}” on, or take a "
            "smaller batch size."
        )
    return seconds


def _memory() -> float:
    """Bytes of this machine's memory, 0 where it does not tell."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (OSError, ValueError):
        return 0.0
