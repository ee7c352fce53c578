"""Model versions of a style, as MLflow holds them: listed, found, described and downloaded.

One style is one registered model. All that describes a version lies in its tags, written in the
same call that makes it, so nobody sees a version without them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.store.publish import publishing
from studio.tracking import addresses, bucket_files, files_flavor, runs, version_files

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from sqlalchemy import Engine

METRIC = "metric."
LORA = "lora"  # the kind of every version that was registered before there were others
OWN_TAGS = (
    "stage",
    "kind",
    "base",
    "trigger_word",
    "strength",
    "dataset",
    "dataset_digest",
    "params",
)
Mark = tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...]
# How MLflow says that there is none, and that none can have such a name ("", "a/b").
NO_SUCH = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
STYLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


@dataclass(frozen=True)
class Version:
    """One version of a style. `stage` is MLflow's view (alias first, then tag), not the ledger's.

    `tags` are the caller's own and those of its kind alone; `created` is ISO UTC. What kinds there
    are is not known here: `kind` may be one of a later program. A kind that has no base, trigger
    word or strength leaves them as they are by default, which changes no prompt and no picture.
    """

    style: str
    number: int
    stage: str
    run_id: str
    dataset: str
    dataset_digest: str
    metrics: dict[str, float]
    params: dict[str, str]
    tags: dict[str, str]
    created: str
    kind: str = LORA
    base: str = ""
    trigger_word: str = ""
    strength: float = 1.0


def styles(client: MlflowClient) -> list[str]:
    """The styles that have at least one version, sorted."""
    return sorted({version.style for version in list_versions(client)})


def list_versions(client: MlflowClient, style: str | None = None) -> list[Version]:
    """The versions of one style, or of all, newest first within each style.

    A style without versions gives an empty list. Registered models that the studio did not make
    are listed too, with empty fields. A hundred versions with their figures take some 0.2 s:
    whoever asks often keeps them for as long as `mark` stays the same.
    """
    one = f"name = {_quoted(style)}" if style is not None else None
    if style is not None:
        held = {style: aliases(client, style)}
    else:
        held = {name: dict(named) for name, _, named in mark(client)}
    found = [
        _version(raw, held.get(raw.name, {})) for raw in _pages(client.search_model_versions, one)
    ]
    return sorted(found, key=lambda version: (version.style, -version.number))


def mark(client: MlflowClient) -> Mark:
    """Of every style its name, when it was changed last, and its aliases.

    Quick, and another one after a new version, figures, or a move; a tag that somebody writes by
    hand in MLflow changes nothing here.
    """
    return tuple(
        (raw.name, raw.last_updated_timestamp, tuple(sorted(_numbers(raw.aliases).items())))
        for raw in _pages(client.search_registered_models, None)
    )


def touch(client: MlflowClient, style: str) -> None:
    """Give the style another `mark`: MLflow gives none for tags of its versions."""
    said = client.get_registered_model(style).description
    client.update_registered_model(style, said)


def get(client: MlflowClient, style: str, number: int) -> Version:
    """Version `number` of `style`; a StudioError names what there is instead."""
    raw = _raw(client, style, number)
    return _version(raw, {name: number for name in raw.aliases})


def version_folder(client: MlflowClient, version: Version, cache: Path) -> Path:
    """The folder with the version's own files, downloaded into `cache` once.

    A folder that is there is whole; two at once both get it.
    """
    import mlflow
    import yaml

    raw = _raw(client, version.style, version.number)
    # The logged model's id, because numbers repeat between MLflow databases.
    target = cache / f"{version.style}-{version.number}-{_last_part(raw.source)}"
    if not target.is_dir():
        with publishing(target, once=True) as aside:
            try:
                mlflow.artifacts.download_artifacts(
                    artifact_uri=f"models:/{version.style}/{version.number}",
                    dst_path=str(aside),
                    tracking_uri=client.tracking_uri,
                )
                if not (aside / "MLmodel").is_file():  # MLflow downloads nothing without a word
                    raise FileNotFoundError(f"no MLmodel under {raw.source}")
            except (mlflow.MlflowException, OSError) as error:
                raise StudioError(
                    f"The files of {version.style!r} version {version.number} "
                    f"could not be fetched: {error}",
                    f"They should lie at {raw.source}; restore them, or choose another version.",
                ) from error
    described = yaml.safe_load((target / "MLmodel").read_text())
    try:
        return target / files_flavor.own_files(described)
    except (KeyError, TypeError) as error:
        raise StudioError(
            f"{version.style!r} version {version.number} holds nothing that can be drawn with.",
            "Somebody registered it in MLflow by hand: choose another version.",
        ) from error


def files_of(client: MlflowClient, style: str, number: int) -> Path | None:
    """The folder that the version's files are read from; None where that is no folder."""
    return folder_of(address_of(client, style, number))


