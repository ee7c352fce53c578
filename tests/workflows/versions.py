"""Versions as the registry lists them, of which only a few things matter."""

from studio.registry.models import Version


def version(
    style: str, number: int, stage: str = "candidate", dataset: str = "", **metrics: float
) -> Version:
    """A version of a style, without files."""
    return Version(
        style=style,
        number=number,
        stage=stage,
        run_id="",
        dataset=dataset,
        dataset_digest="",
        metrics=metrics,
        params={},
        tags={},
        created="",
    )
