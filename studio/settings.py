"""Every setting of the studio in one table, and the one precedence that fills it.

A flag on the command line wins over the environment, the environment over `.env`, and that over
the default. Training has settings of its own in `studio.training.config`.
"""

from __future__ import annotations

import getpass
import io
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from studio import masking, numbers
from studio.accounts.sign_in_settings import SignIn, sign_in_of
from studio.errors import StudioError, nearest
from studio.store.place import Place, place_of

CHECKOUT = Path(__file__).resolve().parent.parent
POCKET = CHECKOUT / "pocket"
PORTS, THREADS = 65_535, 1024  # as TCP counts them; more than the cores of any machine here
LONGEST_LINK = 7 * 24 * 60  # minutes; S3 signs for no longer
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST = 1_000_000  # of the limits of one person: jobs, GB, or calls
# How a process's idle threads wait: spinning on they starve the others, asleep at once they cost
# a picture, thousands of small steps, more than half its speed. Ten microseconds do neither.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}
# Services that make 3D models for money, by the names that their settings and price lists have.
PROP_PROVIDERS = {
    "synexa": "Synexa",
    "replicate": "Replicate",
    "meshy": "Meshy",
    "tripo": "Tripo",
    "fal": "fal",
}


@dataclass(frozen=True)
class Setting:
    """One row of the table: the environment's name, the default as text, and a line of help."""

    name: str
    default: str
    help: str


