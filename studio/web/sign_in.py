"""The sign-in page, the way over the identity provider and back, and signing out."""

from __future__ import annotations

import html
from collections import Counter
from urllib.parse import parse_qs, quote

import sqlalchemy as sa
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from studio.accounts import oidc_claims, people, refusal_log, sessions, sign_in
from studio.accounts.tables import used_sign_ins
from studio.context import Studio, now
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.web import forms, provider, session, streamlit_oidc
from studio.web.name_cookie import inside
from studio.web.session import COOKIE
from studio.web.threads import GUARD, KNOWN, PASSWORDS, WRITES, beside

NEXT = "housestyle_next"  # where somebody was going, while they are at the provider
BROWSER = "housestyle_browser"  # the hash of its last session: where this person signed in before
WAITING = 100  # passwords to be looked at; more are told to come back
EACH = 4  # of one sender

LOCAL = """<form method="post" action="/sign-in?next={next}">
<h1>Housestyle</h1><p>Sign in to come in.</p>
<label for="name">Your name</label>
<input id="name" name="name" autofocus required maxlength="200" autocomplete="username"
 autocapitalize="none">
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="200"
 autocomplete="current-password"><span class="wrong" role="alert">{wrong}</span>
<button>Sign in</button></form>"""

OVER = "Your session has ended. Sign in, and you are back where you were."

OIDC = """<form method="get" action="/sign-in/provider"><h1>Housestyle</h1>
<p>Your team's account lets you in.</p><p class="wrong" role="alert">{wrong}</p>
<input type="hidden" name="next" value="{next}">
<button autofocus>Sign in</button></form>"""

OUT = """<form method="post" action="/sign-out"><h1>Housestyle</h1>
<p>You are {name}.</p><button autofocus>Sign out</button>
<p><a href="/">Back to the studio</a></p></form>"""

_waiting: Counter[str] = Counter()  # by sender


async def sign_in_page(request: Request) -> Response:
    """Ask (GET), take name and password (POST), or take what the provider sent."""
    studio = session.studio()
    kind = studio.settings.sign_in.kind
    onward = inside(request.query_params.get("next", "/"))
    if kind == "none" or (request.scope.get("person") and request.method == "GET"):
        return RedirectResponse(onward, 303)
    over = OVER if request.query_params.get("over") else ""
    if kind == "oidc":
        if request.method == "POST":
            return Response(status_code=405)
        return await beside(WRITES, _from_provider, studio, request, onward, over)
    if request.method == "GET":
        return _local(onward, over)
    return await _by_password(studio, request, onward)


async def _by_password(studio: Studio, request: Request, onward: str) -> Response:
    fields = await forms.sent(request, 4000)
    if fields is None:
        return Response(status_code=413)
    name = fields.get("name", "").replace("\0", "")[:200]
    password = fields.get("password", "")[:200]
    address = request.client.host if request.client else ""
    before = request.cookies.get(BROWSER, "")
    sender = await beside(GUARD, sign_in.sender_of, studio.engine, name, address, before)
    full = not sender.known and _waiting.total() >= WAITING
    if full or _waiting[sender.name] >= EACH:
        return _local(onward, "Many people are signing in. Try again in a moment.", 503)
    _waiting[sender.name] += 1
    try:
        secret = await beside(
            KNOWN if sender.known else PASSWORDS,
            sign_in.sign_in,
            studio.engine,
            name,
            password,
            browser=request.headers.get("user-agent", ""),
            now=now(),
            sender=sender,
        )
    finally:
        _waiting[sender.name] -= 1
        if not _waiting[sender.name]:
            del _waiting[sender.name]
    if secret is None:
        return _local(onward, sign_in.NO, 401)
    await beside(WRITES, _end_before, studio, request)
    return _let_in(studio, secret, onward)


async def to_provider(request: Request) -> Response:
    """Send the browser to the identity provider, if that answers."""
    studio = session.studio()
    told = studio.settings.sign_in.provider
    if told is None:
        return RedirectResponse("/sign-in", 303)
    onward = inside(request.query_params.get("next", "/"))
    if not await provider.answers(told.metadata):
        refusal_log.note("", "the identity provider does not answer", address=told.metadata)
        said = "The identity provider does not answer. Nothing is lost; try again in a while."
        return _provided(onward, said, 503)
    answer = RedirectResponse(streamlit_oidc.address(), 303)
    answer.set_cookie(
        NEXT,
        quote(onward),
        max_age=900,
        httponly=True,
        samesite="lax",
        secure=studio.settings.sign_in.secure,
    )
    return answer


