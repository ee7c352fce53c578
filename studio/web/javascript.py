"""The JavaScript of our screens: ES modules in `screens/`, sent to a browser as one file.

A browser would fetch a module's imports one after another. So the file holds every module, each
in a function of its own that returns what it exports, after those that it imports. It and the
modules have addresses with a hash of all of them: whoever has them keeps them for good, and a new
version of the studio has new addresses.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio.settings import CHECKOUT
from studio.web.responses import FOR_EVER, ONCE

FOLDER = CHECKOUT / "studio" / "web" / "screens"
BUNDLE = "screens.js"
# All that modules may write: named imports from beside them, and named exports.
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
# Lines of their own: a browser has no use for them. None stands within a text of several lines.
COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)


@cache
def modules(folder: Path = FOLDER) -> dict[str, str]:
    """The source of each module by its file's name; what a module imports stands before it.
    graphlib.CycleError where modules import each other."""
    sources = {file.name: file.read_text("utf-8") for file in sorted(folder.glob("*.js"))}
    imports = {name: imported(source) for name, source in sources.items()}
    return {name: sources[name] for name in TopologicalSorter(imports).static_order()}


def imported(source: str) -> list[str]:
    """The files that a module imports from, in its order."""
    return [file for _, file in IMPORT.findall(source)]


@cache
def bundle(folder: Path = FOLDER) -> str:
    """One module with all of them in it; it exports the `mount` of each screen by its name."""
    parts = ["const modules = {};"]
    for name, source in modules(folder).items():
        parts.append(f'modules["{name}"] = (() => {{\n{enclosed(source)}}})();')
    screens = [file.stem for file in sorted(folder.glob("*.html"))]
    parts += [f'export const {screen} = modules["{screen}.js"].mount;' for screen in screens]
    return "\n".join(parts) + "\n"


@cache
def digest(folder: Path = FOLDER) -> str:
    """Names what is sent: another module, or another way to put them together, has another."""
    return hashlib.sha256(bundle(folder).encode()).hexdigest()[:16]


def enclosed(source: str) -> str:
    """A module as a function's body, without comments: imports are taken from `modules`, exports
    returned."""
    source = COMMENT.sub("", source)
    exports = ", ".join(EXPORT.findall(source))
    body = IMPORT.sub(
        lambda found: f'const {{{found[1].replace(" as ", ": ")}}} = modules["{found[2]}"];\n',
        EXPORT.sub("", source),
    )
    if strange := OTHER.search(body):
        raise ValueError(f"no import or export as they are written here: {strange[0]}")
    return f"{body}return {{ {exports} }};\n"


def address(name: str = BUNDLE) -> str:
    """Where the file is: under a name that changes when any module does."""
    return f"/screens/{digest()}/{name}"


def loader(screen: str) -> str:
    """What a component itself consists of: it fetches the bundle, once for all screens."""
    return (
        f'const screens = new URL("{address()}", location.origin);\n'
        f"export default async (component) => (await import(screens)).{screen}(component);\n"
    )


def module_file(request: Request) -> Response:
    """The bundle, or one module of it."""
    name = request.path_params["name"]
    source = bundle() if name == BUNDLE else modules().get(name)
    if source is None or request.path_params["digest"] != digest():
        return Response(status_code=404, headers=ONCE)
    return Response(source, media_type="text/javascript", headers=FOR_EVER)


ROUTES = [Route("/screens/{digest}/{name}", module_file)]
