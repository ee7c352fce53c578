"""What is asked of a provider: its settings checked, and the body of the post."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest
from studio.props.providers import shapes
from studio.props.providers.shapes import Offer, Parameter, Plain, Provider
from studio.text.decoding import cleaned


@dataclass(frozen=True)
class Asked:
    """One call as it is meant. `picture` and `mesh` are hashes of the bytes that are sent, ""
    where none are; `parameters` are complete, by our names."""

    provider: str
    model: str
    text: str = ""
    picture: str = ""
    mesh: str = ""
    parameters: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """The same for the same content at the same provider, by whichever model and settings:
        what was refused for its content is refused with another seed, too."""
        told = [self.provider, self.text, self.picture, self.mesh]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def offer_of(provider: Provider, model: str) -> Offer:
    """The provider's model of that name; its first without a name. StudioError where it has none
    such."""
    if not model:
        return provider.offers[0]
    found = provider.offer(model)
    if found is None:
        known = [one.name for one in provider.offers]
        raise StudioError(
            f"{provider.label} has no model {numbers.shown(model)} here.",
            f"{nearest(model, known)}Known: {', '.join(known)}.",
        )
    return found


def checked_text(offer: Offer, written: str) -> str:
    """Words for a model that takes them, on one line; StudioError for none where it needs them,
    for some where it takes none, and for too many."""
    text = " ".join(cleaned(written).split())
    if text and not offer.text:
        raise StudioError(
            f"{offer.name} takes no words.", "Leave them out, or choose a model from text."
        )
    if not text and offer.makes != "picture" and offer.text:
        raise StudioError(f"{offer.name} needs words.", "Say what it is to make.")
    if len(text) > offer.longest:
        raise StudioError(
            f"The words for {offer.name} have {len(text):,} characters.",
            f"Give at most {offer.longest:,}.",
        )
    return text


def complete(offer: Offer, given: Mapping[str, Any]) -> dict[str, Plain]:
    """Parameters by our names with the defaults filled in; one that has neither is left out.
    StudioError for an unknown one and for what is out of bounds."""
    known = {one.name: one for one in offer.parameters}
    if (unknown := next((name for name in given if name not in known), None)) is not None:
        raise StudioError(
            f"{offer.name} has no setting {numbers.shown(unknown)}.",
            f"{nearest(str(unknown), known)}Known: {', '.join(known) or 'none'}.",
        )
    found: dict[str, Plain] = {}
    for name, one in known.items():
        value = given.get(name)
        if value is not None:
            found[name] = _value(one, value)
        elif one.default is not None:
            found[name] = one.default
    return found


def body(provider: Provider, offer: Offer, asked: Asked, sent: str, version: str) -> dict[str, Any]:
    """The JSON of the post. `sent` is how the picture or the model is named there: an address, a
    data: URI, or the token of an upload. `version` is that of the provider's model, or ""."""
    found: dict[str, Any] = {}
    if provider.shape == "predictions":
        found["version" if version else "model"] = version or offer.name
    for way, value in offer.fixed:
        shapes.put(found, way, value)
    if offer.picture and asked.picture:
        shapes.put(found, offer.picture, sent)
    if offer.mesh and asked.mesh:
        shapes.put(found, offer.mesh, sent)
    if offer.text and asked.text:
        shapes.put(found, offer.text, asked.text)
    known = {one.name: one for one in offer.parameters}
    for name, value in asked.parameters.items():
        one = known[name]
        shapes.put(found, one.field, not value if one.opposite else value)
    return found


def _value(one: Parameter, given: Any) -> Plain:
    if one.is_switch:
        if not isinstance(given, bool):
            raise StudioError(f"{one.name} is {numbers.shown(given)}.", "Give true or false.")
        return given
    low, high = one.low or 0, one.high or 0
    if one.whole:
        return numbers.whole(one.name, given, int(low), int(high))
    return numbers.number(one.name, given, low, high)
