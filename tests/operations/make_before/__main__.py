# mypy: ignore-errors
"""Makes the studio of the version before that `test_before.py` restores; written for its code.

Run with a checkout of commit 0923822 in a neutral place, never with today's code:

    git worktree add /srv/housestyle 0923822 && cd /srv/housestyle
    STUDIO_HOME=/srv/studio STUDIO_THREADS=1 OMP_NUM_THREADS=1 PYTHONPATH=. \
        python .../tests/operations/make_before before-0923822

It leaves before-0923822.tar.xz, a backup by `python -m studio backup`, and before-0923822.json:
what was in the studio when it was backed up, as told by the databases and the files themselves.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import yaml
from learned import datasets, known, shelved, swept, trained
from maker import Maker, cut
from used import drawn, judged, released

from studio import ledger
from studio.errors import StudioError
from studio.jobs import queue
from studio.registry import models
from studio.settings import TABLE
from studio.training import config


def tables(file: Path) -> dict[str, dict]:
    """Each table's columns, number of rows and sha256 of them, by SQLite itself."""
    found = {}
    with closing(sqlite3.connect(file)) as plain:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in plain.execute(names + " ORDER BY name").fetchall():
            columns = sorted(row[1] for row in plain.execute(f'PRAGMA table_info("{name}")'))
            chosen = ", ".join(f'"{column}"' for column in columns)
            rows = sorted(repr(row) for row in plain.execute(f'SELECT {chosen} FROM "{name}"'))
            digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
            found[name] = {"columns": columns, "rows": len(rows), "sha256": digest}
    return found


def settings() -> dict[str, object]:
    """Every setting's name and default, and a YAML file of all that a training file may say."""
    written: dict[str, dict[str, object]] = {}
    for group, names in config.GROUPS.items():
        for name in (name for name, field in names.items() if field):
            written.setdefault(group, {})[name] = _another(name)
    file = Path("train.yaml")
    file.write_text(yaml.safe_dump(written))
    read = asdict(config.load_config("fast", file, None, {}))
    file.unlink()
    return {
        "environment": {row.name: row.default for row in TABLE},
        "yaml": written,
        "read": read,
        "presets": {
            name: asdict(config.load_config(name, None, None, {})) for name in config.PRESETS
        },
    }


def _another(name: str) -> object:
    """A value of the training setting that is not its default, where one is easily had."""
    value = getattr(config.TrainConfig, name)
    tried = [
        *config.CHOICES.get(name, ()),
        not value if isinstance(value, bool) else None,
        value + 1 if isinstance(value, int) and not isinstance(value, bool) else None,
        value / 2 or 0.25 if isinstance(value, float) else None,
        "gem=2",
        "attention",
    ]
    for other in tried:
        try:
            if other is not None and other != value and name != "base":
                config.load_config("fast", None, {name: other}, {})
                return other
        except StudioError:
            continue
    return value


def main(name: str) -> None:
    made = Maker()
    for step in (known, datasets, trained, swept, shelved, released, drawn, judged):
        print(step.__name__, flush=True)
        step(made)
    jobs = queue.listing(made.engine, limit=1000)
    there = [
        v
        for style in models.styles(made.studio.client)
        for v in models.list_versions(made.studio.client, style)
    ]
    told = {
        **made.told,
        "jobs": [[j.id, j.kind, j.state, j.asked_by, j.kept] for j in reversed(jobs)],
        "versions": [asdict(version) for version in there],
        "flaws": ledger.flaws(made.engine),
        "settings": settings(),
    }
    made.engine.dispose()
    file = Path(f"{name}.tar").resolve()
    file.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "studio", "backup", str(file)], check=True)
    told["tables"] = tables(made.home / "studio.db")
    told["mlflow"] = {n: one["rows"] for n, one in tables(made.home / "mlflow.db").items()}
    told["files"] = {
        path.relative_to(made.home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(made.home.rglob("*"))
        if path.is_file()
        and path.suffix not in (".lock", ".db")
        and ".part" not in path.name
        and not path.name.endswith((".db-wal", ".db-shm"))
        and path.relative_to(made.home).parts[0] not in ("cache", "backups")
    }
    Path(f"{name}.json").write_text(json.dumps(told, indent=0, ensure_ascii=False) + "\n")
    with lzma.open(f"{name}.tar.xz", "wb", preset=9 | lzma.PRESET_EXTREME) as out:
        out.write(file.read_bytes())
    file.unlink()


if __name__ == "__main__":
    try:
        cut(*sys.argv[2:]) if sys.argv[1] == "--cut" else main(sys.argv[1])
    except StudioError as error:
        raise SystemExit(f"{error.message} {error.remedy}") from error