def address_of(client: MlflowClient, style: str, number: int) -> str:
    """Where the version's files are, as MLflow's records have it; `models:/...` where that leads
    nowhere."""
    from mlflow.exceptions import MlflowException

    address = str(client.get_model_version_download_uri(style, str(number)))
    if address.startswith("models:/"):
        try:
            return str(client.get_logged_model(_last_part(address)).artifact_location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
    return address


def check_files(
    client: MlflowClient, style: str, number: int, engine: Engine | None = None
) -> None:
    """StudioError where the version's files are gone, so that nobody could draw with it. Those in
    the bucket are looked up in the outbox, by `engine`."""
    address = address_of(client, style, number)
    folder = folder_of(address)
    if folder is not None and (found := version_files.flaw(folder)):
        raise StudioError(
            f"The files of {style!r} version {number} are not there: {found}.",
            f"Put them back into {folder} from a backup, or choose another version. All that are "
            "missing: python -m studio doctor",
        )
    if folder is None and engine is not None and (found := bucket_files.flaw(engine, address)):
        raise StudioError(
            f"The files of {style!r} version {number} are not there: {found}.",
            "Send them again (python -m studio store check --fix), put them back from a backup, or "
            "choose another version.",
        )


def folder_of(address: str) -> Path | None:
    """The folder that such an address names; None where that is none."""
    return Path(address) if address.startswith("models:/") else addresses.folder(address)


def set_metrics(
    client: MlflowClient,
    version: Version,
    metrics: dict[str, float],
    tags: dict[str, str],
    at: datetime | None = None,
) -> None:
    """Log figures to the version's run, measured at `at` (now), and keep them, with `tags`, on the
    version itself.

    The version's tags are written one by one: a failure between leaves the earlier ones, and a
    call with the same `at` logs none twice. Figures that are not finite are kept on the version
    and left out of the run, whose charts refuse them. StudioError, with nothing written, where the
    run was deleted in MLflow; one that is gone for good is done without.
    """
    check_tags(tags)
    moment = None if at is None else int(at.timestamp() * 1000)
    told = runs.check_open(client, version.run_id, f"{version.style} version {version.number}")
    for name, value in metrics.items():
        if told and math.isfinite(value):
            client.log_metric(version.run_id, name, value, timestamp=moment)
    written = {**tags, **{METRIC + name: repr(float(value)) for name, value in metrics.items()}}
    for key, text in written.items():
        client.set_model_version_tag(version.style, str(version.number), key, text)
    touch(client, version.style)


def describe(
    client: MlflowClient, version: Version, text: Callable[[str], str], tags: dict[str, str]
) -> bool:
    """Give the version another description, made of the one that it has, and other tags; whether
    anything changed."""
    check_tags(tags)
    old = _raw(client, version.style, version.number).description or ""
    new = text(old)
    if new != old:
        client.update_model_version(version.style, str(version.number), new)
    changed = {key: said for key, said in tags.items() if version.tags.get(key) != said}
    for key, said in changed.items():
        client.set_model_version_tag(version.style, str(version.number), key, said)
    if changed:
        touch(client, version.style)
    return new != old or bool(changed)


def _raw(client: MlflowClient, style: str, number: int) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version(style, str(number))
    except MlflowException as error:
        if error.error_code not in NO_SUCH:
            raise
        there = [version.number for version in reversed(list_versions(client, style))]
        if there:
            raise StudioError(
                f"Style {style!r} has no version {number}.",
                f"It has: {', '.join(map(str, there))}.",
            ) from error
        names = ", ".join(styles(client)) or "none yet; train one first"
        raise StudioError(f"There is no style {style!r}.", f"Styles: {names}.") from error


def _version(raw: Any, aliases: dict[str, int]) -> Version:
    tags = dict(raw.tags)
    number = int(raw.version)
    said = {key[len(METRIC) :]: text for key, text in tags.items() if key.startswith(METRIC)}
    metrics = {name: value for name, text in said.items() if (value := _number(text)) is not None}
    strength = _number(tags.get("strength", ""))
    own = {k: v for k, v in tags.items() if k not in OWN_TAGS and not k.startswith(METRIC)}
    created = datetime.fromtimestamp(raw.creation_timestamp / 1000, UTC)
    return Version(
        style=raw.name,
        number=number,
        stage=_stage(number, aliases, tags.get("stage", "candidate")),
        run_id=raw.run_id or "",
        dataset=tags.get("dataset", ""),
        dataset_digest=tags.get("dataset_digest", ""),
        metrics=metrics,
        params=_params(tags.get("params", "{}")),
        tags=own,
        created=created.isoformat(timespec="milliseconds"),
        kind=tags.get("kind", LORA),
        base=tags.get("base", ""),
        trigger_word=tags.get("trigger_word", ""),
        strength=1.0 if strength is None else strength,
    )


def _number(text: str) -> float | None:
    """The number of a tag, which can be infinite or none: what is measured may be. None for what
    somebody wrote there in MLflow: the version is still listed."""
    try:
        return float(text)
    except ValueError:
        return None


def _params(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _stage(number: int, aliases: dict[str, int], tag: str) -> str:
    for stage in ("production", "staging"):
        if aliases.get(stage) == number:
            return stage
    return "archived" if tag == "archived" else "candidate"


def stage_tags(client: MlflowClient, style: str) -> dict[int, str]:
    """The `stage` tag of every version of a style as written, "" for one without."""
    found = _pages(client.search_model_versions, f"name = {_quoted(style)}")
    return {int(raw.version): raw.tags.get("stage", "") for raw in found}


def aliases(client: MlflowClient, style: str) -> dict[str, int]:
    """MLflow's aliases of a style and the versions they name; none for an unknown style."""
    from mlflow.exceptions import MlflowException

    try:  # searching for versions leaves their aliases out; the registered model has them
        held = client.get_registered_model(style).aliases
    except MlflowException as error:
        if error.error_code not in NO_SUCH:
            raise
        return {}
    return _numbers(held)


def _numbers(aliases: dict[str, Any]) -> dict[str, int]:
    return {alias: int(number) for alias, number in aliases.items()}


def _pages(search: Any, filter_string: str | None) -> Iterator[Any]:
    token = None
    while True:
        page = search(filter_string=filter_string, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def check_tags(tags: dict[str, str]) -> None:
    """Refuse tags whose names are the registry's own."""
    taken = sorted(k for k in tags if k in OWN_TAGS or k.startswith((METRIC, "mlflow.")))
    if taken:
        raise StudioError(
            f"Tags with these names are the registry's own: {', '.join(taken)}.",
            "Choose other names for them.",
        )


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _last_part(source: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", source.rstrip("/").rsplit("/", 1)[-1])
