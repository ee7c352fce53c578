"""As whom a command acts."""

from __future__ import annotations

import argparse
import dataclasses

from studio.accounts.rights import close_house
from studio.cli.database import database
from studio.errors import StudioError
from studio.settings import Settings

# Who can run these on the studio's machine has its database in hand anyway.
ON_THE_MACHINE = frozenset(
    (
        "serve",
        "worker",
        "watch",
        "doctor",
        "people",
        "tokens",
        "pocket",
        "backup",
        "restore",
        "mlflow-server",
        "mlflow-move",
    )
)


def acting(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """The settings with who acts. Where people sign in that is the token's person, and from here
    on this process refuses plain names; StudioError without a token that holds."""
    if not settings.sign_in.needed or arguments.command in ON_THE_MACHINE:
        return settings
    from studio import context
    from studio.accounts import refusal_log, tokens

    if not settings.sign_in.token:
        raise StudioError(
            "People sign in to this studio, so commands need a token.",
            "Make one on the page Your account and set STUDIO_TOKEN to it.",
        )
    engine = database(settings)
    refusal_log.keep(settings.home)
    try:
        actor = tokens.find(engine, settings.sign_in.token, context.now())
    finally:
        engine.dispose()
    if actor is None or actor.scope:
        refusal_log.note("", "a token that does not hold", asked=f"command {arguments.command}")
        raise StudioError(
            "The token in STUDIO_TOKEN does not hold: it is withdrawn, over, none, or for another "
            "purpose.",
            "Make another one on the page Your account.",
        )
    if arguments.user and arguments.user != actor:
        raise StudioError(
            f"--user is {arguments.user!r}, and the token is {actor}'s.", "Leave --user out."
        )
    close_house(True)
    return dataclasses.replace(settings, user=actor)