TABLE = (
    Setting("STUDIO_HOME", "", "Folder of all that the studio keeps; unset: var/ of the checkout"),
    Setting("STUDIO_DATABASE_URL", "", "Address of PostgreSQL; unset: SQLite in STUDIO_HOME"),
    Setting("STUDIO_USER", "", "Who is acting, for the ledger; unset: the login name"),
    Setting("STUDIO_HOST", "127.0.0.1", "Address the studio listens on"),
    Setting("STUDIO_PORT", "8501", "Port of the studio's pages"),
    Setting("STUDIO_MLFLOW_PORT", "5000", "Port of MLflow's own pages"),
    Setting("STUDIO_DEVICE", "auto", "auto, cpu, cuda or mps"),
    Setting("STUDIO_THREADS", "0", "CPU threads for a model; 0: all cores"),
    Setting("STUDIO_FID_WEIGHTS", "", "File of pytorch-fid's Inception weights, for true FID"),
    Setting("STUDIO_CLIP_MODEL", "", "MODEL/WEIGHTS of open_clip: evaluation measures by it too"),
    Setting("MLFLOW_TRACKING_URI", "", "A running MLflow server; unset: the studio's own database"),
    Setting("STUDIO_WEBHOOK", "", "Address that gets every notice as JSON, such as Slack's"),
    Setting("STUDIO_WEBHOOK_SECRET", "", "Notices to it are signed with this"),
    Setting("STUDIO_PRIVATE_NETWORKS", "", "Private networks that webhooks and machines may be in"),
    Setting("STUDIO_CAPTION_MODEL", "", "Folder or Hub id of a vision model for captions"),
    Setting("STUDIO_CAPTION_URL", "", "Address of an OpenAI-compatible server for captions"),
    Setting("STUDIO_CAPTION_NAME", "", "The model to ask that server for"),
    Setting("STUDIO_CAPTION_KEY", "", "The key to that server"),
    *(
        setting
        for name, label in PROP_PROVIDERS.items()
        for setting in (
            Setting(f"STUDIO_PROPS_{name.upper()}_KEY", "", f"The key to {label}, for 3D models"),
            Setting(f"STUDIO_PROPS_{name.upper()}_URL", "", f"Another address of {label}"),
        )
    ),
    Setting("STUDIO_PROPS_TRIPOSR", "", "Folder or Hub id of TripoSR's weights, for own 3D models"),
    Setting("STUDIO_PROPS_TRELLIS", "", "Folder or Hub id of TRELLIS.2's weights, for the same"),
    Setting("STUDIO_CHAT_URL", "", "Address of an OpenAI-compatible server that expands wishes"),
    Setting("STUDIO_CHAT_NAME", "", "The language model to ask that server for"),
    Setting("STUDIO_CHAT_KEY", "", "The key to that server"),
    Setting("STUDIO_CHAT_PRICES", "", "Price list of its calls; unset: they cost nothing"),
    Setting("STUDIO_EXPORT_FOLDERS", "", "Folders of games that exports may go to: game=/srv/game"),
    Setting("STUDIO_SIGN_IN", "none", "How people sign in: none, local or oidc"),
    Setting("STUDIO_ADDRESS", "", "Address people type, as https://studio.example.com"),
    Setting("STUDIO_ANYONE", "no", "yes: listen beyond this machine even without sign-in"),
    Setting("STUDIO_MOST_JOBS", "200", "Jobs of one person that may wait or run at once"),
    Setting("STUDIO_MOST_UPLOADS", "20", "GB that one person's uploads hold till they are added"),
    Setting("STUDIO_MOST_DRAWN", "500", "GB of the disk that one person's drawn pictures may take"),
    Setting("STUDIO_MOST_CALLS", "600", "REST calls of one token in a minute"),
    Setting("STUDIO_TOKEN", "", "Token that commands act with, where people sign in"),
    Setting("STUDIO_STORE", "folder", "Where files are kept: folder, or s3 besides"),
    Setting("STUDIO_STORE_BUCKET", "", "The bucket of S3"),
    Setting("STUDIO_STORE_PREFIX", "", "What all keys in the bucket begin with"),
    Setting("STUDIO_STORE_ENDPOINT", "", "Address of the server of S3; unset: Amazon's"),
    Setting("STUDIO_STORE_REGION", "", "The bucket's region; unset: as AWS's own settings say"),
    Setting("STUDIO_STORE_ADDRESS", "", "Address at which browsers reach that server, for links"),
    Setting("STUDIO_STORE_LINKS", "10", "Minutes that a download's link holds"),
    Setting("STUDIO_STORE_LOCAL", "0", "GB of pictures in the bucket that stay here too; 0: all"),
    Setting("STUDIO_STORE_ELSEWHERE", "no", "yes: workers on other machines read from the bucket"),
    Setting("STUDIO_OIDC_METADATA", "", "The provider's /.well-known/openid-configuration"),
    Setting("STUDIO_OIDC_CLIENT", "", "The studio's client id at the provider"),
    Setting("STUDIO_OIDC_SECRET", "", "The studio's client secret at the provider"),
    Setting("STUDIO_OIDC_SCOPES", "openid email profile", "Scopes to ask the provider for"),
    Setting("STUDIO_OIDC_CLAIM", "groups", "The claim that holds a person's groups"),
    Setting("STUDIO_OIDC_ROLES", "", "Role of each group: artists=artist, leads=art lead"),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force. `artifacts` is where MLflow's files lie."""

    home: Path
    artifacts: Path
    user: str
    host: str
    port: int
    mlflow_port: int
    device: str
    threads: int
    fid_weights: Path | None
    mlflow_uri: str | None
    database_url: str | None = field(default=None, repr=False)  # it may hold a password
    webhook: str | None = field(default=None, repr=False)  # Slack's address is a secret itself
    webhook_secret: str | None = field(default=None, repr=False)
    private_networks: tuple[Network, ...] = ()
    sign_in: SignIn = SignIn()
    clip_model: str = ""
    most_jobs: int = 200
    most_uploads: int = 20 * 1024**3
    most_drawn: int = 500 * 1024**3
    most_calls: int = 600
    caption_model: str = ""
    caption_url: str = ""
    caption_name: str = ""
    caption_key: str = field(default="", repr=False)
    prop_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # by provider
    prop_addresses: tuple[tuple[str, str], ...] = ()
    triposr: str = ""
    trellis: str = ""
    chat_url: str = ""
    chat_name: str = ""
    chat_key: str = field(default="", repr=False)
    chat_prices: str = ""
    export_folders: tuple[tuple[str, Path], ...] = ()  # games by their names
    store: Place = Place()

    @property
    def mlflow_host(self) -> str:
        """MLflow knows no roles: where people sign in, it is for this machine only."""
        return "127.0.0.1" if self.sign_in.needed else self.host


def load_settings(environment: Mapping[str, str] | None = None, home: str = "") -> Settings:
    """The settings in force; `home` is a flag. Raises StudioError naming a bad value."""
    given = dict(os.environ if environment is None else environment)
    kept = dotenv()
    known = {row.name for row in TABLE}
    for name in [*kept, *given]:
        if name.startswith("STUDIO_") and name not in known:
            raise StudioError(
                f"There is no setting {name}.",
                f"{nearest(name, known)}Known are: {', '.join(sorted(known))}.",
            )
    values = {row.name: given.get(row.name) or kept.get(row.name) or row.default for row in TABLE}
    folder = home or values["STUDIO_HOME"]
    place = Path(folder).expanduser().resolve() if folder else CHECKOUT / "var"
    artifacts = place / "mlruns" if folder else CHECKOUT / "mlruns"
    if values["STUDIO_DEVICE"] not in ("auto", "cpu", "cuda", "mps"):
        raise StudioError(
            f"STUDIO_DEVICE is {values['STUDIO_DEVICE']!r}.", "Use auto, cpu, cuda or mps."
        )
    _hide(values, given)
    weights = values["STUDIO_FID_WEIGHTS"]
    return Settings(
        home=place,
        artifacts=artifacts,
        user=values["STUDIO_USER"] or getpass.getuser(),
        host=values["STUDIO_HOST"],
        port=numbers.whole("STUDIO_PORT", values["STUDIO_PORT"], 0, PORTS),
        mlflow_port=numbers.whole("STUDIO_MLFLOW_PORT", values["STUDIO_MLFLOW_PORT"], 0, PORTS),
        device=values["STUDIO_DEVICE"],
        threads=numbers.whole("STUDIO_THREADS", values["STUDIO_THREADS"], 0, THREADS),
        fid_weights=Path(weights) if weights else None,
        mlflow_uri=values["MLFLOW_TRACKING_URI"] or None,
        database_url=_database(values["STUDIO_DATABASE_URL"]),
        webhook=_web("STUDIO_WEBHOOK", values["STUDIO_WEBHOOK"]),
        webhook_secret=values["STUDIO_WEBHOOK_SECRET"] or None,
        private_networks=_networks("STUDIO_PRIVATE_NETWORKS", values["STUDIO_PRIVATE_NETWORKS"]),
        sign_in=sign_in_of(values),
        most_jobs=_most(values, "STUDIO_MOST_JOBS"),
        most_uploads=_most(values, "STUDIO_MOST_UPLOADS") * 1024**3,
        most_drawn=_most(values, "STUDIO_MOST_DRAWN") * 1024**3,
        most_calls=_most(values, "STUDIO_MOST_CALLS"),
        clip_model=values["STUDIO_CLIP_MODEL"],
        caption_model=values["STUDIO_CAPTION_MODEL"],
        caption_url=_web("STUDIO_CAPTION_URL", values["STUDIO_CAPTION_URL"]) or "",
        caption_name=values["STUDIO_CAPTION_NAME"],
        caption_key=values["STUDIO_CAPTION_KEY"],
        prop_keys=_by_provider(values, "KEY"),
        prop_addresses=tuple(
            (name, _web(f"STUDIO_PROPS_{name.upper()}_URL", given) or "")
            for name, given in _by_provider(values, "URL")
        ),
        triposr=values["STUDIO_PROPS_TRIPOSR"],
        trellis=values["STUDIO_PROPS_TRELLIS"],
        chat_url=_web("STUDIO_CHAT_URL", values["STUDIO_CHAT_URL"]) or "",
        chat_name=values["STUDIO_CHAT_NAME"],
        chat_key=values["STUDIO_CHAT_KEY"],
        chat_prices=values["STUDIO_CHAT_PRICES"],
        export_folders=_folders("STUDIO_EXPORT_FOLDERS", values["STUDIO_EXPORT_FOLDERS"]),
        store=_store(values),
    )


def dotenv() -> dict[str, str]:
    """What stands in the file `.env`. StudioError naming the line where a setting of the studio
    can't be understood, or the file where it is no UTF-8."""
    file = CHECKOUT / ".env"
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError(f"{file} can't be read: {error}.", "Save it as UTF-8.") from error
    for line in parse_stream(io.StringIO(text)):
        unclear = line.error or (line.key is not None and line.value is None)
        if unclear and re.search(r"\b(STUDIO|TRAIN)_", line.original.string):
            said = line.original.string.strip().partition("=")[0][:40]  # what follows may be secret
            raise StudioError(
                f"{file}, line {line.original.line}, says {said!r}.", "Write NAME=VALUE."
            )
    return {k: v for k, v in dotenv_values(stream=io.StringIO(text)).items() if v is not None}


def in_force() -> dict[str, str]:
    """Every setting's value as people may see it: secrets are hidden."""
    found, kept = {}, dotenv()
    for row in TABLE:
        value = os.environ.get(row.name) or kept.get(row.name) or row.default
        found[row.name] = "(hidden)" if _secret(row.name) and value else _starred(value)
    return found


def _secret(name: str) -> bool:
    return any(word in name for word in ("SECRET", "PASSWORD", "TOKEN", "KEY", "WEBHOOK"))


def _hide(values: Mapping[str, str], given: Mapping[str, str]) -> None:
    """What is secret in the settings stands in no text from now on."""
    for name, value in values.items():
        if _secret(name):
            masking.hide(value)
        if "://" in value:
            masking.hide_address(value)
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):  # the keys to the bucket
        masking.hide(given.get(name, ""))


