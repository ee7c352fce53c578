"""Records that all sessions get the same of, read once: hundreds of versions, read or copied for
each change of the database, would hold up everybody."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from studio.database import engine as db
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion
from studio.registry import models
from studio.web import session


def versions(style: str | None = None) -> list[models.Version]:
    """The versions of one style or all, newest first; read anew when one of them changes."""
    studio = session.studio()
    mark = _mark(str(studio.home), db.revision(studio.engine))
    return [v for v in _versions(str(studio.home), mark) if style in (None, v.style)]


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
