"""Who may call the server: host names, origins, tokens, sizes of requests; and headers of every answer.

An ASGI middleware in front of the page and of the MCP server. A request under another host name (DNS
rebinding), from a page of another origin, without the token, or too large never reaches what is behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "dic-ingest-token"
TOO_LARGE = 413
DISCARDED = 16 << 20  # bytes of a body that is refused which are still taken
WAITED = 5.0  # seconds for them
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request must satisfy. `hosts` are names without a port; an empty `token` asks for none.

    `cookie`: a browser may bring the token once as `?token=` and keep it in a cookie. `long_paths` maps paths
    to the bytes that a request there may have; `body` is for all others.
    """

    hosts: frozenset[str]
    token: str = ""
    cookie: bool = False
    body: int = 4 << 20
    long_paths: tuple[tuple[str, int], ...] = ()


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(32)


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app, self.rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            if refusal.status_code == TOO_LARGE:
                await _discard(receive)
            await refusal(scope, receive, _with_headers(send))
            return
        bounded = Bounded(receive, self._most(scope))
        try:
            await self.app(scope, bounded, _with_headers(bounded.noting(send)))
        except TooLargeError:
            if not bounded.answered:
                await _discard(receive)
                await _too_large()(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_name(host) not in self.rules.hosts:
            return PlainTextResponse("This server does not answer under that name.", 421)
        origin = headers.get("origin")
        if origin is not None and not _is_own(origin, host):
            return PlainTextResponse("Requests from pages of another origin are refused.", 403)
        if headers.get("sec-fetch-site", "none") == "cross-site" and scope["method"] != "GET":
            return PlainTextResponse("Requests from pages of another site are refused.", 403)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > self._most(scope):
            return _too_large()
        return self._without_token(scope, headers)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        rules = self.rules
        if not rules.token or _same(_bearer(headers), rules.token):
            return None
        if rules.cookie:
            if _same(_cookie(headers), rules.token):
                return None
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
            if scope["method"] == "GET" and _same(given, rules.token):
                return _remembering(scope["path"], given)
        return PlainTextResponse("A token is needed.", 401, {"www-authenticate": "Bearer"})

    def _most(self, scope: Scope) -> int:
        return dict(self.rules.long_paths).get(scope["path"], self.rules.body)


class TooLargeError(HTTPException):
    """A request went on after its limit; what is behind the guard may answer it as any other HTTP error."""

    def __init__(self) -> None:
        super().__init__(TOO_LARGE, "The request is too large.")


class Bounded:
    """A request's body, read up to `most` bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.left, self.answered = receive, most, False

    async def __call__(self) -> Message:
        """The next message; raises TooLargeError past the limit."""
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise TooLargeError
        return message

    def noting(self, send: Send) -> Send:
        """`send`, remembering that an answer has begun."""

        async def sending(message: Message) -> None:
            self.answered = True
            await send(message)

        return sending


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port and brackets; "" for none that can be read."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018  a property that raises for what is no port
    except ValueError:
        return ""
    return "" if parts.username or parts.path or parts.query else (parts.hostname or "").lower()


def _is_own(origin: str, host: str) -> bool:
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _same(given: str, token: str) -> bool:
    return bool(given) and hmac.compare_digest(given.encode(), token.encode())


def _bearer(headers: Headers) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _remembering(path: str, token: str) -> Response:
    """Back to the same page without the token in its address."""
    answer = RedirectResponse("/" + path.lstrip("/\\"), 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return answer


def _too_large() -> Response:
    return PlainTextResponse("The request is too large.", TOO_LARGE, {"connection": "close"})


async def _discard(receive: Receive) -> None:
    """Take what is left of a body, within bounds: a client that is still sending does not read an answer."""
    left, more = DISCARDED, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAITED):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)


def _with_headers(send: Send, extra: Iterable[tuple[str, str]] = ()) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, "content-security-policy": POLICY, **dict(extra)}.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
