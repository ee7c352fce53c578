"""The form of a new training, filled in with what another one was trained with."""

from collections.abc import Sequence

import streamlit as st

from pages.train import base_choice, setting_fields
from studio import context
from studio.datasets import manifests
from studio.datasets.manifests import Head
from studio.diffusion import base_offers
from studio.jobs import workers
from studio.training.config import TrainConfig, load_config
from studio.web import session

NEW = "New"


def versions(name: str, heads: Sequence[Head]) -> str:
    """The key of the field of a dataset's versions; where there is a new one, it is chosen."""
    return f"version-{name}-{heads[0].version}"


def device(studio: context.Studio) -> str:
    """What a training would run on: "cpu" or "cuda"."""
    alive = workers.alive(studio.engine, context.now())
    return base_offers.device(studio.settings.device, [worker.device for worker in alive])


def fill(style: str, dataset: str, preset: str, config: TrainConfig) -> None:
    """As a callback: turn to the form, with all settings as `config` has them; nothing begins."""
    studio, state = session.studio(), st.session_state
    name, _, version = dataset.partition("@")
    heads = manifests.heads(studio.home, name)
    if any(head.version == version for head in heads):
        state["data"], state[versions(name, heads)] = name, version
    offers = {offer.name: offer.label for offer in base_offers.offers(device(studio))}
    state["base"] = offers.get(config.base, base_choice.OWN)
    if config.base not in offers:
        state["own-base"] = config.base
    setting_fields.filled(load_config(preset, None, {"base": config.base}), preset, config)
    state.update({"style": style, "preset": preset, "several": False, "show": NEW})
