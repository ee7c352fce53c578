"""`prop` on the command line: pictures become props, which are listed, shown, edited, exported."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job, prop_flags, prop_provider, prop_sheet
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.workflows.prop_history import Item

VERDICTS = ("approved", "edit", "rejected", "open")


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("prop", help="Props: pictures made 3D, edited, exported for engines")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("make", make, "Make props from pictures, by methods that need no GPU", inner)
    parser.add_argument(
        "pictures",
        nargs="+",
        metavar="PICTURE",
        help="a file, a folder of pictures, or a picture's id in the gallery",
    )
    prop_flags.settings(parser)
    parser.add_argument("--name", default="", help="what the prop of one picture is called")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a copy of each model as GLB, too")
    own_job.job_options(parser)
    parser = command("list", listed, "Everything that was made, by filters", inner)
    for name, says in (("style", "of this style"), ("kind", "prop, picture, wish ...")):
        parser.add_argument(f"--{name}", default="", help=says)
    parser.add_argument("--by", default="", help="made by this person")
    parser.add_argument("--method", default="", help="props by this method")
    parser.add_argument("--verdict", choices=VERDICTS, default="")
    parser.add_argument("--cost", choices=("paid", "free"), default="")
    parser.add_argument("--words", default="", help="all of which it is found by")
    parser.add_argument("--page", type=whole(1, 1_000_000), default=1)
    parser.add_argument("--size", type=whole(1, 200), default=60, help="of a page (60)")
    parser = command("show", show, "One prop: settings, figures, files, what it came from", inner)
    parser.add_argument("prop", metavar="ID")
    parser = command("edit", edit, "Edit a prop; the old version stays", inner)
    parser.add_argument("prop", metavar="ID")
    prop_flags.edits(parser)
    parser.add_argument("--name", default="", help="what the new version is called")
    own_job.job_options(parser)
    parser = command(
        "export", export, "Props as files: GLB, OBJ, PNG, normal maps, manifest", inner
    )
    parser.add_argument("props", nargs="+", metavar="ID")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--form", default="glb,manifest", metavar="FORMS", help="with commas between (glb,manifest)"
    )
    prop_sheet.add(command, inner)
    prop_provider.add(command, inner)


def make(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop make`. The exit code is 2 where nothing comes of a picture; the others are made."""
    from studio import context
    from studio.accounts.rights import check
    from studio.workflows import props

    check(settings.user, props.RIGHT)
    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy models to --out.",
            "Leave it out, and export them later: python -m studio prop export",
        )
    studio = context.open_studio(settings)
    names, bad = _pictures(studio, arguments)
    pictures = list(names)
    if not pictures:
        return {"props": [], "problems": bad, "exit": 2}
    given, edits = _given(studio, arguments)
    payload = {
        "pictures": pictures,
        "settings": given,
        "edits": edits,
        "name": arguments.name,
        "names": {one: name for one, name in names.items() if name},
    }
    job = own_job.put_in(studio, "prop", payload, arguments)
    if arguments.detach:
        put = {**own_job.detached(studio, [job], arguments), "problems": bad}
        return {**put, "exit": 2} if bad else put
    told = own_job.result_of(studio, job, arguments)
    items = _told(studio, told["props"], arguments)
    if arguments.out:
        for item, id in zip(items, told["props"], strict=True):
            item["file"] = _copied(studio, id, "glb", arguments.out, arguments)
    failed = bool(bad or told["left"])
    answer: Answer = {"job": job.id, "props": items, "left": told["left"], "problems": bad}
    return {**answer, "exit": 2} if failed else answer


