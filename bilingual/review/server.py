"""The addresses behind the door, and the server: Starlette and uvicorn, of the extra ``[review]``.

Everything runs in one thread, one request after the other: there is one reviewer, and a look at a sentence takes milliseconds.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bilingual.errors import BilingualError, InputError, OutputError
from bilingual.review.desk import ChangedElsewhere, Desk, Wish
from bilingual.review.door import Application, Keys, guarded

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

TYPES = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript", "words.js": "text/javascript"}

LONGEST = 100_000
"""Characters of one English sentence; more is a mistake."""

Say = Callable[[str], None]


def application(desk: Desk, keys: Keys, say: Say = lambda _: None) -> Application:
    """The review of what lies on `desk` as an ASGI application. `say` is told what could not be saved.

    Raises `ImportError` where Starlette is not installed.
    """
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect
    from starlette.responses import Response
    from starlette.routing import Route

    said: set[str] = set()

    def tell(message: str) -> None:
        if message not in said:  # the page tries again by itself
            said.add(message)
            say(message)

    def answer(record: object, status: int = 200) -> Response:
        return Response(json.dumps(record), status, media_type="application/json")  # escaped: half a character cannot be encoded

    def asset(name: str) -> Callable[[Request], Any]:
        async def give(request: Request) -> Response:
            return Response(files(__package__).joinpath(name).read_bytes(), media_type=f"{TYPES[name]}; charset=utf-8")

        return give

    def asked(work: Callable[[dict[str, Any]], object]) -> Callable[[Request], Any]:
        async def take(request: Request) -> Response:
            try:
                return answer(work(_body(await request.body()) if request.method == "POST" else {}))
            except ClientDisconnect:  # a tab that was closed while it was sending: nobody hears the answer
                return Response(status_code=400)
            except ChangedElsewhere as error:
                tell(str(error))
                return answer({"error": str(error), "kind": "changed"}, 409)
            except OutputError as error:
                tell(str(error))
                return answer({"error": str(error), "kind": "disk"}, 507)
            except BilingualError as error:
                return answer({"error": str(error), "kind": "input"}, 422)

        return take

    def save(body: dict[str, Any]) -> object:
        wishes = body.get("sentences")
        if not isinstance(wishes, list):
            raise InputError("sentences: a list is needed")
        done = desk.save([_wish(wish) for wish in wishes])
        if done["warning"]:
            tell(f"{done['warning']}; the correction is in {desk.name}, and not yet in the memory")
        said.clear()
        return done

    async def nothing(request: Request) -> Response:
        return Response(status_code=204)

    routes = [
        Route("/", asset("page.html")),
        *(Route(f"/{name}", asset(name)) for name in ("page.css", "page.js", "words.js")),
        Route("/favicon.ico", nothing),
        Route("/article", asked(lambda _: desk.article())),
        Route("/state", asked(lambda _: {"current": desk.is_current()})),
        Route("/look", asked(lambda body: desk.look(_text(body, "id"), _text(body, "target"))), methods=["POST"]),
        Route("/save", asked(save), methods=["POST"]),
        Route("/reload", asked(lambda _: desk.reload()), methods=["POST"]),
    ]
    return guarded(Starlette(routes=routes), keys)


def _body(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError("the request is not JSON") from error
    if not isinstance(body, dict):
        raise InputError("the request is not an object")
    return body


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or len(value) > LONGEST:
        raise InputError(f"{name}: a text of at most {LONGEST} characters is needed")
    return value


def _wish(body: Any) -> Wish:
    return Wish(_text(body, "id"), _text(body, "target"), _text(body, "base"), restore=body.get("restore") is True)


def listen(port: int) -> socket.socket:
    """A socket that hears this machine alone; port 0 takes a free one. Raises `InputError`."""
    heard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        heard.bind(("127.0.0.1", port))
        heard.listen(64)
    except (OSError, OverflowError) as error:
        heard.close()
        why = getattr(error, "strerror", None) or error
        raise InputError(f"--port {port}: cannot be listened to ({why}); leave it out for a free one") from error
    return heard


def server(app: Application) -> uvicorn.Server:
    """A server for `app`: ``run(sockets=[…])`` answers until the process is told to end, which uvicorn then raises again."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        loop="asyncio",
        http="h11",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)
