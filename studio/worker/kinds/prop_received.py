"""The job that makes a prop of what came from a provider: checked, brought to its height and pivot,
and kept. It is asked for by the watcher, and costs nothing."""

from __future__ import annotations

from typing import Any

from studio.assets import records
from studio.charges.charge import of_key
from studio.context import Studio, now
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.props import edits
from studio.props.providers import calls, tables
from studio.props.providers.calls import Call
from studio.store import local
from studio.store.publish import ROOM, remove_folder
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.kinds import prop_steps
from studio.worker.kinds.prop_by_provider import edits_of
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import prop_files, provider_calls, provider_results
from studio.workflows.prop_files import About

MEND = (
    "What came is kept, and the call's page names the file. Ask for another one, or for fewer "
    "triangles."
)


class Received(Payload):
    """The model that came of a `call`, called `name`."""

    call: Counted
    name: Words = ""
    style: Text = ""


def commit(context: Context, ask: Received, outcome: Outcome) -> dict[str, Any]:
    """Check what came and put it beside the picture that it was made from. StudioError for what is
    no model: the call has failed then, and its money is spent."""
    studio, job = context.studio, context.job
    call = calls.get(studio.engine, ask.call)
    if call.file is None:
        raise StudioError(f"Nothing came of call {call.id} yet.", "Wait for it.")
    if call.asset and records.of_ids(studio.engine, [call.asset]):
        return {"prop": call.asset}
    about = _about(studio, call)
    changes = edits.checked(list(about.edits))
    file = local.present(provider_results.file_of(studio.home, call.file))
    try:
        made = prop_steps.of_model(context.workdir, about, file, None, changes, {})
    except DatabaseAway:
        raise
    except StudioError as error:
        if error.remedy == ROOM:  # the disk's fault, and not the model's
            raise
        note = f"What came is no model that can be used: {error.message}"
        calls.end(studio.engine, call.id, "failed", note, now=now())
        raise StudioError(note, MEND) from error
    files = prop_files.put_away(studio.home, context.workdir, made.written)
    with context.visible(path for path, _ in files.values()):
        new = prop_files.new(made.about, files, made.written.figures)
        (id,) = records.put(studio.engine, [new], by=call.person, now=now(), job=job.id)
        calls.received(studio.engine, call.id, id)
    context.report(f"{call.what} is here: {made.written.figures['triangles']:,} triangles.")
    remove_folder(context.workdir)
    return {"prop": id}


def _about(studio: Studio, call: Call) -> About:
    """What the prop says of itself."""
    asked, provider = call.asked, tables.provider(call.provider)
    offer = provider.offer(call.model)
    with studio.engine.connect() as connection:
        charge = of_key(connection, call.charge_key)
    cost = {} if charge is None else {"micros": charge.amount.micros, "currency": charge.currency}
    wish, parents = str(asked.get("wish") or ""), [str(one) for one in asked.get("parents", ())]
    there = records.of_ids(studio.engine, [*parents, *([wish] if wish else ())])
    settings = {name: asked.get(name) for name in ("parameters", "matte", "height_m", "pivot")}
    seed = asked.get("parameters", {}).get("seed")
    return About(
        key=f"{prop_files.FOLDER}/call-{call.id}",
        name=call.what,
        method=call.model,
        made_by=provider_calls.MADE_BY,
        settings={**settings, "provider": call.provider, "model": call.model},
        edits=edits_of(float(asked.get("height_m", 1.0)), str(asked.get("pivot", "feet"))),
        parents=tuple(one.id for one in there),
        style=call.style,
        version=int(asked.get("version") or 0),
        seed=int(seed) if isinstance(seed, int) else None,
        prompt=str(asked.get("prompt") or ""),
        of=asked.get("of") or {},
        more={
            "provider": call.provider,
            "model": call.model,
            "reference": call.reference,
            "call": call.id,
            "cost": cost,
            "licence": offer.notice if offer else "",
            **({"wish": wish} if wish else {}),
        },
    )


KIND = Kind(
    name="prop_received",
    label="Receiving {name}",
    payload=Received,
    right=provider_calls.RIGHT,
    lane="short",
    commit=commit,
)
