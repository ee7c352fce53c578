"""What every page shares: its frame, the person, errors as a box, pictures shown sharply.

The only module beside `studio.web.asgi` that imports streamlit; pages import streamlit and this.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from mlflow.exceptions import MlflowException

from studio import context
from studio.accounts import rights
from studio.database import engine as db
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.evaluation.comparison import Mark
from studio.generation.gallery_table import Picture
from studio.jobs import queue, queue_order
from studio.jobs.table import Job
from studio.registry import models
from studio.settings import CHECKOUT
from studio.tracking import client
from studio.web import markup, session
from studio.web.markup import Shown

CHECKERBOARD, COLOUR = "Checkerboard", "Colour"
# File, name, icon: in the order of a picture's way through the studio.
PAGES = (
    ("Home.py", "Home", ":material/home:"),
    ("pages/Datasets.py", "Datasets", ":material/photo_library:"),
    ("pages/Train.py", "Train", ":material/model_training:"),
    ("pages/Evaluate.py", "Evaluate", ":material/monitoring:"),
    ("pages/Rate.py", "Rate", ":material/star_half:"),
    ("pages/Vote.py", "Vote", ":material/how_to_vote:"),
    ("pages/Registry.py", "Registry", ":material/inventory_2:"),
    ("pages/Adapters.py", "Adapters", ":material/layers:"),
    ("pages/Generate.py", "Generate", ":material/brush:"),
    ("pages/Admin.py", "Admin", ":material/settings:"),
)


@contextmanager
def page(title: str, about: str = "") -> Iterator[context.Studio]:
    """Set the page up and hand out the studio; a StudioError becomes a box, a crash stays loud."""
    st.set_page_config(
        page_title=f"{title} - Housestyle", page_icon="🎨", layout="wide", initial_sidebar_state=220
    )
    st.html(_css(st.context.theme.type == "dark"))
    with st.sidebar:
        st.html('<div class="hs-name">Housestyle</div>')
        for file, name, icon in PAGES:
            st.page_link(file, label=name, icon=icon)
        _behind()
        _who()
    st.title(title)
    if about:
        st.caption(about)
    try:
        try:
            _tell_of_ended_jobs()
            studio = session.studio()
        except StudioError as error:  # the database is away: nothing of the page can be shown
            failed(error)
            st.stop()
        yield studio
    except StudioError as error:
        failed(error)
    except MlflowException as error:
        told = client.away(error)
        assert told is not None
        failed(told)


@functools.cache
def _css(dark: bool) -> str:
    folder = CHECKOUT / "studio" / "web" / "screens"
    files = ("studio.css", "dark.css") if dark else ("studio.css",)
    return f"<style>{''.join((folder / name).read_text('utf-8') for name in files)}</style>"


def _behind() -> None:
    """What shows through transparent pixels everywhere: a checkerboard, or an engine's colour."""
    kept: dict[str, Any] = {"persist_state": "session"}
    colour = ""
    with st.popover("Transparency background", icon=":material/texture:", type="tertiary"):
        chosen = st.segmented_control(
            "Transparency background",
            [CHECKERBOARD, COLOUR],
            default=CHECKERBOARD,
            required=True,
            key="behind",
            label_visibility="collapsed",
            **kept,
        )
        if chosen == COLOUR:
            colour = st.color_picker("Your engine's colour", "#3a3f4a", key="behind-colour", **kept)
    if colour:  # outside: what is in a closed popover is not on the page
        st.html(f"<style>:root {{ --hs-behind: {html.escape(colour)}; }}</style>")


def _who() -> None:
    """The person in the sidebar, and the way to be another one."""
    if not session.studio().settings.sign_in.needed:
        st.caption(f"{person()} · [someone else?](/hello)")
        return
    try:
        who = person()
    except StudioError as error:
        failed(error)
        st.stop()
    st.page_link("pages/You.py", label="Your account", icon=":material/account_circle:")
    out = '<a href="/sign-out" target="_self">sign out</a>'
    role = who.role if isinstance(who, rights.Actor) else ""
    st.html(f'<div class="hs-who">{html.escape(who)}, {role} · {out}</div>')


