"""The health of the newsletter, as far as an editor needs it and the desk may know it: no reader is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import WeakKeyDictionary

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.decision_words import local_time
from newsletter.errors import InvalidRequestError, TransientError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.quota import UNLIMITED
from newsletter.sending.domain.send import SendState
from newsletter.wiring import App

HEALTH = "/desk/health/"

SEND_BACK = frozenset({"publish", "plan", "batch", "settle", "report"})
"""Queues whose dead letters the desk may send back: they carry ids alone, and can mail nobody who is not due."""

MEANINGS = {
    "publish": "An upload was not published, or the archive was not written.",
    "plan": "Part of the audience was not planned; the send stays open.",
    "batch": "Some readers of one batch were not handled.",
    "settle": "A send was not looked after.",
    "report": "A report was not written or mailed.",
    "greet": "Somebody waits for a confirmation, a welcome or a link to leave.",
    "sign_in": "Somebody of the team waits for the email to sign in.",
    "feedback": "Bounces or complaints were not read.",
}
"""What dead letters mean, by the queue they failed in."""

COUNTED_EVERY = timedelta(hours=3)
"""The list is counted each hour; three without a count are no coincidence."""

NIGHTLY = timedelta(days=3)

REPORTS_LOOKED_AT = 3

SANDBOX = 200
"""Emails a day, to verified addresses only: what SES allows an account that nobody asked to be opened.
Source: https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html"""

LATELY = timedelta(minutes=1)
_LOOKED: WeakKeyDictionary[App, tuple[datetime, list[Check]]] = WeakKeyDictionary()
"""What each environment found last, and when."""

ASK = "Tell whoever runs the system; “newsletter doctor” says more."


class HealthLevel(StrEnum):
    """How bad it is."""

    FINE = "fine"
    LOOK = "look"
    """It works, and somebody should look at it."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: HealthLevel
    sentence: str
    remedy: str = ""
    """What to do; empty where nothing is to be done."""
    queue: str = ""
    """Whose dead letters a button can send back; empty where none can."""


def show(request: DeskRequest) -> Answer:
    """Show everything that was looked at, the worst first; nothing is changed."""
    checks = worst_first(request)
    return Show(
        "health",
        {
            "checks": checks,
            "fine": all(check.level is HealthLevel.FINE for check in checks),
            "now": local_time(request.now, request.app.rhythm.time_zone),
            "done": request.query.get("done", ""),
        },
    )


def worst_first(request: DeskRequest) -> list[Check]:
    """Look at everything, side by side while somebody waits for a page; return the worst first."""
    # Made before there are threads, because two of them must not make a client at the same moment.
    app = request.app
    made = (app.account, app.audience_count, app.issues, app.sends, app.content, app.dead_letters, app.alarms)
    with ThreadPoolExecutor(len(made)) as threads:
        looked = threads.map(lambda name: _looked(name, LOOKS[name], request), LOOKS)
        found = [check for checks in looked for check in checks]
    found.sort(key=lambda check: list(HealthLevel)[::-1].index(check.level))
    _LOOKED[app] = (request.now, found)
    return found


def as_of_lately(request: DeskRequest) -> list[Check]:
    """Return what was found within the last minute, or look: thirty calls, for which a front page should not wait."""
    at, found = _LOOKED.get(request.app, (None, []))
    return found if at is not None and abs(request.now - at) < LATELY else worst_first(request)


def in_one_sentence(checks: Sequence[Check]) -> str:
    """Return how it stands: the worst thing, and how many more there are."""
    bad = [check for check in checks if check.level is not HealthLevel.FINE]
    if not bad:
        return "All is well."
    more = len(bad) - 1
    others = "" if not more else " There is one thing more to look at." if more == 1 else f" {more} more need a look."
    return bad[0].sentence + others


def send_back(request: DeskRequest) -> Answer:
    """Send the dead letters of a queue back to it."""
    queue = request.parts["queue"]
    if queue not in SEND_BACK:
        raise InvalidRequestError(f"the dead letters of {queue} go back at the command line only")
    moved = request.app.dead_letters.send_back(queue)
    request.note("sent dead letters back to", queue, f"{moved:,}")
    return Go(f"{HEALTH}?done={moved}")


def _everybody(readers: int) -> str:
    return "your one reader" if readers == 1 else f"all {readers:,} readers"


def account(request: DeskRequest) -> Iterator[Check]:
    """Look at whether SES sends for this account, and whether its quota holds the list."""
    said = request.app.account.read()
    last = request.app.audience_count.last()
    readers, left = last[0] if last else 0, said.max_24_hour_send - said.sent_last_24_hours
    if not said.may_send:
        yield Check("Amazon SES", HealthLevel.BROKEN, "Amazon SES sends nothing for this account.", ASK)
    elif said.trouble:
        yield Check(
            "Amazon SES", HealthLevel.LOOK, "Amazon SES is reviewing the account: too many bounces, or complaints.", ASK
        )
    elif said.max_24_hour_send == SANDBOX:
        yield Check(
            "Amazon SES",
            HealthLevel.LOOK,
            "The account seems to be in the sandbox: only verified addresses get email.",
            ASK,
        )
    else:
        yield Check("Amazon SES", HealthLevel.FINE, "The account may send.")
    if said.max_24_hour_send == UNLIMITED or readers <= left:
        room = f"There is room for {_everybody(readers)} today." if readers else "Nobody was counted on the list yet."
        yield Check("Daily quota", HealthLevel.FINE, room)
    else:
        sentence = f"{max(left, 0):,.0f} emails are left today, and the list has {readers:,} readers."
        yield Check(
            "Daily quota", HealthLevel.LOOK, sentence, "A send now pauses when they are used up, and goes on by itself."
        )


