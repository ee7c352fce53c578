"""The job that brings a LoRA file from elsewhere in."""

from __future__ import annotations

from studio.context import Studio, check_style
from studio.datasets import uploads
from studio.diffusion import bases
from studio.errors import StudioError
from studio.worker.context import Context
from studio.worker.kind import Kind, Work
from studio.worker.kinds import making_adapter
from studio.worker.payload import Payload, Text
from studio.workflows import new_adapters


class BringIn(Payload):
    """A file of the upload `upload` becomes a candidate of `style`."""

    upload: Text
    file: Text
    style: Text
    base: Text
    source: Text
    licence: Text
    author: Text = ""
    trigger_word: Text = ""


def check(studio: Studio, ask: BringIn) -> BringIn:
    """The file is there, and all is said of it; the base's full path is kept."""
    check_style(ask.style)
    new_adapters.check_texts(ask.model_dump())
    folder = uploads.folder_of(studio.home, ask.upload) / "files"
    if ask.file not in {f.relative_to(folder).as_posix() for f in folder.rglob("*")}:
        raise StudioError(f"{ask.file[:80]} is not in this upload.", "Drop it once more.")
    return ask.model_copy(update={"base": bases.find_base(ask.base).name})


def prepare(context: Context, ask: BringIn) -> Work:
    """The file, and all that is said of it."""
    file = uploads.folder_of(context.studio.home, ask.upload) / "files" / ask.file
    task = new_adapters.of_file(
        context.studio,
        file,
        style=ask.style,
        base=ask.base,
        source=ask.source,
        licence=ask.licence,
        author=ask.author,
        trigger_word=ask.trigger_word,
        by=context.job.asked_by,
        name=ask.file,
    )
    return making_adapter.work(context, task, [file])


KIND = Kind(
    name="adapter",
    label="Bringing {file} in",
    payload=BringIn,
    right="manage adapters",
    lane="short",
    check=check,
    prepare=prepare,
    compute=making_adapter.compute,
    commit=making_adapter.commit,
)
