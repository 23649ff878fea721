"""A send while it goes out and after: how far it is, who stopped it, and what somebody may do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.figures import spelled
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.decision_words import local_time
from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.sending.domain.live_count import LiveCount
from newsletter.sending.domain.reach import Reach
from newsletter.sending.domain.send import Again, PausedBy, Send, SendState
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import OUTCOMES, send_again
from newsletter.sending.jobs.send_status import send_status
from newsletter.sending.readers_of_issue import readers_of_send

SENDS = "/desk/sends/"

STATES = {
    SendState.OPEN: "going out",
    SendState.PAUSED: "paused",
    SendState.CANCELLING: "being stopped",
    SendState.CLOSED: "finished",
}

HELD_BY = {
    PausedBy.QUOTA: "The daily quota of Amazon SES is used up.",
    PausedBy.OUTAGE: "Amazon SES does not answer.",
    PausedBy.SES: "Amazon SES takes nothing from this account.",
    PausedBy.BREAKER: "Too many emails bounced, or too many readers complained.",
    PausedBy.RECORD: "Something on record cannot be read, and somebody who runs the system has to look at it.",
    PausedBy.PERSON: "Somebody paused it.",
}

LONGEST_REASON = 200

PAUSED, RESUMED, CANCELLED = "paused the send of", "resumed the send of", "stopped the send of"
AGAIN = {Again.FAILED: "tried the failed ones again of", Again.REST: "sent to the rest"}
"""As the log says it."""

NEWEST = 500
"""Lines of the log among which the name of somebody is looked for."""


def show(request: DeskRequest) -> Answer:
    """Show how a send stands at this moment; nothing is changed."""
    return _page(request, "send")


def confirm_cancel(request: DeskRequest) -> Answer:
    """Show what stopping it for good would mean at this moment; nothing is changed."""
    return _page(request, "cancel_send")


def pause(request: DeskRequest) -> Answer:
    """Pause it, with a reason."""
    return _steer(request, PAUSED, "pause", lambda name, because: _paused(request, name, because))


def resume(request: DeskRequest) -> Answer:
    """Let it go on."""
    return _steer(request, RESUMED, "resume", lambda name, _: _resumed(request, name))


def cancel(request: DeskRequest) -> Answer:
    """Stop it for good, with a reason."""
    return _steer(request, CANCELLED, "cancel", lambda name, because: _cancelled(request, name, because))


def retry(request: DeskRequest) -> Answer:
    """Send to those for whom it failed."""
    return _steer(request, AGAIN[Again.FAILED], "retry", lambda name, _: _again(request, name, Again.FAILED))


def rest(request: DeskRequest) -> Answer:
    """Send to whoever did not get it yet."""
    return _steer(request, AGAIN[Again.REST], "rest", lambda name, _: _again(request, name, Again.REST))


def _steer(request: DeskRequest, did: str, word: str, act: Callable[[str, str], str]) -> Answer:
    name, because = request.parts["name"], one_line(request.fields.get("because", ""))[:LONGEST_REASON]
    if word in ("pause", "cancel") and not because:
        return _page(request, "cancel_send" if word == "cancel" else "send", "Please say why: your colleagues read it.")
    try:
        details = act(name, because)
    except UnknownSendError:
        return Show("missing", status_code=404)
    except InvalidRequestError as refused:
        return _page(request, "send", f"{refused}.")
    request.note(did, name, details)
    return Go(f"{SENDS}{name}/?done={word}")


def _paused(request: DeskRequest, name: str, because: str) -> str:
    pause_send(name, because, ports=request.app.steering_ports, now=request.now)
    return f"{because} ({_reached(request, name)})"


def _resumed(request: DeskRequest, name: str) -> str:
    resume_send(name, ports=request.app.steering_ports, now=request.now)
    return _reached(request, name)


def _cancelled(request: DeskRequest, name: str, because: str) -> str:
    cancel_send(name, because, ports=request.app.steering_ports, now=request.now)
    return f"{because} ({_reached(request, name)})"


def _again(request: DeskRequest, name: str, whom: Again) -> str:
    waiting = send_again(name, whom, ports=request.app.steering_ports, now=request.now)
    return f"{waiting:,} wait again"


def _reached(request: DeskRequest, name: str) -> str:
    """Return how many had it at this second, for the log."""
    _, count = send_status(name, sends=request.app.sends, now=request.now)
    on_the_way = f", {count.in_hand:,} more were on their way" if count.in_hand else ""
    return f"{count.books.sent:,} had it{on_the_way}"


def _page(request: DeskRequest, page: str, refusal: str = "") -> Answer:
    app, name = request.app, request.parts["name"]
    try:
        send, count = send_status(name, sends=app.sends, now=request.now)
    except UnknownSendError:
        return Show("missing", status_code=404)
    record = app.issues.get(send.issue)
    return Show(
        page,
        {
            "send": send,
            "count": count,
            "books": count.books,
            "title": record.title if record else send.issue,
            "part": part_of(send),
            "state": _state(send),
            "held_by": HELD_BY[send.paused_by] if send.paused_by else "",
            "person": _person(request, send),
            "times": _times(request, send, count),
            "reach": Reach.of(send, count.books),
            "offers": offers(send, count),
            "failed_again": count.ended_as(OUTCOMES[Again.FAILED]),
            "rest_again": count.ended_as(OUTCOMES[Again.REST]),
            "fresh": request.visitor.session.is_fresh(request.now),
            "longest": LONGEST_REASON,
            "done": request.query.get("done", ""),
            "refusal": refusal[:1].upper() + refusal[1:],
        },
        409 if refusal else 200,
    )


def offers(send: Send, live: LiveCount) -> frozenset[str]:
    """Return what can be done about a send as it stands, by whoever may."""
    if send.unreadable:
        return frozenset()
    if send.state is SendState.OPEN:
        return frozenset({"pause", "cancel"})
    if send.state is SendState.PAUSED:
        # Cut off half way, another try is asked for again, and does the rest.
        again = {Again.FAILED: "retry", Again.REST: "rest"}.get(send.preparing) if send.preparing else None
        return frozenset({again, "cancel"} if again else {"resume", "cancel"})
    if send.state is SendState.CLOSED and not send.outcomes_forgotten_at and not send.rehearsal_of:
        return frozenset({"rest", *(("retry",) if live.failed else ())})
    return frozenset()


def _state(send: Send) -> str:
    return "stopped" if send.state is SendState.CLOSED and send.cancelled else STATES[send.state]


def part_of(send: Send) -> str:
    """Return the readers that it goes to, in words; empty for everybody."""
    return readers_of_send(send).in_words if readers_of_send(send).expression else ""


def _times(request: DeskRequest, send: Send, live: LiveCount) -> dict[str, Any]:
    zone = request.app.rhythm.time_zone

    def words(moment: datetime | None) -> str:
        return local_time(moment, zone) if moment else ""

    left = live.time_left(send) if send.state is SendState.OPEN else None
    return {
        "now": words(request.now),
        "opened": words(send.opened_at),
        "closed": words(send.closed_at),
        "paused": words(send.paused_at),
        "cancelled": words(send.cancelled_at),
        "resume": words(send.resume_at),
        "expected_end": words(send.expected_end),
        "forecast": spelled(send.forecast.duration) if send.forecast else "",
        "took": spelled((send.closed_at or request.now) - send.opened_at),
        "left": spelled(left) if left is not None else "",
        "late": send.is_late(request.now),
    }


def _person(request: DeskRequest, send: Send) -> str:
    """Return who paused or stopped it at the desk, as the log has it; nothing where it was done elsewhere."""
    did, moment = (CANCELLED, send.cancelled_at) if send.cancelled else (PAUSED, send.paused_at)
    if moment is None or (did == PAUSED and send.paused_by is not PausedBy.PERSON):
        return ""
    lines = request.app.activities.month(f"{moment:%Y-%m}", most=NEWEST)  # newest first
    return next((each.actor for each in lines if each.did == did and each.what == send.slug), "")


ROUTES = (
    Route("GET", f"{SENDS}<name>/", Act.LOOK, show),
    Route("GET", f"{SENDS}<name>/cancel/", Act.SEND, confirm_cancel),
    Route("POST", f"{SENDS}<name>/pause", Act.DECIDE, pause),  # like a hold: at once, however old the session
    Route("POST", f"{SENDS}<name>/resume", Act.SEND, resume),
    Route("POST", f"{SENDS}<name>/cancel", Act.SEND, cancel),
    Route("POST", f"{SENDS}<name>/retry", Act.SEND, retry),
    Route("POST", f"{SENDS}<name>/rest", Act.SEND, rest),
)
