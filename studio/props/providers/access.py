"""Which providers can be asked: those whose key the settings have."""

from __future__ import annotations

from studio.errors import StudioError
from studio.props.providers import tables
from studio.props.providers.asking import Access
from studio.props.providers.shapes import Provider
from studio.settings import Settings


def setting_of(provider: Provider) -> str:
    """The setting that holds a provider's key."""
    return f"STUDIO_PROPS_{provider.name.upper()}_KEY"


def has_key(settings: Settings, provider: Provider) -> bool:
    """Whether a provider can be asked."""
    return bool(dict(settings.prop_keys).get(provider.name))


def access(settings: Settings, name: str) -> Access:
    """A provider with its key. StudioError where there is none such, or where it has no key."""
    provider = tables.provider(name)
    key = dict(settings.prop_keys).get(name, "")
    if not key:
        raise StudioError(
            f"The studio has no key to {provider.label}.",
            f"Whoever looks after the studio sets {setting_of(provider)}; the local methods need "
            "none.",
        )
    return Access(provider, dict(settings.prop_addresses).get(name) or provider.base, key)
