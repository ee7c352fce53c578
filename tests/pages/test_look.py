"""The tab of the look: a version of its own, and nobody overwrites another's."""

from dataclasses import replace

import pytest

from studio import context
from studio.datasets import presentation, versions
from studio.datasets.manifests import DatasetVersion, Look
from studio.errors import StudioError


def newest(studio: context.Studio) -> DatasetVersion:
    return versions.load(studio.home, "sample")


def test_the_look_is_changed_and_is_a_version(studio, open_page):
    at = open_page("Datasets", set="sample", tab="Look")
    at.radio(key="draft presentation/sample behind").set_value("edge-bleed")
    at.checkbox[0].set_value(True).run()
    next(b for b in at.button if b.label == "Use this look").click()
    at.run()
    assert not at.exception
    made = newest(studio)
    assert made.look == Look(behind="edge-bleed", mirror=True)
    assert made.says == "Look: behind alpha edge-bleed, mirrored pictures allowed"


def test_another_persons_look_is_not_overwritten(studio):
    seen = newest(studio).look
    first = replace(seen, behind="random")
    told = {"now": context.now(), "actor": "ana"}
    presentation.change(studio.home, "sample", seen, first, **told)
    with pytest.raises(StudioError, match="meanwhile"):
        presentation.change(studio.home, "sample", seen, replace(seen, mirror=True), **told)
    again = presentation.change(studio.home, "sample", seen, first, **told)
    assert again == versions.load(studio.home, "sample") and again.look == first
