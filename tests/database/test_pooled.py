"""A studio behind PgBouncer in transaction mode, the real one: its own tables through the pool,
MLflow's by an address without it."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.database import engine as db
from studio.database import postgres
from studio.errors import StudioError
from studio.operations import backup
from studio.settings import load_settings
from studio.tracking import tables
from studio.tracking.client import connect, tracking
from tests.cut_off import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def pool(cluster, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts one with two of the server's sessions for all: a database's address through it."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str, more: str = "") -> str:
        port = free_port()
        folder = cluster.folder / f"pool{port}"
        folder.mkdir()
        file = folder / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n* = host={cluster.folder} user=studio\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = transaction\ndefault_pool_size = 2\n{more}\n"
        )
        as_user = ["runuser", "-u", cluster.user, "--"] if cluster.user else []
        with (folder / "log").open("wb") as log:
            started.append(subprocess.Popen([*as_user, program, str(file)], stderr=log, cwd="/"))
        name = postgres.address(url).database
        through = f"postgresql://studio@127.0.0.1:{port}/{name}"
        for _ in range(200):
            try:
                sa.create_engine(postgres.address(through)).connect().close()
                return through
            except sa.exc.OperationalError:
                assert started[-1].poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError((folder / "log").read_text())

    yield start
    for one in started:
        one.terminate()
        one.wait(20)


def test_the_studios_tables_are_as_without_it(cluster, pool, tmp_path: Path):
    through = pool(cluster.database())
    engine = db.open_database(tmp_path, through)
    failed: list[BaseException] = []

    def work() -> None:  # more at once than the server has sessions; more often than is prepared
        try:
            for _ in range(12):
                with db.writing(engine) as connection:
                    db.bump(connection)
                    kept = connection.exec_driver_sql("SHOW lock_timeout").scalar()
                    assert kept == "30s"
                    assert connection.exec_driver_sql("SHOW TimeZone").scalar() == "UTC"
                db.revision(engine)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and db.revision(engine) == 72
    engine.dispose()
    plain = sa.create_engine(postgres.address(through))
    with plain.connect() as connection:  # nothing was left behind in the server's sessions
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"
    plain.dispose()


@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options"])
def test_mlflow_needs_an_address_without_it_and_says_so(cluster, pool, tmp_path: Path, more):
    direct = cluster.database(ready=True)
    through = {"STUDIO_HOME": str(tmp_path / "home"), "STUDIO_DATABASE_URL": pool(direct, more)}
    settings = load_settings(through)
    engine = db.open_database(settings.home, settings.database_url)
    with pytest.raises(StudioError, match="does not hand on the `options`") as told:
        connect(tracking(settings.home, settings.artifacts, None, settings.database_url))
    assert "MLFLOW_TRACKING_URI=postgresql://" in told.value.remedy
    assert not sa.inspect(engine).has_table("experiments")
    settings = load_settings(
        {**through, "MLFLOW_TRACKING_URI": f"{direct}&options=-csearch_path%3Dmlflow"}
    )
    place = tracking(settings.home, settings.artifacts, settings.mlflow_uri, settings.database_url)
    assert place.own
    connect(place).create_registered_model("props")
    seen = sa.inspect(engine)
    assert not seen.has_table("experiments") and seen.has_table("experiments", schema="mlflow")
    with engine.connect() as connection, tables.within(connection):
        assert tables.told(connection) == 1
    file = tmp_path / "all.tar"
    assert backup.back_up(settings, file, datetime.now(UTC), print).mlflow
    with tarfile.open(file) as tar:
        assert b'"props"' in tar.extractfile("mlflow/registered_models.jsonl").read()
    engine.dispose()
