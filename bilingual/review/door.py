"""Who may come in: a browser of this machine that holds the token, from the page that came from here; and what it may do then.

What is kept out: other machines (the socket is bound to 127.0.0.1), other programs and users here (the token), pages of the web that
send requests to this machine (the cookie is SameSite=Strict, writes need our origin and JSON), and names that a stranger has pointed at
this machine (the Host header).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 2_000_000
"""Bytes of the body of a request: all sentences of a long article at once."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""The page takes its own style and script, talks to us alone, stands in no frame, and no text becomes markup in it."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(slots=True)
class Keys:
    """What opens the door on `port`: the token, and tickets that open it once.

    A browser that is started from here gets a ticket, since the arguments of a program can be read by everybody on a machine.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    tickets: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers do not part cookies by port, and two reviews must not lock each other out."""
        return f"bilingual-review-{self.port}"

    @property
    def address(self) -> str:
        """Where the page is, with the token.

        >>> Keys(8000, "abc").address
        'http://127.0.0.1:8000/?token=abc'
        """
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def ticket_address(self) -> str:
        """Where the page is, for one visit."""
        ticket = secrets.token_urlsafe(32)
        self.tickets.add(ticket)
        return f"http://127.0.0.1:{self.port}/?token={ticket}"

    def opens(self, given: str) -> bool:
        """Whether `given` is the token, or a ticket, which is used up by that. Takes the same time for every wrong one."""
        right = secrets.compare_digest(given.encode(), self.token.encode())
        ticket = next((one for one in self.tickets if secrets.compare_digest(given.encode(), one.encode())), None)
        self.tickets.discard(ticket or "")
        return right or ticket is not None

    def hosts(self) -> set[str]:
        """The Host headers of our own addresses."""
        names = ("127.0.0.1", "localhost")
        return {f"{name}:{self.port}" for name in names} | (set(names) if self.port == 80 else set())


def guarded(inner: Application, keys: Keys) -> Application:
    """`inner` behind the door. What is refused is answered in a line of plain text; every answer carries `HEADERS`."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await inner(scope, receive, send)
            return
        refused, entering = _refusal(scope, keys)
        extra = dict(HEADERS)
        if entering:
            extra["set-cookie"] = f"{keys.cookie}={keys.token}; Path=/; HttpOnly; SameSite=Strict"

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.decode().lower() not in extra]
                message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in extra.items())]
            await send(message)

        if refused is None:
            await inner(scope, receive, answer)
            return
        status, why = refused
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await answer({"type": "http.response.start", "status": status, "headers": headers})
        await answer({"type": "http.response.body", "body": f"{why}\n".encode()})

    return call


def _refusal(scope: Scope, keys: Keys) -> tuple[tuple[int, str] | None, bool]:
    """Why a request is refused (None where it is not), and whether it has just come in by the address with the token."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    host = headers.get("host", [])
    if len(host) != 1 or host[0].lower() not in keys.hosts():
        return (403, "This is not the name of this page: open the address that bilingual review printed."), False
    method, path = scope["method"], scope["path"]
    entering = False
    if not any(keys.opens(token) for token in _cookies(headers.get("cookie", []), keys.cookie)):
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        entering = method == "GET" and path == "/" and len(given) == 1 and keys.opens(given[0])
        if not entering:
            return (403, "Open the address that bilingual review printed: the token in it is needed."), False
    site = headers.get("sec-fetch-site", ["same-origin"])
    if site != ["same-origin"] and path != "/":
        return (403, "Only the page itself may ask for this."), False
    if method in ("GET", "HEAD"):
        return None, entering
    return _refused_write(headers, host[0]), False


def _refused_write(headers: dict[str, list[str]], host: str) -> tuple[int, str] | None:
    if headers.get("origin") != [f"http://{host}"] or headers.get("sec-fetch-site", ["same-origin"]) != ["same-origin"]:
        return 403, "Only the page itself may write."
    if headers.get("content-type", [""])[0].partition(";")[0].strip().lower() != "application/json":
        return 415, "Only JSON is taken."
    length = headers.get("content-length", [])
    if len(length) != 1 or not length[0].isascii() or not length[0].isdigit():
        return 411, "How long is it?"
    return None if int(length[0][:12]) <= LARGEST else (413, f"More than {LARGEST} bytes.")


def _cookies(headers: list[str], name: str) -> list[str]:
    pairs = (pair.strip().partition("=") for header in headers for pair in header.split(";"))
    return [value for key, _, value in pairs if key == name]
