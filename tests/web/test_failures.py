"""What goes wrong is said plainly, and nothing of a traceback reaches a browser."""

import errno
import logging
import re

import pytest
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.testing.v1 import AppTest

from studio.accounts.rights import NotAllowed
from studio.api.trouble import Refused
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.store.bucket_errors import Away
from studio.web.failures import Failures
from studio.web.headers import Policy
from studio.web.responses import refusal, route

AWAY = DatabaseAway("The disk is full <b>.", "Make room on it.")
RAISED = {
    "away": (AWAY, 503, "Make room on it."),
    "bucket": (Away("The bucket does not answer.", "Try again in a minute."), 503, "in a minute"),
    "studio": (StudioError("It can't be opened.", "Look."), 503, "Look."),
    "barred": (NotAllowed("Vi may not.", "This is for artists."), 403, "artists"),
    "late": (Refused(408, "Late.", "Again."), 408, "Again."),
    "sql": (OperationalError("SELECT secret", {}, Exception("x")), 503, "does not answer"),
    "full": (OSError(errno.ENOSPC, "No space", "/x"), 503, "Make room"),
    "readonly": (OSError(errno.EROFS, "Read-only", "/x"), 503, "rights of its folder"),
    "long": (OSError(errno.ENAMETOOLONG, "File name too long", "/x"), 404, "so long a name"),
    "mlflow": (MlflowException("API request to http://x/api failed with exception y"), 503, "Have"),
    "bug": (KeyError("hunter2"), 500, "Something went wrong"),
}


@pytest.fixture
def client():
    async def fail(request: Request):
        raise RAISED[request.path_params["what"]][0]

    def beside(request: Request):
        raise RAISED[request.path_params["what"]][0]

    async def halfway(request: Request):
        async def pieces():
            yield b"a"
            raise KeyError

        return StreamingResponse(pieces())

    async def socket(websocket):
        await websocket.accept()
        raise KeyError

    def file(request: Request):
        return FileResponse("/nowhere/at/all.zip", filename="all.zip")

    routes = [
        Route("/in/{what}", fail),
        route("/beside/{what}", beside),
        route("/download", file),
        Route("/halfway", halfway),
        WebSocketRoute("/socket", socket),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Policy), Middleware(Failures)])
    return TestClient(app)


@pytest.mark.parametrize("what", RAISED)
def test_an_error_is_an_answer(client, what):
    _, status, words = RAISED[what]
    plain = client.get(f"/in/{what}")
    assert plain.status_code == status and words in plain.text
    page = client.get(f"/in/{what}", headers={"accept": "text/html"})
    assert page.status_code == status and words in page.text and "<h1>Housestyle" in page.text
    for answer in (plain, page):
        assert "Traceback" not in answer.text and "hunter2" not in answer.text
        assert "secret" not in answer.text and "<b>" not in page.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (status == 503) == ("retry-after" in answer.headers)


@pytest.mark.parametrize("path", ["/download", "/beside/studio", "/beside/bucket"])
def test_a_download_that_fails_is_a_card_for_who_clicked_and_words_for_others(client, path):
    status, words = {
        "/download": (404, "The file is gone."),
        "/beside/studio": (404, "It can&#x27;t be opened."),
        "/beside/bucket": (503, "Try again in a minute."),
    }[path]
    card = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert card.status_code == status and words in card.text
    assert "<h1>Housestyle" in card.text and 'role="alert"' in card.text
    plain = client.get(path, headers={"accept": "image/*,*/*;q=0.8"})
    assert plain.status_code == status and plain.headers["content-type"].startswith("text/plain")
    for answer in (card, plain):
        assert answer.headers["cache-control"] == "no-store"  # it may be there the next time
        assert (status == 503) == ("retry-after" in answer.headers)


@pytest.mark.parametrize("what", ["away", "bucket", "full", "readonly", "mlflow"])
def test_a_file_is_not_called_gone_where_something_is_only_away(client, what):
    assert client.get(f"/beside/{what}").status_code == 503
    assert client.get("/beside/studio").status_code == 404
    assert refusal(AWAY, 422).status_code == 503
    assert refusal(StudioError("no"), 422).status_code == 422


def test_the_log_has_the_traceback_under_the_number_that_was_told(client, caplog):
    with caplog.at_level(logging.ERROR):
        number = re.search(r"error (\w{8})", client.get("/in/bug").text)[1]
    row = next(row for row in caplog.records if number in row.getMessage())
    assert "GET /in/bug" in row.getMessage() and row.exc_info[0] is KeyError


def test_an_answer_that_has_begun_is_broken_off(client):
    with pytest.raises(KeyError):
        client.get("/halfway")


def test_a_websocket_is_closed(client):
    with client.websocket_connect("/socket") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1011


@pytest.mark.parametrize("what", ["away", "mlflow", "bug"])
def test_a_page_shows_a_box_in_place_of_an_error(what, caplog):
    def page(what):
        from studio.web import page_errors
        from tests.web.test_failures import RAISED

        assert page_errors.show(RAISED[what][0]) is True

    at = AppTest.from_function(page, args=(what,)).run()
    assert not at.exception and len(at.error) == 1
    said = at.error[0].value.replace("\\", "")
    assert RAISED[what][2] in said and "hunter2" not in said and "Traceback" not in said
    if what == "bug":
        number = re.search(r"error (\w{8})", said)[1]
        assert any(number in row.getMessage() for row in caplog.records)
