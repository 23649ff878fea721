"""The preview in a browser: a server of our own on loopback, which tells open pages when the file has changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from watchfiles import awatch

from newsletter.issues.writing.file_notes import described
from newsletter_cli.editor.showing import Showing
from newsletter_cli.problems import CommandError

LOOPBACK = "127.0.0.1"
PAGE = Path(__file__).parent / "preview_page"
VIEWS = {
    "desktop": ("Email", "/mail"),
    "phone": ("Email on a phone", "/mail"),
    "text": ("Text part", "/text"),
    "page": ("Web page", "/page"),
    "page-phone": ("Web page on a phone", "/page"),
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Of the page around the mail."""

FRAMED = "script-src 'none'; frame-ancestors 'self'"
"""Of mail and page: no script of theirs runs; pictures of other sites are shown, as they will be to readers."""

HEARTBEAT = 15
"""Seconds; a comment now and then shows both sides that the other is still there."""


class PreviewServer:
    """Serves one issue, and looks at it again when its file or its pictures change."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._version = 1
        self._changed = asyncio.Condition()
        self._templates = Environment(loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined)
        self._stopped = asyncio.Event()

    def app(self) -> Starlette:
        """Return the application; only this machine's own name is answered, whatever a page elsewhere asks for."""
        routes = [
            Route("/", self._around),
            Route("/_preview/{name}", self._own_file),
            Route("/mail", self._mail),
            Route("/text", self._text),
            Route("/page", self._page),
            Route("/events", self._events),
            Route("/{path:path}", self._file),
        ]
        hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK])
        return Starlette(routes=routes, middleware=[hosts], lifespan=self._lifespan)

    def stop(self) -> None:
        """Let the pages that wait for news go."""
        self._stopped.set()

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:  # noqa: ARG002 - Starlette's signature
        watching = asyncio.create_task(self._watch())
        watching.add_done_callback(lambda _: self._stopped.set())  # should it fail, open pages say that this has ended
        try:
            yield
        finally:
            self._stopped.set()
            await watching

    async def _watch(self) -> None:
        """Follow the file and its pictures; the folder is watched, as many editors replace a file on saving."""
        file, folder = self._showing.looked.file, self._showing.looked.folder
        while not self._stopped.is_set():
            with_pictures = folder.is_dir()
            places = [file.parent, folder] if with_pictures else [file.parent]
            async for changes in awatch(
                *places,
                recursive=False,
                debounce=200,
                rust_timeout=500,
                stop_event=self._stopped,
                yield_on_timeout=True,
            ):
                ours = [Path(path) for _, path in changes]
                if any(path.name == file.name or folder.name in path.parts for path in ours) and file.exists():
                    await self._look_again()
                if folder.is_dir() is not with_pictures:
                    break

    async def _look_again(self) -> None:
        try:
            await asyncio.to_thread(self._showing.look_again)
        except CommandError:
            return  # gone between two steps of saving; when it is back, that is a change too
        async with self._changed:
            self._version += 1
            self._changed.notify_all()

    async def _around(self, request: Request) -> Response:
        view = request.query_params.get("view", "desktop")
        view, dark = view if view in VIEWS else "desktop", request.query_params.get("dark") == "1"
        page = self._templates.get_template("page.html").render(
            showing=self._showing,
            looked=self._showing.looked,
            described=described,
            version=self._version,
            view=view,
            dark=dark,
            views={name: (words, _query(name, dark=dark)) for name, (words, _) in VIEWS.items()},
            other_light=_query(view, dark=not dark),
            frame=f"{VIEWS[view][1]}?dark={int(dark)}",
        )
        return _answer(page, "text/html", POLICY)

    async def _own_file(self, request: Request) -> Response:
        kinds = {"style.css": "text/css", "script.js": "text/javascript"}
        name = request.path_params["name"]
        if name not in kinds:
            return PlainTextResponse("There is nothing here.", 404)
        return _answer((PAGE / name).read_text(encoding="utf-8"), kinds[name], POLICY)

    async def _mail(self, request: Request) -> Response:
        return _answer(self._showing.mail(base="", dark=_is_dark(request)) or NOTHING_YET, "text/html", FRAMED)

    async def _text(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        return _answer(self._showing.text() or "Nothing to show yet.", "text/plain", FRAMED)

    async def _page(self, request: Request) -> Response:
        return _answer(self._showing.page(base="", dark=_is_dark(request)) or NOTHING_YET, "text/html", FRAMED)

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        file, download = self._showing.files.get(path), self._showing.downloads.get(path)
        if download is not None:
            name = download.linked_file.name
            return FileResponse(download.place, filename=name, headers={"X-Content-Type-Options": "nosniff"})
        if file is None:
            return PlainTextResponse("This is only a preview: the link works in the email and on the site.", 404)
        return Response(file.body, media_type=file.content_type, headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        seen = request.query_params.get("seen", "")
        news = self._news(int(seen) if seen.isdecimal() else self._version)
        return StreamingResponse(news, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _news(self, seen: int) -> AsyncIterator[str]:
        """Yield an event for each version after the one that was seen."""
        yield ": the preview is there\n\n"
        since = 0.0
        while not self._stopped.is_set():
            if self._version > seen:
                seen = self._version
                yield f"event: changed\ndata: {seen}\n\n"
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1), self._changed:
                    await self._changed.wait()
            since += 1
            if since >= HEARTBEAT:
                since = 0
                yield ": still there\n\n"


NOTHING_YET = "<!doctype html><html lang=en><title>Nothing yet</title><p>Nothing to show yet: see what was found."


def _query(view: str, *, dark: bool) -> str:
    wanted: Mapping[str, Any] = {"view": view} | ({"dark": 1} if dark else {})
    return f"/?{urlencode(wanted)}"


def _is_dark(request: Request) -> bool:
    return request.query_params.get("dark") == "1"


def _answer(text: str, kind: str, policy: str) -> Response:
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)
