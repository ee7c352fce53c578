"""MCP over HTTP, at /mcp: streamable HTTP without sessions, every call answered in JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mcp.server.streamable_http_manager import DEFAULT_MAX_REQUEST_BODY_SIZE as MOST
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from studio.api import bearer, bodies, problems
from studio.api.calls import Caller
from studio.api.mcp.server import Context, server
from studio.api.problems import Told
from studio.context import Studio

# The guard, which stands before it, has looked at Host and Origin: by the names that are the
# studio's, and by addresses, which a list of hosts can't hold.
CHECKED = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class Endpoint:
    """Answers POST as long as it is open; whoever the guard let in is who calls."""

    def __init__(self, studio: Callable[[], Studio]) -> None:
        self.studio = studio
        self.manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Within the application's lifespan. A manager runs once, so each opening has its own."""
        made = StreamableHTTPSessionManager(
            server(self._caller), json_response=True, stateless=True, security_settings=CHECKED
        )
        async with made.run():
            self.manager = made
            try:
                yield
            finally:
                self.manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] != "POST":  # there is no stream to listen to, and no session to end
            said = ("MCP is called by POST alone.", "Send each message as a POST of its own.")
            refusal = problems.answer(path, 405, *said, headers={"Allow": "POST"})
            await refusal(scope, receive, send)
            return
        if self.manager is None:
            said = ("The studio begins or ends.", "Send it again in a moment.")
            await problems.answer(path, 503, *said)(scope, receive, send)
            return
        try:
            with bodies.arriving(str(scope.get("person", "")), receive, MOST) as counted:
                await self.manager.handle_request(scope, counted, send)
        except Told as error:  # while the body came: nothing was answered yet
            await problems.of(error, path, "POST")(scope, receive, send)

    def _caller(self, context: Context) -> Caller:
        studio, asked = self.studio(), context.request
        if asked is None:
            raise RuntimeError("a message over HTTP came without its request")
        bearer.check_holds(studio, asked.headers)  # it may have been withdrawn while one waited
        return Caller(studio, asked.scope.get("person") or studio.settings.user, None)
