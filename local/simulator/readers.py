"""What readers, and machines before them, do with a mail: opening it, and following its links."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from local.simulator.events import Event
from local.simulator.inbox.store import Inbox
from local.simulator.publishing import EventQueue

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


def touched(
    kind: str, request: dict[str, Any], *, inbox: Inbox, events: EventQueue, now: Callable[[], datetime]
) -> Response:
    """Publish an Open or a Click of a message in the inbox, if its configuration set asks for such events.

    Args:
        kind: `Open` or `Click`.
        request: `message_id`; `link` of a click; perhaps `user_agent`, and `after`, seconds since the mail left.
        inbox: Where the message is.
        events: Takes the event.
        now: The time; an event lies there unless it says when.
    """
    message = inbox.get(str(request.get("message_id", "")))
    if message is None:
        return JSONResponse({"message": "no message in the inbox has this message_id"}, status_code=404)
    if kind == "Click" and not request.get("link"):
        return JSONResponse({"message": "a click needs a link"}, status_code=400)
    since = now() - datetime.fromtimestamp(message.sent_at, UTC)
    after = timedelta(seconds=float(request["after"])) if "after" in request else since
    touch: dict[str, Any] = {"ipAddress": "192.0.2.30", "userAgent": str(request.get("user_agent", BROWSER))}
    if kind == "Click":
        touch |= {"link": str(request["link"]), "linkTags": None}
    events.put(Event(message, kind, after, touch=touch), at=now())
    return Response(status_code=202)
