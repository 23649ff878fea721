"""The page that an issue is written on: what is typed is saved by itself, seen as readers will, and handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.control.desk.files import address
from newsletter.control.desk.request import Answer, Data, DeskRequest, Go, Route, Show
from newsletter.control.desk.review.comments import comments_context
from newsletter.control.desk.review.here import SCRIPT, note_here, others_here
from newsletter.core.audience.part_of_list import part_of_list
from newsletter.core.slot import in_words
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.presence import Doing
from newsletter.desk.drafts.draft import Draft, DraftVersion, Save, by_quarter, plain_lines
from newsletter.desk.drafts.hand_in_draft import HandedIn, hand_in_draft
from newsletter.desk.drafts.issue_fields import SHOWN, lines_above, picked_hour, split, text_of_form, values_of
from newsletter.desk.drafts.mend_text import MENDS, accept, can_be_accepted, mend
from newsletter.desk.drafts.open_draft import copy_issue, free_title, open_draft, start_issue, uploaded_text
from newsletter.desk.drafts.preview_draft import Previewed, preview_draft
from newsletter.desk.drafts.save_draft import Saved, SaveResult, save_draft
from newsletter.desk.drafts.word_diff import word_diff
from newsletter.errors import InvalidRequestError, NameTakenError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.preflight import Level
from newsletter.issues.domain.send_time import expected_slots
from newsletter.issues.domain.upload import LARGEST_PICTURE

SLOTS = 26
"""A year of fortnights to choose from."""

SCRIPTS = ("markdown-toolbar-element.js", "write.js", "preview.js", SCRIPT)
"""In the order in which they are loaded."""

HISTORY = 50
"""Quarters of an hour that are listed. With a save at every pause there are dozens of versions in each."""

EACH = 200
"""Single versions that are listed of one quarter of an hour."""


def new(request: DeskRequest) -> Answer:
    """Show where an issue is begun."""
    return _new(request, {"of": request.query.get("of", "")})


def begin(request: DeskRequest) -> Answer:
    """Begin an issue, empty or as a copy of another."""
    fields, ports, name = request.fields, request.app.write_ports, request.visitor.member.label
    title, source = fields.get("title", ""), fields.get("of", "")
    try:
        day = _day(fields.get("date", ""))
        if source:
            draft = copy_issue(source, title, day, saved_by=name, ports=ports)
        else:
            draft = start_issue(title, day, saved_by=name, ports=ports)
    except NameTakenError as taken:
        proposed = free_title(title, day, ports=ports)
        return _new(request, {**fields, "problem": str(taken), "taken": taken.slug, "title": proposed or title}, 400)
    except InvalidRequestError as refusal:
        return _new(request, {**fields, "problem": str(refusal)}, 400)
    request.note("began an issue", draft.slug, f"as a copy of {source}" if source else "")
    return Go(f"/desk/issues/{draft.slug}/write/")


def show(request: DeskRequest) -> Answer:
    """Show the page, with the draft as it stands."""
    draft = open_draft(request.parts["slug"], ports=request.app.write_ports)
    if draft is None:
        return Show("missing", status_code=404)
    return _page(request, draft)


def save(request: DeskRequest) -> Answer:
    """Keep what was typed."""
    typed = text_of_form(request.fields)
    saved = _save(request, typed)
    if not request.by_script:
        note_here(request, Doing.WRITING)  # with JavaScript the page says so by itself
        return Go(f"/desk/issues/{request.parts['slug']}/write/?done={saved.result}")
    previewed = _previewed(request, saved.draft.text)
    return Data(
        {
            "result": saved.result,
            "words": _words(saved),
            "based_on": saved.draft.version,
            "sent": typed if saved.draft.text != typed else None,
            **_parts(saved.draft.text),
            "findings": _findings(previewed),
            "goes_to": _goes_to(previewed, offers_digest=request.app.offers_digest()),
        }
    )


def put_right(request: DeskRequest) -> Answer:
    """Put right what a check found, where a machine can, or take it as meant so; a script saves the answer itself."""
    fields = request.fields
    code, _, line = (fields.get("mend") or fields.get("accept", "")).partition(" ")
    typed = text_of_form(fields)
    text = mend(typed, code, _number(line)) if "mend" in fields else accept(typed, code)
    if request.by_script:
        return Data(_parts(text))
    saved = _save(request, text)
    return Go(f"/desk/issues/{request.parts['slug']}/write/?done={saved.result}")


def _save(request: DeskRequest, typed: str) -> Saved:
    slug, ports, fields = request.parts["slug"], request.app.write_ports, request.fields
    upload_version, based_on = _name(fields.get("upload_version", "")), fields.get("based_on", "")
    base_text = plain_lines(fields["base_text"]) if "base_text" in fields else None
    if base_text is None and not based_on:
        base_text = uploaded_text(slug, upload_version, ports=ports)
    return save_draft(
        Save(
            slug,
            typed,
            based_on,
            base_text,
            _name(fields.get("page", "")),
            _number(fields.get("number", "")),
            request.visitor.member.label,
            upload_version,
            request.now,
        ),
        drafts=ports.drafts,
    )


def _parts(file_text: str) -> dict[str, Any]:
    """Return a draft as the fields of the page hold it."""
    front_matter, body = split(file_text)
    return {
        "front_matter": front_matter,
        "fields": values_of(front_matter),
        "text": body,
        "above": lines_above(front_matter),
    }


def hand_in(request: DeskRequest) -> Answer:
    """Turn the draft into an upload: everybody gets its preview, and it can be approved."""
    slug, version = request.parts["slug"], request.fields.get("based_on", "")
    handed_in = hand_in_draft(slug, version, uploaded_by=request.visitor.member.email, ports=request.app.write_ports)
    if handed_in.result is HandedIn.NEWER_UPLOAD:
        return Go(f"/desk/issues/{slug}/write/?done=newer")
    request.note("handed in", slug)
    return Go(f"/desk/issues/{slug}/?done=handed_in")


def history(request: DeskRequest) -> Answer:
    """Show the versions of the draft, and what has changed since one of them if it is asked for."""
    slug, zone, drafts = request.parts["slug"], request.app.rhythm.time_zone, request.app.drafts
    compared, within = request.query.get("since", ""), request.query.get("within", "")
    quarters = by_quarter(drafts.history(slug))
    opened = next((quarter for quarter in quarters if within in [each.version for each in quarter]), [])
    shown = [[each] for each in opened[:EACH]] if opened else quarters[:HISTORY]
    hands = drafts.hands(slug, [versions[0].version for versions in shown])
    lines = [
        (versions[0].version, _moment(versions[0], zone, to_the_second=bool(opened)), names, len(versions))
        for versions, names in zip(shown, hands, strict=True)
    ]
    old, newest = drafts.version_of(slug, compared) if compared else None, drafts.newest(slug)
    changes = word_diff(old, newest.text) if old is not None and newest is not None else ()
    return Show(
        "write_history",
        {
            "slug": slug,
            "lines": lines,
            "compared": compared,
            "changes": changes,
            "newest": newest.version if newest else "",
            "within": within if opened else "",
        },
    )


def restore(request: DeskRequest) -> Answer:
    """Write an earlier version over the newest; that one stays in the history."""
    slug, drafts, name = request.parts["slug"], request.app.drafts, request.visitor.member.label
    text, newest = drafts.version_of(slug, request.fields.get("version", "")), drafts.newest(slug)
    if text is None or newest is None:
        raise InvalidRequestError("this version is not kept any more")
    save_draft(Save(slug, text, newest.version, saved_by=name, saved_at=request.now), drafts=drafts)
    request.note("went back to an earlier version of", slug)
    return Go(f"/desk/issues/{slug}/write/?done=restored")


def _moment(draft_version: DraftVersion, zone: ZoneInfo, *, to_the_second: bool) -> str:
    moment = draft_version.saved_at.astimezone(zone)
    return f"{in_words(moment)}{f':{moment:%S}' if to_the_second else ''}"


def _new(request: DeskRequest, said: Mapping[str, str], status_code: int = 200) -> Show:
    day = said.get("date", "")
    chosen = day if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else ""
    typed = dict.fromkeys(("of", "title", "date", "problem", "taken"), "") | dict(said)
    return Show("write_new", {"slots": _slots(request, chosen), "said": typed}, status_code)


def _page(request: DeskRequest, draft: Draft) -> Show:
    front_matter, body = split(draft.text)
    previewed = _previewed(request, draft.text)
    return Show(
        "write",
        {
            "draft": draft,
            "front_matter": front_matter,
            "fields": dict.fromkeys(SHOWN, "") | values_of(front_matter),
            "body": body,
            "above": lines_above(front_matter),
            "slots": _slots(request, values_of(front_matter).get("date", "")),
            "picked_hour": picked_hour(values_of(front_matter).get("send", "")),
            "zone": request.app.rhythm.time_zone.key,
            "findings": _findings(previewed),
            "goes_to": _goes_to(previewed, offers_digest=request.app.offers_digest()),
            "done": request.query.get("done", ""),
            "largest_picture": LARGEST_PICTURE,
            "others_here": others_here(request, writing=True),
            **comments_context(request, draft.text),
            "scripts": [address(Path(request.app.settings.templates_dir), name) for name in SCRIPTS],
        },
        posts_to=request.app.arrivals.origin,
    )


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _name(text: str) -> str:
    """Return what may be written beside a version of the draft: the name of a page, of a version of an upload."""
    return text if re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text) else ""


def _previewed(request: DeskRequest, text: str) -> Previewed:
    local_now = request.now.astimezone(request.app.rhythm.time_zone)
    return preview_draft(request.parts["slug"], text, ports=request.app.write_ports, local_now=local_now)


def _goes_to(previewed: Previewed, *, offers_digest: bool) -> str:
    """Return to how many readers it would go, if it goes to a part of the list."""
    if previewed.issue is None or previewed.readers is None:
        return ""
    readers = "One reader" if previewed.readers == 1 else f"{previewed.readers:,} readers"
    issue = previewed.issue
    goes_to = part_of_list(issue.audience, issue.digest, offers_digest=offers_digest, day=issue.date)
    return f"{readers} at this moment: {goes_to.in_words}."


def _findings(previewed: Previewed) -> list[dict[str, Any]]:
    return [
        {
            "level": str(each.level),
            "line": each.line or 0,
            "words": f"{each.message} {each.remedy}".strip(),
            "mend": f"{each.code} {each.line}" if each.code in MENDS and each.line else "",
            # What refuses an issue is not waved through by one press; the front matter can still say so.
            "accept": each.code if each.level is Level.WARNING and can_be_accepted(each.code) else "",
        }
        for each in previewed.findings
    ]


def _words(saved: Saved) -> str:
    match saved.result:
        case SaveResult.SAVED:
            return "Saved."
        case SaveResult.MERGED:
            return "Saved, together with what a colleague wrote meanwhile."
        case SaveResult.CLASHED:
            lines = " and ".join(str(line) for line in saved.clashes)
            return f"A colleague changed the same lines (line {lines}). Both versions stand there: keep one of them."


def _slots(request: DeskRequest, chosen: str = "") -> Sequence[tuple[str, str]]:
    """Return the days that an issue can be given, each with its words; the chosen one is among them."""
    app, now = request.app, request.now
    rhythm = app.current_rhythm()
    taken = expected_slots(app.issues.with_status(IssueStatus.READY), rhythm, now=now)
    by_slot = {slot: slug for slug, slot in taken.items()}
    days = []
    for slot in rhythm.next_slots(SLOTS, now):
        day = slot.astimezone(rhythm.time_zone).date()
        other = by_slot.get(slot, "")
        days.append((day.isoformat(), f"{in_words(slot.astimezone(rhythm.time_zone))}{f' ({other})' if other else ''}"))
    if chosen and chosen not in dict(days):
        days.insert(0, (chosen, _day_in_words(chosen)))
    return days


def _day_in_words(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day:%A} {day.day} {day:%B %Y}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise InvalidRequestError("choose the day of the issue") from exc


ISSUE = "/desk/issues/<slug>/"

ROUTES = (
    Route("GET", "/desk/issues/new/", Act.WRITE, new),
    Route("POST", "/desk/issues/new", Act.WRITE, begin),
    Route("GET", f"{ISSUE}write/", Act.WRITE, show),
    Route("POST", f"{ISSUE}save", Act.WRITE, save),
    Route("POST", f"{ISSUE}put-right", Act.WRITE, put_right),
    Route("POST", f"{ISSUE}hand-in", Act.WRITE, hand_in),
    Route("GET", f"{ISSUE}history/", Act.WRITE, history),
    Route("POST", f"{ISSUE}restore", Act.WRITE, restore),
)
