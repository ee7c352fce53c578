"""Model versions of a style, as MLflow holds them: registered, listed, found and downloaded.

One style is one registered model. All that describes a version lies in its tags, written in the
same call that makes it, so nobody sees a version without them.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.registry import served

if TYPE_CHECKING:
    from mlflow import MlflowClient

METRIC = "metric."
OWN_TAGS = (
    "stage",
    "base",
    "trigger_word",
    "strength",
    "dataset",
    "dataset_digest",
    "params",
)
# Tags that `studio.serving` needs beside those that every version has.
DRAWN_BY = ("base_name", "matte", "filter", "prediction_type", "zero_terminal_snr")
PACKAGES = ("diffusers", "transformers", "torch", "peft", "safetensors", "accelerate")
Mark = tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...]
STYLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


@dataclass(frozen=True)
class Version:
    """One version of a style. `stage` is MLflow's view (alias first, then tag), not the ledger's.

    `tags` are the caller's own; `created` is ISO UTC.
    """

    style: str
    number: int
    stage: str
    run_id: str
    base: str
    trigger_word: str
    strength: float
    dataset: str
    dataset_digest: str
    metrics: dict[str, float]
    params: dict[str, str]
    tags: dict[str, str]
    created: str


def register(
    client: MlflowClient,
    *,
    style: str,
    run_id: str,
    adapter: Path,
    base: str,
    trigger_word: str,
    strength: float,
    dataset: str,
    dataset_digest: str,
    params: dict[str, str],
    tags: dict[str, str],
    description: str = "",
) -> Version:
    """Log the adapter folder into its run and make it the next version of `style`, a candidate.

    The version is the last thing written: a failure before leaves nothing to be seen. The tensors
    themselves are not looked at beyond being readable safetensors. A run may be active or ended;
    its status stays as it is.
    """
    import mlflow
    from mlflow.entities import LoggedModelStatus
    from mlflow.models import Model

    _check_style(style)
    _check_tags(tags)
    described = {
        "base": base,
        "trigger_word": trigger_word,
        "strength": repr(float(strength)),
        "dataset": dataset,
        "dataset_digest": dataset_digest,
    }
    logged = None
    try:
        # Made here, since log_model would put it into the process's experiment, not the run's.
        logged = client.create_logged_model(
            client.get_run(run_id).info.experiment_id,
            name="adapter",
            source_run_id=run_id,
            tags={**tags, **described},
            params=params,
        )
        # run_id= and not an active run: leaving `start_run` would mark the run as finished.
        Model.log(
            None,
            served,
            adapter_path=str(adapter),
            base_model=base,
            strength=strength,
            model_id=logged.model_id,
            run_id=run_id,
            pip_requirements=_requirements(),
            metadata={"style": style, **described, **{k: tags[k] for k in DRAWN_BY if k in tags}},
        )
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
        _make_style(client, style)
        made = client.create_model_version(
            name=style,
            source=f"models:/{logged.model_id}",
            run_id=run_id,
            model_id=logged.model_id,
            description=description or None,
            tags={
                **tags,
                **described,
                "stage": "candidate",
                "params": json.dumps(params, sort_keys=True),
            },
        )
    except (mlflow.MlflowException, OSError) as error:
        if logged is not None:
            with suppress(mlflow.MlflowException):
                client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
        raise StudioError(
            f"The adapter {adapter} could not be registered as a version of {style!r}: {error}",
            "Nothing was registered. Mend the cause, then go on with: train ... --resume",
        ) from error
    # The link that MLflow's own pages follow from the logged model; the version stands without it.
    link = json.dumps([{"name": style, "version": int(made.version)}])
    with suppress(mlflow.MlflowException):
        client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": link})
    return get(client, style, int(made.version))


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


def adapter_folder(client: MlflowClient, version: Version, cache: Path) -> Path:
    """The folder with the version's safetensors, downloaded into `cache` once.

    Published by renaming, so a folder that is there is whole; two at once both get it.
    """
    import mlflow
    import yaml

    raw = _raw(client, version.style, version.number)
    # The logged model's id, because numbers repeat between MLflow databases.
    target = cache / f"{version.style}-{version.number}-{_last_part(raw.source)}"
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".download-", dir=cache))
        try:
            got = mlflow.artifacts.download_artifacts(
                artifact_uri=f"models:/{version.style}/{version.number}",
                dst_path=str(aside / "model"),
                tracking_uri=client.tracking_uri,
            )
            if not Path(got, "MLmodel").is_file():  # MLflow downloads nothing without a word
                raise FileNotFoundError(f"no MLmodel under {raw.source}")
            try:
                os.rename(got, target)
            except OSError:
                if not target.is_dir():  # otherwise another process was first: the same files
                    raise
        except (mlflow.MlflowException, OSError) as error:
            raise StudioError(
                f"The files of {version.style!r} version {version.number} "
                f"could not be fetched: {error}",
                f"They should lie at {raw.source}; restore them, or choose another version.",
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    described = yaml.safe_load((target / "MLmodel").read_text())
    return target / str(described["flavors"]["diffusers"]["adapter_weights"])


def set_metrics(
    client: MlflowClient, version: Version, metrics: dict[str, float], tags: dict[str, str]
) -> None:
    """Log figures to the version's run and keep them, with `tags`, on the version itself.

    The version's tags are written one by one: a failure between leaves the earlier ones. Figures
    that are not finite are kept on the version and left out of the run, whose charts refuse them.
    """
    _check_tags(tags)
    for name, value in metrics.items():
        if version.run_id and math.isfinite(value):
            client.log_metric(version.run_id, name, value)
    written = {**tags, **{METRIC + name: repr(float(value)) for name, value in metrics.items()}}
    for key, text in written.items():
        client.set_model_version_tag(version.style, str(version.number), key, text)
    touch(client, version.style)


def describe(
    client: MlflowClient, version: Version, text: Callable[[str], str], tags: dict[str, str]
) -> bool:
    """Give the version another description, made of the one that it has, and other tags; whether
    anything changed."""
    _check_tags(tags)
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
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
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
    metrics = {
        key[len(METRIC) :]: float(text) for key, text in tags.items() if key.startswith(METRIC)
    }
    own = {k: v for k, v in tags.items() if k not in OWN_TAGS and not k.startswith(METRIC)}
    created = datetime.fromtimestamp(raw.creation_timestamp / 1000, UTC)
    return Version(
        style=raw.name,
        number=number,
        stage=_stage(number, aliases, tags.get("stage", "candidate")),
        run_id=raw.run_id or "",
        base=tags.get("base", ""),
        trigger_word=tags.get("trigger_word", ""),
        strength=float(tags.get("strength", "1.0")),
        dataset=tags.get("dataset", ""),
        dataset_digest=tags.get("dataset_digest", ""),
        metrics=metrics,
        params=json.loads(tags.get("params", "{}")),
        tags=own,
        created=created.isoformat(timespec="milliseconds"),
    )


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
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
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


def _make_style(client: MlflowClient, style: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(style)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _requirements() -> list[str]:
    """Pinned to what is installed; given, so that MLflow does not load the model to find out."""
    pins = []
    for name in PACKAGES:
        # A local part such as +cpu is no version that a package index knows.
        pins.append(f"{name}=={importlib.metadata.version(name).split('+')[0]}")
    return pins


def _check_style(style: str) -> None:
    if not STYLE_NAME.fullmatch(style):
        raise StudioError(
            f"{style!r} can't be the name of a style.",
            "Use 1 to 100 letters, digits, spaces, dots, dashes and underscores; "
            "the first a letter or digit.",
        )


def _check_tags(tags: dict[str, str]) -> None:
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