def person() -> str:
    """Who is at the browser; StudioError when their session has ended."""
    return session.person(st.context.cookies)


def may(right: str) -> bool:
    """Whether the person may do this."""
    return rights.allowed(person(), right)


def only(right: str, disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """For a button or field: `disabled` and `help` as given where the person may do this;
    otherwise it is disabled and says who may."""
    if may(right):
        return {"disabled": disabled, "help": help}
    return {"disabled": True, "help": f"This is for {rights.who_may(right)}."}


def failed(error: StudioError) -> None:
    """Show an error with its remedy. What people wrote is shown as text, never as markup."""
    st.error(f"{plain(error.message)}\n\n{plain(error.remedy)}", icon=":material/error:")


def plain(text: str) -> str:
    """Text for markdown places (captions, labels, errors) in which nothing is markup."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:" else sign for sign in text)


def pictures(shown: Sequence[Shown], side: int = 192) -> None:
    """A row of pictures that wraps, each at most `side` pixels, small ones enlarged sharply."""
    st.html(markup.row(shown, side))


def picture_table(
    heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Sequence[tuple[Shown, int]]]]]
) -> None:
    """Rows with a name, the first head's, and pictures under each other, with the side of each."""
    st.html(markup.table(heads, rows))


def scale(marks: Sequence[Mark], digits: int) -> None:
    """Values on one line each, with their intervals; where the base and real art lie goes
    through all of them."""
    st.html(markup.scale(marks, digits))


def gone(key: str, known: Iterable[object], what: str) -> None:
    """Say so where the address names, by `key`, something that is not among the `known`: links
    outlive things. To be called before the field that is bound to the key; "{}" in `what` is it."""
    there = {str(one) for one in known}
    for asked in st.query_params.get(key, "").split(","):
        if asked and asked not in there:
            st.warning(
                f"There is no {plain(what.format(asked[:80]))} any more. Choose another.",
                icon=":material/search_off:",
            )


def versions(style: str | None = None) -> list[models.Version]:
    """The versions of one style or all, newest first; read anew when one of them changes."""
    studio = session.studio()
    mark = _mark(str(studio.home), db.revision(studio.engine))
    return [v for v in _versions(str(studio.home), mark) if style in (None, v.style)]


# All sessions get the same records: hundreds of versions, read or copied for each change of the
# database, would hold up everybody.
@st.cache_resource(max_entries=2, show_spinner=False)
def _mark(home: str, revision: int) -> models.Mark:
    return models.mark(session.studio().client)


@st.cache_resource(max_entries=2, show_spinner=False)
def _versions(home: str, mark: models.Mark) -> list[models.Version]:
    return models.list_versions(session.studio().client)


def dataset(name: str, digest: str) -> DatasetVersion:
    """A version of a dataset, read and checked once for all sessions; it never changes."""
    return _dataset(str(session.studio().home), name, digest)


@st.cache_resource(max_entries=16, show_spinner=False)
def _dataset(home: str, name: str, digest: str) -> DatasetVersion:
    return datasets.load(Path(home), name, digest)


def moment(stamp: str) -> str:
    """A moment of the database (ISO, UTC) as the person's own clock shows it."""
    return f"{datetime.fromisoformat(stamp).astimezone(clock()):%d %b %Y, %H:%M}"


def clock() -> ZoneInfo:
    """The time zone of the person's browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


# What people call a job; {style} and the like come from what was asked.
JOBS = {
    "adapter": "Bringing {file} in",
    "merge": "Merging adapters into {style}",
    "import": "Bringing pictures into {name}",
    "upload": "Adding pictures to {name}",
    "look": "Looking over {dataset}",
    "describe": "Proposing words for {dataset}",
    "train": "Training {style}",
    "sweep": "Sweep of {style}",
    "candidate": "Making a trial a version of {style}",
    "evaluate": "Measuring {style} version {version}",
    "generate": "Drawing {prompt}",
    "batch": "Drawing a list of {style}",
    "ballot": "Preparing the ballot: {question}",
    "own": "Drawing your prompts",
    "round": "Preparing ratings of {style}",
}


def job_name(job: Job) -> str:
    """The job in people's words."""
    words = {k: str(v) for k, v in job.payload.items()}
    try:
        return JOBS.get(job.kind, job.kind).format(**words)
    except KeyError:
        return job.kind


def job_box(id: int) -> None:
    """A job's state, kept up to date while it runs: progress, a way to cancel, how it ended."""
    try:
        job = queue.get(session.studio().engine, id)
    except StudioError as error:
        failed(error)
        return
    if not job.ended:
        (_soon if job.lane == "interactive" else _live)(id)
    elif job.state == "done":
        st.success(f"{plain(job_name(job))}: done", icon=":material/check:")
    elif job.state == "cancelled":
        st.info(f"{plain(job_name(job))}: {plain(job.error or 'cancelled')}")
    else:
        failed(StudioError(f"{job_name(job)} failed. {job.error}", job.remedy or ""))


def _going(id: int) -> None:
    """A job that has not ended; when it has, the whole page is drawn anew."""
    studio = session.studio()
    job = queue.get(studio.engine, id)
    if job.ended:
        st.rerun()
    name = plain(job_name(job))
    if job.state == "queued":
        before = queue.ahead(studio.engine, job)
        says = f"waits for {before} others" if before else "begins soon"
        if queue_order.held(job):
            says = "is paused, under Queue on the page Train"
        elif job.not_before and datetime.fromisoformat(job.not_before) > context.now():
            says = f"waits until {moment(job.not_before)}"
        st.progress(0.0, f"{name}: {says}")
    else:
        share = min(job.done / job.total, 1.0) if job.total else 0.0
        st.progress(share, f"{name}: {plain(job.says) or 'begins'}")
    if job.cancel_by:
        st.caption("Being cancelled.")
    else:
        st.button(
            "Cancel", key=f"cancel-{id}", icon=":material/close:", on_click=_cancel, args=(id,)
        )


_live = st.fragment(run_every=1.0)(_going)
_soon = st.fragment(run_every=0.3)(_going)  # somebody sits and waits for the picture


def _cancel(id: int) -> None:
    queue.cancel(session.studio().engine, id, person(), context.now())


def _tell_of_ended_jobs() -> None:
    """A notice for each of the person's jobs that has ended since they last looked."""
    studio, who = session.studio(), person()
    ended = queue.unseen(studio.engine, who, lane="work")
    for job in ended[-3:]:
        said = "is done" if job.state == "done" else f"has {job.state}"
        st.toast(f"{plain(job_name(job))} {said}.", icon=":material/notifications:")
    if ended:
        queue.mark_seen(studio.engine, who, [job.id for job in ended])


def made(picture: Picture, caption: str | None = None) -> Shown:
    """A generated picture, as a page shows it; under it its prompt unless told otherwise."""
    said = picture.prompt if caption is None else caption
    url = f"/picture/made/{picture.id}"
    href = f"/Picture?id={picture.id}"
    return Shown(url, said, picture.width, picture.height, alt=picture.prompt, href=href)


@functools.cache
def screen(name: str, shared: tuple[str, ...] = ("sitting",)) -> Any:
    """A screen of studio/web/screens with a keyboard of its own, to be mounted with `data=`.

    It answers by the trigger `said`. Its files are trusted code; what people wrote goes into
    `data`, and is shown as text.
    """
    folder = CHECKOUT / "studio" / "web" / "screens"
    read = {
        kind: [(folder / f"{part}.{kind}").read_text("utf-8") for part in (*shared, name)]
        for kind in ("css", "js")
    }
    return st.components.v2.component(
        f"housestyle_{name}",
        html=(folder / f"{name}.html").read_text("utf-8"),
        css="\n".join(read["css"]),
        js="\n".join(read["js"]),
    )


def interval(left: str, right: str, low: float, high: float) -> None:
    """A band on the line from `left` (share 0) to `right` (share 1), with the even middle."""
    st.html(markup.interval(left, right, low, high))
