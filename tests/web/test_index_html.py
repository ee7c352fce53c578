"""The page that Streamlit's scripts begin with, as a browser gets it."""

import asyncio
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from studio.web import index_html

STATIC = Path(streamlit.__file__).parent / "static"
APP = index_html.Shell(
    Starlette(
        routes=[
            Route("/ours", lambda request: HTMLResponse("<title>Sign in</title></head>")),
            Route("/gone", lambda request: HTMLResponse("<title>Streamlit</title>", 404)),
            Route("/json", lambda request: JSONResponse({"a": "</head>"})),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ]
    )
)


def get(path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        to = httpx.ASGITransport(APP)
        async with httpx.AsyncClient(transport=to, base_url="http://studio") as client:
            return await client.get(path, headers={"Accept": "text/html", **headers})

    return asyncio.run(ask())


def test_the_page_names_the_server_and_the_parts_of_ours_before_its_scripts_start():
    plain = (STATIC / "index.html").read_text()
    answer = get("/index.html", **{"If-None-Match": get("/", Accept="*/*").headers["etag"]})
    assert answer.status_code == 200 and "etag" not in answer.headers
    assert "<title>Housestyle</title>" in answer.text
    assert answer.text.index("BACKEND_BASE_URL") < answer.text.index('type="module"')
    added = [name for name in index_html.needed(STATIC / "static" / "js") if name not in plain]
    assert {name.split(".")[0] for name in added} >= set(index_html.PARTS)
    for name in added:
        assert answer.text.count(f'"modulepreload" crossorigin href="./static/js/{name}"') == 1
        assert (STATIC / "static" / "js" / name).is_file()


@pytest.mark.parametrize("path", ["/ours", "/gone", "/json", "/favicon.png"])
def test_other_answers_pass_as_they_are(path):
    answer = get(path)
    assert "BACKEND_BASE_URL" not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
