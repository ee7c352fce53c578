"""One thread a process keeps the tests steady on small machines; a PostgreSQL for those on it.

`--database postgres` runs every test whose studio is opened in the test's own process on
PostgreSQL; without it only those that ask for `either_database` see both.
"""

import gc
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from xdist.scheduler import LoadFileScheduling

from studio.database import engine as db
from studio.database import postgres
from studio.settings import Settings, load_settings
from studio.store.place import Place
from studio.tracking import tables
from tests.services import radosgw

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
MAIN = sys.modules["__main__"]
gc.set_threshold(20_000, 20, 100)  # a twelfth of some files' time went into looking for garbage


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


class Sharing(LoadFileScheduling):
    """With `-n 2` the tests of a file stay together, those in a browser with the studio that they
    share."""

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)


def _together(nodeid: str) -> str:
    return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # of xdist, by numbers alone


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no process is left alone with it at the end; then
    what has many tests."""
    many = Counter(_together(item.nodeid) for item in items)
    longest = Counter[str]()
    for item in items:
        mark, group = item.get_closest_marker("timeout"), _together(item.nodeid)
        longest[group] = max(longest[group], int(mark.args[0]) if mark else 0)
    items.sort(key=lambda item: _first(_together(item.nodeid), longest, many))


def _first(group: str, longest: Counter[str], many: Counter[str]) -> tuple[int, int, str]:
    return -longest[group], -many[group], group


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


@pytest.fixture(scope="module", autouse=True)
def _settled() -> Iterator[None]:
    """What a module leaves behind is not looked at again: late in the suite each collection of
    garbage, and the code asks for some, would take seconds."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Commands that run within a test take other people's rights from all that comes after."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's AppTest leaves its page as `__main__`, which a process that a later test spawns
    would run."""
    monkeypatch.setitem(sys.modules, "__main__", MAIN)


@dataclass
class Cluster:
    """A PostgreSQL server of the tests' own, on a socket in `folder`; `user` runs it."""

    folder: Path
    programs: Path
    user: str | None
    numbers: Iterator[int] = field(default_factory=count)
    ready: dict[bool, str] = field(default_factory=dict)  # databases with all tables, to be copied

    def url(self, name: str) -> str:
        return f"postgresql://studio@/{name}?host={self.folder}"

    def run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *words]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        settings = f"-k {self.folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", settings, "start")

    def stop(self, how: str = "fast") -> None:
        self.run("pg_ctl", "-w", "-m", how, "stop")

    def kill(self) -> None:
        """End it with kill -9, all of it at once: backends that outlive their server would go on
        writing its log."""
        file = self.folder / "data" / "postmaster.pid"
        server = psutil.Process(int(file.read_text().split()[0]))
        server.suspend()  # it begins no further one
        parts = [server, *server.children(recursive=True)]
        for part in parts:
            with suppress(psutil.NoSuchProcess):
                part.kill()
        psutil.wait_procs(parts, 20)  # until then no other starts in its place

    def database(self, ready: bool = False, mlflow: bool = False) -> str:
        """The address of a new database: an empty one, or a studio that is `ready`, with the tables
        of MLflow's records or without."""
        if ready and mlflow not in self.ready:
            url = self.database(ready=mlflow)
            home = self.folder.with_suffix(".home")
            db.open_database(home, url).dispose()
            if mlflow:
                tables.bring_up_to_date(tables.place(home, url), home)
            self.ready[mlflow] = str(postgres.address(url).database)
        name = f"studio{next(self.numbers)}"
        place = postgres.address(self.url("postgres"))
        engine = sa.create_engine(place, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE {self.ready[mlflow] if ready else 'template1'}"
            )
        engine.dispose()
        if ready:  # but for its secret, which every studio has for itself
            engine = sa.create_engine(postgres.address(self.url(name)))
            with engine.begin() as connection:
                secret = {"value": secrets.token_hex(32)}
                connection.execute(sa.text("UPDATE review_secret SET value = :value"), secret)
            engine.dispose()
        return self.url(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running server; the test is skipped where PostgreSQL's programs are not to be had."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    program = found[-1] if found else Path(named).resolve() if named else None
    if program is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="hs-pg-", dir="/tmp"))  # a socket's path must be short
    if user:
        shutil.chown(folder, user)
    made = Cluster(folder, program.parent, user)
    try:
        made.run("initdb", "-U", "studio", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        made.start()
        yield made
        made.stop("immediate")
    finally:
        # Of hundreds of databases these are minutes, which are no test's.
        left = [str(folder), str(folder.with_suffix(".home"))]
        subprocess.Popen(["rm", "-rf", *left], start_new_session=True)


@pytest.fixture(scope="session")
def gateway() -> Iterator[radosgw.Gateway]:
    """A running server of S3; the test is skipped where its programs are not to be had."""
    if lacking := radosgw.lacks():
        pytest.skip(lacking)
    with radosgw.running() as gateway:
        yield gateway


@pytest.fixture(scope="session")
def owner(gateway: radosgw.Gateway) -> radosgw.Keys:
    """Whose the buckets of the tests are."""
    return gateway.user("studio")


@pytest.fixture
def in_s3(gateway: radosgw.Gateway, owner: radosgw.Keys, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place in a new bucket, with its owner's keys in the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in owner.environment.items():
        monkeypatch.setenv(name, value)
    place = Place("s3", f"art-{secrets.token_hex(6)}", "one/", gateway.address, region="us-east-1")
    for name, value in place.environment.items():  # as an opened studio sets it, till the test ends
        monkeypatch.setenv(name, value)
    radosgw.client(gateway, owner).create_bucket(Bucket=place.bucket)
    return place


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], Settings]:
    """Settings of a new place for a studio: `place("old", "postgres")`."""

    def make(name: str, kind: str) -> Settings:
        home = tmp_path / name
        url = ""
        if kind == "postgres":
            url = request.getfixturevalue("cluster").database(ready=True, mlflow=True)
        return load_settings(
            {"STUDIO_HOME": str(home), "STUDIO_DATABASE_URL": url, "STUDIO_PORT": "8621"}
        )

    return make


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A place on SQLite, which needs no PostgreSQL."""
    return load_settings({"STUDIO_HOME": str(tmp_path / "old"), "STUDIO_PORT": "8621"})


@pytest.fixture
def on_postgres(cluster: Cluster) -> Iterator[None]:
    """Studios opened in this process without an address are on PostgreSQL, one for each folder."""
    made: dict[Path, str] = {}
    newest = db.MIGRATIONS

    def address(home: Path, url: str | None) -> sa.URL:
        if not url:
            url = made.get(home) or cluster.database(ready=newest == db.MIGRATIONS)
            made[home] = url
        return postgres.address(url)

    with pytest.MonkeyPatch.context() as patch:  # a test may undo its own
        patch.setattr(db, "address", address)
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def either_database(request: pytest.FixtureRequest) -> str:
    """The test is run on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    elif request.config.getoption("database") == "postgres":
        pytest.skip("run without --database postgres")
    return str(request.param)


@pytest.fixture(autouse=True)
def _as_asked(request: pytest.FixtureRequest) -> None:
    asked = request.config.getoption("database") == "postgres"
    if asked and "either_database" not in request.fixturenames:
        request.getfixturevalue("on_postgres")


@pytest.fixture
def url_of() -> Callable[[sa.Engine], str]:
    """The address to open an engine's database by in another process; empty on SQLite."""

    def url(engine: sa.Engine) -> str:
        on_postgres = db.is_postgres(engine)
        return engine.url.render_as_string(hide_password=False) if on_postgres else ""

    return url