def listed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop list`."""
    from studio import context
    from studio.workflows import prop_history
    from studio.workflows.prop_history import Filters

    engine = context.open_records(settings)[0]
    filters = Filters(
        style=arguments.style,
        kind=arguments.kind,
        by=arguments.by,
        method=arguments.method,
        verdict=arguments.verdict,
        cost=arguments.cost,
        text=arguments.words,
    )
    found = prop_history.found(engine, filters, arguments.page, arguments.size)
    say = printer(arguments)
    for one in found.items:
        say(_line(one))
    say(f"Page {found.page} of {found.pages}, {found.total:,} in all")
    return {
        "items": [_item(one) for one in found.items],
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
    }


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop show`."""
    from studio import context
    from studio.assets import family
    from studio.workflows import prop_exports, prop_files

    studio = context.open_studio(settings)
    prop, say = prop_files.get(studio.engine, arguments.prop), printer(arguments)
    found = family.family(studio.engine, prop.id)
    told = prop_exports.manifest(studio, prop.id)
    figures = told["recipe"].get("figures", {})
    say(f"{prop.name} ({prop.id}), {told['method']}, by {prop.by}, {prop.at[:16]}")
    for name, value in figures.items():
        say(f"  {name:18} {value}")
    for remark in told["recipe"].get("remarks", ()):
        say(f"  {remark}")
    for said, those in (("from", found.before), ("became", found.after)):
        for one in those:
            say(f"  {said:7} {one.kind} {one.id} {one.name}".rstrip())
    return {
        **{name: value for name, value in told.items() if name != "schema"},
        "verdict": prop.verdict,
        "forms": list(prop_exports.forms_of(studio.engine, prop.id)),
        "from": [{"id": one.id, "kind": one.kind, "name": one.name} for one in found.before],
        "became": [{"id": one.id, "kind": one.kind, "name": one.name} for one in found.after],
    }


def edit(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop edit`."""
    from studio import context

    studio = context.open_studio(settings)
    edits = [
        {**one, "picture": _picture(studio, one["picture"])} if "picture" in one else one
        for one in arguments.edits
    ]
    payload = {"prop": arguments.prop, "edits": edits, "name": arguments.name}
    job = own_job.put_in(studio, "prop_edit", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    return {"job": job.id, "of": arguments.prop, "props": _told(studio, told["props"], arguments)}


def export(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop export`. The exit code is 2 where one could not be exported; the others are."""
    from studio import context
    from studio.workflows import prop_exports

    studio = context.open_studio(settings)
    forms = [one.strip() for one in arguments.form.split(",") if one.strip()]
    if (unknown := next((one for one in forms if one not in prop_exports.FORMS), None)) is not None:
        raise StudioError(
            f"There is no form {unknown!r}.", f"Known: {', '.join(prop_exports.FORMS)}."
        )
    if not forms:
        raise StudioError("No form is named.", f"Known: {', '.join(prop_exports.FORMS)}.")
    files: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for id in dict.fromkeys(arguments.props):
        for form in forms:
            try:
                file = _copied(studio, id, form, arguments.out, arguments)
            except StudioError as error:
                bad.append(_problem(id, error, arguments))
            else:
                files.append({"prop": id, "form": form, "file": file})
    answer: Answer = {"files": files, "problems": bad}
    return {**answer, "exit": 2} if bad else answer


def _given(
    studio: Studio, arguments: argparse.Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The settings, and the edits of the prop that they are to be as."""
    from studio.workflows import props

    given = prop_flags.given(arguments)
    if named := given.get("back_picture"):
        given["back_picture"] = _kept(studio, str(named))
    if not arguments.like:
        return given, []
    begun = props.again(studio, arguments.like)
    if begun["kind"] != props.MADE_BY:
        raise StudioError(
            f"The prop {arguments.like[:40]!r} was made by no local method.",
            "Ask its provider again on the page Props.",
        )
    return {**begun["settings"], **given}, begun["edits"]


def _pictures(
    studio: Studio, arguments: argparse.Namespace
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The pictures by what names them, those of folders one by one, with what files are called; and
    why others are none."""
    from studio.workflows import upscale_sources

    names: list[str] = []
    for named in arguments.pictures:
        place = Path(named)
        folder = upscale_sources.files_in(place) if place.is_dir() else None
        names += [named] if folder is None else [str(file) for file in folder]
    found: dict[str, str] = {}
    bad: list[dict[str, Any]] = []
    for named in dict.fromkeys(names):
        try:
            called = Path(named).stem if Path(named).is_file() else ""
            found.setdefault(_picture(studio, named), called)
        except StudioError as error:
            bad.append(_problem(named, error, arguments))
    return found, bad


def _picture(studio: Studio, named: str) -> str:
    """What names a picture in a job: a file is kept, an id is as it is."""
    from studio.workflows import upscale_sources

    file = Path(named)
    if file.is_file():
        return upscale_sources.bring(studio, file).named
    return upscale_sources.source(studio, named).named


def _kept(studio: Studio, named: str) -> str:
    """The hash under which a picture is kept to begin from: a file's, or one of the gallery."""
    from studio import images
    from studio.generation import start_pictures
    from studio.store import local
    from studio.workflows import upscale_sources

    file = Path(named)
    if not file.is_file():
        file = local.present(upscale_sources.source(studio, named).path)
    picture = images.open_picture(file)
    return start_pictures.keep_picture(studio.home, picture, by=studio.settings.user)


def _told(
    studio: Studio, ids: Sequence[str], arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Props that were made, told in a line each."""
    from studio.workflows import prop_history

    found = prop_history.of_ids(studio.engine, ids)
    for one in found:
        printer(arguments)(_line(one))
    return [_item(one) for one in found]


def _item(one: Item) -> dict[str, Any]:
    cost = None if one.cost is None else str(one.cost)
    return {**asdict(one), "cost": cost}


def _line(one: Item) -> str:
    size = f", {one.triangles:,} triangles" if one.triangles is not None else ""
    closed = {True: ", closed", False: ", open", None: ""}[one.closed]
    cost = f", {one.cost}" if one.cost else ""
    how = f" {one.method}" if one.method else ""
    return f"{one.id}  {one.kind}{how}  {one.name or one.said[:60]}{size}{closed}{cost}"


def _copied(studio: Studio, id: str, form: str, folder: Path, arguments: argparse.Namespace) -> str:
    """Where a prop was written in one form."""
    from studio.store.publish import publish
    from studio.workflows import prop_exports

    made = prop_exports.download(studio, id, form)
    named = Path(made.name)
    file = folder / f"{named.stem}-{id[:6]}{named.suffix}"
    publish(file, made.data, flush=False)
    printer(arguments)(str(file))
    return str(file)


def _problem(named: str, error: StudioError, arguments: argparse.Namespace) -> dict[str, Any]:
    printer(arguments)(f"{named}: {error.message} {error.remedy}".rstrip())
    return {"of": named, "error": error.message, "remedy": error.remedy}