def sends(request: DeskRequest) -> Iterator[Check]:
    """Look at sends that are not over."""
    app, any_open = request.app, False
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):
        for record in app.issues.with_status(status):
            send = app.sends.get(record.slug)
            if send is None or send.state is SendState.CLOSED:
                continue
            any_open = True
            if send.state is SendState.PAUSED:
                yield Check(
                    "Sends", HealthLevel.LOOK, f"“{record.title}” is paused: {send.paused_because}", "See its page."
                )
            elif send.doubts_wait_for or send.is_late(request.now):
                why = send.doubts_wait_for or "It takes longer than was forecast."
                yield Check("Sends", HealthLevel.LOOK, f"“{record.title}” is going out. {why}", "See its page.")
            else:
                yield Check("Sends", HealthLevel.FINE, f"“{record.title}” is going out.")
    if not any_open:
        yield Check("Sends", HealthLevel.FINE, "Nothing is going out, and nothing is stuck.")


def dead_letters(request: DeskRequest) -> Iterator[Check]:
    """Look at what failed for good."""
    found = {word: number for word, number in request.app.dead_letters.counts().items() if number}
    for word, number in found.items():
        messages = "One message" if number == 1 else f"{number:,} messages"
        remedy = (
            "When the reason is put right, an owner can send them again here."
            if word in SEND_BACK
            else f"Whoever runs the system sends them again: newsletter dead-letters replay {word}"
        )
        sentence = f"{messages} failed for good. {MEANINGS[word]}"
        yield Check("Failed work", HealthLevel.BROKEN, sentence, remedy, word if word in SEND_BACK else "")
    if not found:
        yield Check("Failed work", HealthLevel.FINE, "Nothing failed for good.")


def confirmations(request: DeskRequest) -> Iterator[Check]:
    """Look at whether emails to people who sign up are held back."""
    holds = [watch.get() for watch in request.app.confirmation_watches.values()]
    held = [hold for hold in holds if hold.holds(request.now)]
    for hold in held:
        yield Check(
            "Sign-ups",
            HealthLevel.LOOK,
            f"Confirmations are held back: {hold.because}",
            "The email about it has a button.",
        )
    if not held:
        yield Check("Sign-ups", HealthLevel.FINE, "Whoever signs up gets their confirmation.")


def evidence(request: DeskRequest) -> Iterator[Check]:
    """Look at whether SES reported what it took of the last issues."""
    app = request.app
    records = app.issues.with_status(IssueStatus.SENT)[-REPORTS_LOOKED_AT:]
    reports = [json.loads(text) for record in records if (text := app.content.report(record.slug))]
    missing = [each for each in reports if each.get("reports", {}).get("missing")]
    for each in missing:
        sentence = f"Amazon SES did not report on all emails of “{each['title']}”: some bounces may be unknown."
        yield Check("Reports of SES", HealthLevel.LOOK, sentence, f"newsletter send replay {each['send']}")
    if not missing:
        yield Check(
            "Reports of SES",
            HealthLevel.FINE,
            "Amazon SES reported on what it took." if reports else "Nothing was sent yet.",
        )


def clocks(request: DeskRequest) -> Iterator[Check]:
    """Look at whether the clocks strike: the hourly count, and what runs at night."""
    app = request.app
    last = app.audience_count.last()
    yield _clock("Hourly count", last[1] if last else None, COUNTED_EVERY, request)
    compared, forgotten = app.account_watch.last_reconciliation(), app.retention_log.last()
    yield _clock("Nightly comparison", compared[0] if compared else None, NIGHTLY, request)
    yield _clock("Nightly forgetting", forgotten[0] if forgotten else None, NIGHTLY, request)


def _clock(name: str, at: datetime | None, within: timedelta, request: DeskRequest) -> Check:
    if at is None:
        return Check(name, HealthLevel.FINE, "It has not run yet; in a new newsletter that is as it should be.")
    when = local_time(at, request.app.rhythm.time_zone)
    if request.now - at <= within:
        return Check(name, HealthLevel.FINE, f"It last ran {when}.")
    return Check(name, HealthLevel.BROKEN, f"It last ran {when}, which is too long ago.", ASK)


def alarms(request: DeskRequest) -> Iterator[Check]:
    """Look at which alarms ring; what they mean stands in them."""
    ringing = request.app.alarms.ringing()
    for alarm in ringing:
        means, _, remedy = alarm.description.partition(' See "')
        since = local_time(alarm.since, request.app.rhythm.time_zone)
        sentence = f"{means or alarm.name} It has been ringing since {since}."
        yield Check("Alarm", HealthLevel.BROKEN, sentence, f'See "{remedy}' if remedy else ASK)
    if not ringing:
        yield Check("Alarms", HealthLevel.FINE, "No alarm is ringing.")


Look = Callable[[DeskRequest], Iterator[Check]]

LOOKS: dict[str, Look] = {
    "Amazon SES": account,
    "Sends": sends,
    "Failed work": dead_letters,
    "Sign-ups": confirmations,
    "Reports of SES": evidence,
    "Alarms": alarms,
    "Clocks": clocks,
}


def _looked(name: str, look: Look, request: DeskRequest) -> list[Check]:
    """Return what a look finds; that nobody can say is something too, and the others go on."""
    try:
        return list(look(request))
    except TransientError as exc:
        return [Check(name, HealthLevel.LOOK, f"Nobody can say at the moment: {exc}.", "Look again in a minute.")]


ROUTES = (
    Route("GET", HEALTH, Act.LOOK, show),
    Route("POST", f"{HEALTH}<queue>/again", Act.SETTINGS, send_back),
)
