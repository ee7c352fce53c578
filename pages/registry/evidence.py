"""What speaks for a version: metrics, ratings, votes and its test sheet."""

import streamlit as st

from studio import context
from studio.evaluation import comparison, contact_sheet
from studio.registry.models import Version
from studio.review import ballots, rating_rounds, tally, votes
from studio.review.pictures import Side
from studio.review.ratings import Score, results
from studio.web import addresses, ui
from studio.web.markup import Shown

ROWS = 6  # pairs of the sheet on one page


def metrics(version: Version) -> None:
    """Each metric with its meaning, placed between the base and real art."""
    if not version.metrics:
        st.info("This version was not measured yet, so there are no metrics and no test sheet.")
        st.page_link(
            "pages/Evaluate.py",
            label="Measure it",
            icon=":material/straighten:",
            query_params=_named(version),
        )
        return
    count, real = (version.metrics.get(name, 0) for name in ("pictures", "real_pictures"))
    against = f", measured against the {real:.0f} real pictures of " + ui.plain(
        version.tags.get("against", version.dataset)
    )
    st.caption(
        f"{count:.0f} pictures{against if real else ''}. Bars are intervals at 95 %; of what the "
        "eye sees real art's is its 10th to 90th percentile."
    )
    columns = st.container(key="metrics").columns(2)
    for place, row in enumerate(comparison.rows({f"version {version.number}": version.metrics})):
        with columns[place % 2].container(border=True):
            st.markdown(f"**{row.meaning.label}**")
            st.caption(row.meaning.line)
            ui.scale(row.marks, row.meaning.digits)
    st.page_link(
        "pages/Evaluate.py",
        label="Compare it with other versions",
        icon=":material/monitoring:",
        query_params=_named(version),
    )


def judged(studio: context.Studio, version: Version) -> None:
    """What people said, of what the person may see: nobody who still judges is led."""
    shown = False
    for round in rating_rounds.listing(studio.engine, version.style):
        if not any(side.number == version.number for side in round.sides):
            continue
        if round.open and rating_rounds.unrated(studio.engine, round.id, ui.person()):
            continue
        for score in results(studio.engine, round.id):
            if score.side.number == version.number:
                _rated(score, round)
                shown = True
    for ballot in ballots.listing(studio.engine, version.style):
        if not any(side == Side(version.style, version.number) for side in ballot.sides):
            continue
        if ballot.open and not votes.has_handed_in(studio.engine, ballot.id, ui.person()):
            continue
        for one in tally.tallies(studio.engine, ballot):
            if Side(version.style, version.number) in (one.a, one.b):
                _voted(one, ballot)
                shown = True
    if not shown:
        st.caption(
            "Nobody has judged this version yet, or a judgement that you take part in is "
            "still open."
        )
    with st.container(horizontal=True):
        st.page_link("pages/Rate.py", label="Rate it", icon=":material/star_half:")
        st.page_link("pages/Vote.py", label="Let people vote", icon=":material/how_to_vote:")


def _rated(score: Score, round: rating_rounds.Round) -> None:
    mean = score.weighted
    band = f", between {mean.low:.2f} and {mean.high:.2f}" if mean.low is not None else ""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Rated {mean.mean:.2f} of 5**{band}  \n{score.ratings} ratings by {score.raters} "
            f"people, {'still open' if round.open else 'closed'}"
        )
        st.page_link("pages/Rate.py", label="See it", query_params={"round": str(round.id)})


def _voted(one: tally.Tally, ballot: ballots.Ballot) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{ui.plain(tally.words(one, ballot.open))}**  \n{ui.plain(ballot.question)} "
            f"{ui.plain(one.a_name)} {one.a_votes}, {ui.plain(one.b_name)} {one.b_votes}, "
            f"ties {one.ties}, "
            f"{one.voters} voters"
        )
        st.page_link("pages/Vote.py", label="See it", query_params={"ballot": str(ballot.id)})


def sheets(studio: context.Studio, version: Version) -> None:
    """The test sheet: the base, where it has one, and this version, same prompt, same seed."""
    folder = contact_sheet.folder_of(studio.home, version.style, version.number)
    found = contact_sheet.read_sheet(folder)
    if found is None:
        return
    at = (folder / "sheet.json").stat().st_mtime_ns
    address = f"/picture/sheet/{version.style}/{version.number}"
    size = contact_sheet.size(folder)

    def shown(file: str, side: str, prompt: str) -> tuple[Shown, int]:
        return Shown(f"{address}/{file}?at={at}", "", *size, alt=f"{side}: {prompt}"), 160

    pages = -(-len(found.cells) // ROWS)
    page = 1
    if pages > 1:
        key = f"page {version.style} {version.number}"
        page = st.pagination(pages, **addresses.one_of("page", range(1, pages + 1), key=key))
    first = (page - 1) * ROWS
    rows = []
    for cell in found.cells[first : first + ROWS]:
        before = [[shown(cell.base, "base", cell.prompt)]] if found.has_base else []
        after = [shown(cell.version, f"version {version.number}", cell.prompt)]
        rows.append((f"{cell.prompt} · seed {cell.seed}", [*before, after]))
    heads = [f"Version {version.number}"]
    if found.has_base:
        heads = ["Before: the base", f"After: version {version.number}"]
    ui.picture_table(["Prompt", *heads], rows)


def _named(version: Version) -> dict[str, str]:
    return {"style": version.style, "version": str(version.number)}