def _from_provider(studio: Studio, request: Request, onward: str, over: str) -> Response:
    """Streamlit has sent somebody back from the provider: a session of our own for them."""
    setup = studio.settings.sign_in
    assert setup.provider is not None
    back = request.cookies.get(NEXT)
    came = streamlit_oidc.ticket(request.cookies, setup.address)
    if came is None:
        forged = any(streamlit_oidc.names(request.cookies))
        if forged:
            refusal_log.note("", "a forged or foreign sign-in")
        lost = "The sign-in was not finished. Try again; if that does not help, ask an admin."
        return _cleaned(_provided(onward, lost if forged or back else over), request)
    try:
        arrived = oidc_claims.arrival(came.claims, setup.provider, now())
        use_up(studio.engine, came.hash)
        person = people.provided(studio.engine, arrived.subject, arrived.names, arrived.role, now())
    except StudioError as error:
        refusal_log.note(
            str(came.claims.get("sub", "")), "sign-in", stranger=True, why=error.message
        )
        said = f"{error.message} {error.remedy}"
        return _cleaned(_provided(onward, said, 403), request)
    browser = request.headers.get("user-agent", "")
    secret = sessions.begin(studio.engine, person.id, browser=browser, now=now())
    onward = inside(parse_qs(f"next={back or ''}").get("next", ["/"])[0])
    _end_before(studio, request)
    return _cleaned(_let_in(studio, secret, onward), request)


def use_up(engine: Engine, hash: str) -> None:
    """A sign-in lets in once. StudioError the second time."""
    with writing(engine) as connection:
        old = stamp(now() - 2 * oidc_claims.FRESH - oidc_claims.AHEAD)
        connection.execute(used_sign_ins.delete().where(used_sign_ins.c.at < old))
        this = used_sign_ins.c.hash == hash
        if connection.execute(sa.select(used_sign_ins).where(this)).first():
            raise oidc_claims.OLD
        connection.execute(used_sign_ins.insert().values(hash=hash, at=stamp(now())))


async def sign_out_page(request: Request) -> Response:
    """Ask (GET), then end the session (POST) on the server: its cookie is worth nothing then."""
    studio = session.studio()
    person = request.scope.get("person")
    if request.method == "POST":
        secret = request.cookies.get(COOKIE, "")
        await beside(WRITES, sessions.end, studio.engine, secret, now())
    elif person:
        return forms.answer(OUT.format(name=html.escape(person)))
    answer = RedirectResponse("/sign-in" if studio.settings.sign_in.needed else "/", 303)
    answer.delete_cookie(COOKIE)
    return _cleaned(answer, request)


def _end_before(studio: Studio, request: Request) -> None:
    """A session that the browser held before ends here."""
    if before := request.cookies.get(COOKIE):
        sessions.end(studio.engine, before, now())


def _let_in(studio: Studio, secret: str, onward: str) -> Response:
    answer = RedirectResponse(onward, 303)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(sessions.LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        path="/",
        secure=studio.settings.sign_in.secure,
    )
    answer.set_cookie(
        BROWSER,
        sessions.hashed(secret),
        max_age=int(sessions.LONGEST.total_seconds()),
        httponly=True,
        samesite="strict",
        path="/sign-in",
        secure=studio.settings.sign_in.secure,
    )
    return answer


def _cleaned(answer: Response, request: Request) -> Response:
    """Without Streamlit's cookies, which would be good for another try."""
    for name in streamlit_oidc.names(request.cookies):
        answer.delete_cookie(name)
    if NEXT in request.cookies:
        answer.delete_cookie(NEXT)
    return answer


def _local(onward: str, wrong: str = "", status: int = 200) -> Response:
    form = LOCAL.format(next=quote(onward, safe=""), wrong=html.escape(wrong))
    return forms.answer(form, status)


def _provided(onward: str, wrong: str = "", status: int = 200) -> Response:
    form = OIDC.format(next=html.escape(onward, quote=True), wrong=html.escape(wrong))
    return forms.answer(form, status)


ROUTES = [
    Route("/sign-in", sign_in_page, methods=["GET", "POST"]),
    Route("/sign-in/provider", to_provider),
    Route("/sign-out", sign_out_page, methods=["GET", "POST"]),
]
