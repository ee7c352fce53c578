"""Providers that call it a task: an address for each thing that is made, a state, and the model's
address in fields of its own (Meshy, Tripo), or in a further answer (fal)."""

from __future__ import annotations

from studio.props.providers.asking import Answered
from studio.props.providers.seen import Seen, is_moderation, told
from studio.props.providers.shapes import Offer, Provider, at


def seen(provider: Provider, offer: Offer, answered: Answered) -> Seen:
    """What the answer to a look says."""
    return told(provider, answered, _addresses(offer, answered))


def result(provider: Provider, offer: Offer, answered: Answered) -> Seen:
    """What the further answer says, which is asked for once the state says done: the model, or why
    there is none."""
    addresses = _addresses(offer, answered)
    if answered.fine and addresses:
        return Seen("done", addresses)
    if is_moderation(provider, answered.said):
        return Seen("moderated", note=answered.said)
    return Seen("failed", note=answered.said)


def _addresses(offer: Offer, answered: Answered) -> tuple[str, ...]:
    found = (at(answered.found, way) for way in offer.outputs)
    return tuple(
        dict.fromkeys(
            one for one in found if isinstance(one, str) and one.startswith(("https://", "http://"))
        )
    )