def _database(text: str) -> str | None:
    if not text:
        return None
    from studio.database.postgres import address

    address(text)
    return text


def _web(name: str, text: str) -> str | None:
    if text and not text.startswith(("https://", "http://")):
        raise StudioError(
            f"{name} is no address.", "Give one that begins with https:// or http://."
        )
    return text or None


def _networks(name: str, text: str) -> tuple[Network, ...]:
    found: list[Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise StudioError(
                f"{name} names {part[:60]!r}, which is no network.",
                "Give networks as 10.0.0.0/8, or addresses, with commas between.",
            ) from error
    return tuple(found)


def _folders(name: str, text: str) -> tuple[tuple[str, Path], ...]:
    """Folders by names of their own; `zip` and `store` are places that are no folder."""
    found: dict[str, Path] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        called, _, folder = (word.strip() for word in part.partition("="))
        place = Path(folder).expanduser()
        good = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", called) and called not in ("zip", "store")
        if not good or called in found or not place.is_absolute():
            raise StudioError(
                f"{name} says {part[:60]!r}.",
                "Give NAME=FOLDER, with commas between: names of a-z, 0-9, - and _, each once and "
                "none of them zip or store; folders from the root, as game=/srv/game.",
            )
        found[called] = place
    return tuple(found.items())


def _by_provider(values: Mapping[str, str], what: str) -> tuple[tuple[str, str], ...]:
    """A setting of each provider of 3D models that has it, by the provider's name."""
    found = {name: values[f"STUDIO_PROPS_{name.upper()}_{what}"] for name in PROP_PROVIDERS}
    return tuple((name, given.strip()) for name, given in found.items() if given.strip())


def _starred(value: str) -> str:
    """An address without its password; any other value as it is."""
    from studio.database.postgres import shown

    return masking.masked(shown(value)) if "://" in value else value


def _store(values: Mapping[str, str]) -> Place:
    minutes = numbers.whole("STUDIO_STORE_LINKS", values["STUDIO_STORE_LINKS"], 1, LONGEST_LINK)
    local = numbers.whole("STUDIO_STORE_LOCAL", values["STUDIO_STORE_LOCAL"], 0, MOST)
    return place_of(values, link_s=minutes * 60, local=local * 1024**3)


def _most(values: Mapping[str, str], name: str) -> int:
    return numbers.whole(name, values[name], 1, MOST)
