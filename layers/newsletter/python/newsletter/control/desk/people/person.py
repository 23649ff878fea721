"""One reader: all we hold about them, what became of the last issues, and what can be done if they ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of
from newsletter.core.language import NAMES
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.desk.domain.act import Act
from newsletter.desk.people.change_reader import ReaderChange, change_reader, pause_reader
from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.feedback.jobs.lift_suppression import check_may_be_lifted, lift_suppression
from newsletter.readers.domain.subscriber import Status, Subscriber, rest_choices
from newsletter.readers.jobs.preferences import erase
from newsletter.readers.jobs.suppress import suppress
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.reports.domain.report_words import worded
from newsletter.sending.jobs.look_up_outcome import Found, look_up_by_id

PEOPLE = "/desk/people/"
ID = "id"

LAST_ISSUES = 5
"""Each costs three reads."""

LABELS = {
    "email": "Address", "name": "Name", "status": "Status", "lang": "Language", "source": "Where they signed up",
    "signed_up_at": "Signed up", "confirmation_sent_at": "Asked to confirm", "reminded_at": "Reminded",
    "confirmed_at": "Confirmed", "left_at": "Left", "left_because": "Why they left", "told_at": "Last notice to them",
    "renewal_asked_at": "Asked to renew", "paused_until": "Wants nothing before", "muted_topics": "Topics they muted",
    "soft_bounces": "Issues that bounced for a while", "consent": "Receipt of their consent",
    "address_change": "Change of address they asked for", "fields": "What they answered", "tags": "Tags",
    "rhythm": "How often they hear from us", "digest_since": "Digest in place of issues from",
    "digest_months": "Months whose digest they get besides",
}  # fmt: skip
"""What a page calls the fields of `Subscriber.as_held`."""

RHYTHMS = {ReadingRhythm.EVERY_ISSUE: "Every issue", ReadingRhythm.MONTHLY: "One digest a month"}


def show(request: DeskRequest) -> Answer:
    """Show all we hold about somebody."""
    app, subscriber_id = request.app, request.parts[ID]
    subscriber, suppression = app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id)
    return Show(
        "person",
        {
            "id": subscriber_id,
            "reader": subscriber,
            "held": _lines(subscriber.as_held(), app.reader_fields()) if subscriber else [],
            "fields": app.reader_fields(),
            "suppression": suppression,
            "on_list": subscriber is not None and subscriber.status is Status.CONFIRMED,
            "waits": subscriber is not None and subscriber.status is Status.UNCONFIRMED,
            "untouched": _receipt_holds(subscriber, app.address_key),
            "languages": NAMES,
            "offers_digest": app.offers_digest(),
            "rhythms": RHYTHMS,
            "pauses": [day for _, day in rest_choices(_today(request))],
            "issues": list(_outcomes(request, subscriber_id)) if subscriber else [],
            "done": request.query.get("done", ""),
        },
        200 if subscriber or suppression else 404,
    )


def change(request: DeskRequest) -> Answer:
    """Change how somebody is called, the language of emails to them, and what they answered."""
    fields = request.fields
    changed = change_reader(
        request.parts[ID],
        ReaderChange(name=fields.get("name", ""), lang=fields.get("lang", "")),
        form_fields=fields,
        reader_fields=request.app.reader_fields(),
        subscribers=request.app.subscribers,
    )
    return _done(request, "changed a reader", "changed") if changed else Go(_path(request))


def tag(request: DeskRequest) -> Answer:
    """Say which tags somebody has. The log does not repeat them: what it holds can never be erased."""
    tags = ReaderChange(tags_text=request.fields.get("tags", ""))
    changed = change_reader(request.parts[ID], tags, subscribers=request.app.subscribers)
    return _done(request, "tagged a reader", "changed") if changed else Go(_path(request))


def choose(request: DeskRequest) -> Answer:
    """Set how often somebody hears from us."""
    app, chosen = request.app, request.fields.get("rhythm", "")
    if chosen not in RHYTHMS:
        raise InvalidRequestError("choose how often they want to hear from us")
    changed = change_reader(
        request.parts[ID], ReaderChange(reading_rhythm=ReadingRhythm(chosen)),
        subscribers=app.subscribers, month=month_of(_today(request)), offers_digest=app.offers_digest(),
    )  # fmt: skip
    return _done(request, "changed how often a reader hears from us", "rhythm") if changed else Go(_path(request))


def pause(request: DeskRequest) -> Answer:
    """Send somebody nothing until a day."""
    until = _day(request.fields.get("until", ""))
    pause_reader(request.parts[ID], until, subscribers=request.app.subscribers, today=_today(request))
    return _done(request, "paused a reader", "paused", until.isoformat())


def end_pause(request: DeskRequest) -> Answer:
    """Send them the next issue again."""
    pause_reader(request.parts[ID], None, subscribers=request.app.subscribers, today=_today(request))
    return _done(request, "ended the pause of a reader", "resumed")


def take_off(request: DeskRequest) -> Answer:
    """Take somebody off the list; only they themselves can come back."""
    unsubscribe(request.parts[ID], subscribers=request.app.subscribers, now=request.now)
    return _done(request, "took a reader off the list", "off")


def forget(request: DeskRequest) -> Answer:
    """Erase all we hold about somebody, but that they must not be mailed."""
    app = request.app
    erase(request.parts[ID], subscribers=app.subscribers, suppressions=app.suppressions, now=request.now)
    return _done(request, "erased a reader", "erased")


def keep_out(request: DeskRequest) -> Answer:
    """Never mail this address again, whoever signs it up."""
    app, because = request.app, request.fields.get("because", "")
    suppress(
        request.parts[ID], because=because, subscribers=app.subscribers, suppressions=app.suppressions, now=request.now
    )
    return _done(request, "suppressed an address", "suppressed", because)


def lift(request: DeskRequest) -> Answer:
    """Mail this address again, here and at SES."""
    app, subscriber_id, fields = request.app, request.parts[ID], request.fields
    suppression = app.suppressions.get(subscriber_id)
    if suppression is None:
        raise InvalidRequestError("this address is mailed again already")
    check_may_be_lifted(suppression.reason, their_word=fields.get("their_word") == "yes")
    # Only the keyed hash of the address may be left of it here, and SES wants the address.
    email = fields.get("email", "")
    subscriber = app.subscribers.get(subscriber_id)
    if subscriber is None and app.addresses.subscriber_id(app.addresses.mailbox(email)) != subscriber_id:
        raise InvalidRequestError("this is not the address whose page it is; type it exactly as they write it")
    lift_suppression(
        subscriber_id, email,
        subscribers=app.subscribers, suppressions=app.suppressions, provider=app.suppression_list,
    )  # fmt: skip
    return _done(request, "let an address be mailed again", "lifted", str(suppression.reason))


def _path(request: DeskRequest) -> str:
    return f"{PEOPLE}{request.parts[ID]}/"


def _done(request: DeskRequest, did: str, done: str, details: str = "") -> Answer:
    request.note(did, request.parts[ID], details)
    return Go(f"{_path(request)}?done={done}")


def _today(request: DeskRequest) -> date:
    return request.now.astimezone(request.app.rhythm.time_zone).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise InvalidRequestError("choose the day until which they want nothing") from exc


def _outcomes(request: DeskRequest, subscriber_id: str) -> Iterator[tuple[str, str]]:
    """Yield the titles of the last issues, and what became of each for this reader."""
    app = request.app
    for issue in app.issues.newest(LAST_ISSUES):
        try:
            found = look_up_by_id(
                issue.slug, subscriber_id, sends=app.sends, evidence_store=app.evidence, subscribers=app.subscribers
            )
        except UnknownSendError:
            continue  # it is in the archive, and was never sent
        except InvalidRequestError:
            yield issue.title, "what became of single readers is forgotten by now"
        else:
            yield issue.title, _said(found)


def _said(found: Found) -> str:
    kind, _, reason = found.outcome.partition(":")
    if found.why:
        return found.why
    if kind == "sent":
        return "sent, and Amazon SES reported that it took the email" if found.proved else "sent"
    return f"{kind}: {worded(reason)}" if reason else worded(kind)


def _lines(held: Mapping[str, Any], reader_fields: Sequence[ReaderField]) -> list[tuple[str, str]]:
    lines = []
    labels = {each.key: each.label() for each in reader_fields}
    for name, value in held.items():
        if name == "fields":
            # A value outlives its field until somebody clears it; whoever asks what we hold must see it.
            lines += [(labels.get(key, f"{key} (not asked any more)"), said) for key, said in value.items()]
            continue
        if isinstance(value, dict):
            said = "; ".join(f"{key.replace('_', ' ')}: {each}" for key, each in value.items() if each)
        else:
            said = ", ".join(value) if isinstance(value, list) else str(value)
        lines.append((LABELS[name], said))
    return lines


def _receipt_holds(subscriber: Subscriber | None, key: str) -> bool | None:
    if subscriber is None or subscriber.consent is None:
        return None
    return bool(subscriber.consent.holds(key))


ROUTES = (
    Route("GET", f"{PEOPLE}<{ID}>/", Act.PEOPLE, show),
    Route("POST", f"{PEOPLE}<{ID}>/change", Act.PEOPLE, change),
    Route("POST", f"{PEOPLE}<{ID}>/tags", Act.PEOPLE, tag),
    Route("POST", f"{PEOPLE}<{ID}>/rhythm", Act.PEOPLE, choose),
    Route("POST", f"{PEOPLE}<{ID}>/pause", Act.PEOPLE, pause),
    Route("POST", f"{PEOPLE}<{ID}>/end-pause", Act.PEOPLE, end_pause),
    Route("POST", f"{PEOPLE}<{ID}>/take-off", Act.PEOPLE, take_off),
    Route("POST", f"{PEOPLE}<{ID}>/erase", Act.PEOPLE, forget),
    Route("POST", f"{PEOPLE}<{ID}>/suppress", Act.PEOPLE, keep_out),
    Route("POST", f"{PEOPLE}<{ID}>/lift", Act.PEOPLE, lift),
)
