"""The inbox over HTTP: a JSON API for tests, pages for people. Pages link relatively, so any prefix will do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from local.simulator.inbox import reading
from local.simulator.inbox.store import Filter, Inbox
from local.simulator.mailbox import Fate
from local.simulator.message import Message
from newsletter.web.mail_preview import preview

PAGE = 50
TAKEN_APART = 1000
"""Messages that are kept as they were answered; some 50 MB of them, when all are issues."""

VIEWS = {
    "desktop": "Desktop",
    "phone": "Phone",
    "dark": "Dark",
    "text": "Text",
    "source": "Source",
    "headers": "Headers",
}
_TAG = "tag."
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
# The mail may show pictures from this laptop and nothing else: reading it here must not tell anybody. What its links
# open has to leave the sandbox, or the button of a confirmation page would be dead.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def inbox_routes(inbox: Inbox) -> list[BaseRoute]:
    """Return the routes of the inbox, relative to where it is mounted."""
    pages = _Pages(inbox)
    api = _Api(inbox)
    return [
        Route("/", pages.list),
        Route("/style.css", pages.style),
        Route("/empty", pages.empty, methods=["POST"]),
        Route("/messages/{id}", pages.message),
        Route("/messages/{id}/body.html", pages.body),
        Route("/messages/{id}/message.eml", pages.source),
        Route("/api/messages", api.list, methods=["GET"]),
        Route("/api/messages", api.empty, methods=["DELETE"]),
        Route("/api/messages/{id}", api.message),
    ]


def _filter(request: Request) -> Filter:
    query = request.query_params
    tags = {name.removeprefix(_TAG): value for name, value in query.items() if name.startswith(_TAG) and value}
    return Filter(to=query.get("to", ""), subject=query.get("subject", ""), tags=tags)


def _number(request: Request, name: str, default: int | None) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not given.isdigit():
        raise HTTPException(400, f"{name} is a number")
    return int(given)


class _Api:
    """JSON. A list is written message by message: a hundred thousand of them never stand in memory together."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._taken_apart: dict[str, bytes] = {}

    async def list(self, request: Request) -> Response:
        """Return messages, newest first; `limit`, `offset` and `view=summary` (without bodies) make less of it."""
        found = list(self._inbox.find(_filter(request)))
        total = len(found)
        offset = _number(request, "offset", 0) or 0
        limit = _number(request, "limit", None)
        found = found[offset : None if limit is None else offset + limit]
        shape = _summary if request.query_params.get("view") == "summary" else self._whole
        return StreamingResponse(
            _written(found, shape),
            media_type="application/json",
            headers={**_HEADERS, "X-Total-Count": str(total)},
        )

    async def message(self, request: Request) -> Response:
        """Return one message."""
        whole = self._whole(_wanted(self._inbox, request))
        return Response(whole, media_type="application/json", headers=_HEADERS)

    async def empty(self, request: Request) -> Response:  # noqa: ARG002
        """Forget all messages."""
        self._inbox.clear()
        return Response(status_code=204)

    def _whole(self, message: Message) -> bytes:
        """Taking one apart takes milliseconds, and whoever waits for one asks for all of them ten times a second."""
        known = self._taken_apart.get(message.message_id)
        if known is None:
            known = self._taken_apart[message.message_id] = json.dumps(reading.whole(message)).encode()
            if len(self._taken_apart) > TAKEN_APART:
                del self._taken_apart[next(iter(self._taken_apart))]
        return known


def _summary(message: Message) -> bytes:
    return json.dumps(reading.summary(message)).encode()


async def _written(messages: Iterable[Message], shape: Callable[[Message], bytes]) -> AsyncIterator[bytes]:
    yield b"["
    for number, message in enumerate(messages):
        yield (b"," if number else b"") + shape(message)
        await asyncio.sleep(0)  # whoever sends meanwhile is served in between
    yield b"]"


def _wanted(inbox: Inbox, request: Request) -> Message:
    message = inbox.get(request.path_params["id"])
    if message is None:
        raise HTTPException(404, "This message is not here: the inbox was emptied, or the stack started anew.")
    return message


class _Pages:
    """HTML, made here and whole: no script, nothing from elsewhere."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        folder = Path(__file__).parent / "pages"
        self._style = (folder / "style.css").read_text()
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _page(self, name: str, **context: Any) -> Response:
        html = self._templates.get_template(name).render(**context)
        return Response(html, media_type="text/html", headers={**_HEADERS, "Content-Security-Policy": _PAGE_POLICY})

    async def style(self, request: Request) -> Response:  # noqa: ARG002
        return Response(self._style, media_type="text/css", headers=_HEADERS)

    async def list(self, request: Request) -> Response:
        wanted = _filter(request)
        found = list(self._inbox.find(wanted))
        offset = _number(request, "offset", 0) or 0
        query = {name: value for name, value in request.query_params.items() if name != "offset" and value}
        issues = sorted({dict(each.tags).get("issue", "") for each in self._inbox.find(Filter())} - {""}, reverse=True)
        return self._page(
            "list.html",
            rows=[_row(each) for each in found[offset : offset + PAGE]],
            total=len(found),
            kept=len(self._inbox),
            first=offset + 1,
            last=min(offset + PAGE, len(found)),
            newer="?" + urlencode({**query, "offset": max(0, offset - PAGE)}) if offset else "",
            older="?" + urlencode({**query, "offset": offset + PAGE}) if offset + PAGE < len(found) else "",
            wanted=wanted,
            filtered=bool(query),
            issue=wanted.tags.get("issue", ""),
            issues=issues,
        )

    async def message(self, request: Request) -> Response:
        message = _wanted(self._inbox, request)
        view = request.query_params.get("view", "")
        found = reading.read(message)
        if view not in VIEWS:
            view = "desktop" if found.html else "text"
        return self._page(
            "message.html",
            row=_row(message),
            view=view,
            views=VIEWS,
            message=found,
            tags=message.tags,
            size=f"{len(found.raw.encode()) / 1024:.1f} KB",
            sender=found.header("From"),
        )

    async def body(self, request: Request) -> Response:
        found = reading.read(_wanted(self._inbox, request))
        html = found.html or "<p>This message has no HTML part.</p>"
        shown = preview(html, dark=request.query_params.get("scheme") == "dark")
        return Response(shown, media_type="text/html", headers={**_HEADERS, "Content-Security-Policy": _MAIL_POLICY})

    async def source(self, request: Request) -> Response:
        message = _wanted(self._inbox, request)
        return Response(
            message.raw(),
            media_type="message/rfc822",
            headers={**_HEADERS, "Content-Disposition": f'attachment; filename="{message.message_id}.eml"'},
        )

    async def empty(self, request: Request) -> Response:  # noqa: ARG002
        self._inbox.clear()
        return RedirectResponse("./", 303)


_REMARKS = {
    Fate.BOUNCED: "bounced",
    Fate.COMPLAINED: "called spam",
    Fate.OUT_OF_OFFICE: "out of office",
    Fate.SUPPRESSED: "suppressed",
    Fate.SUPPRESSED_GLOBALLY: "suppressed",
}


def _row(message: Message) -> dict[str, Any]:
    sent_at = reading.sent_at(message)
    tags = dict(message.tags)
    remarks: Sequence[str] = sorted({_REMARKS[fate] for fate in message.fates if fate in _REMARKS})
    return {
        "id": message.message_id,
        "to": ", ".join(message.recipients),
        "subject": message.subject or "(no subject)",
        "kind": tags.get("kind", ""),
        "issue": tags.get("issue", ""),
        "time": f"{sent_at:%Y-%m-%dT%H:%M:%SZ}",
        "shown_time": f"{sent_at:%-d %b %H:%M:%S} UTC",
        "remarks": remarks,
    }
