"""One issue: where it stands, what it looks like, and what this person may decide about it."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, DeskRequest, Go, Show
from newsletter.desk.domain.decision import Decided, Decision, Verb, noted_decisions
from newsletter.desk.domain.decision_words import MEANINGS, button_words, headline, local_time
from newsletter.desk.jobs import decide as desk
from newsletter.desk.jobs.ask_for_test import TestAnswer, ask_for_test
from newsletter.desk.jobs.describe_issue import describe_issue

DONE = "done"
"""In the address of the page that follows a button: what was done, so that reloading repeats nothing."""


def show(request: DeskRequest) -> Answer:
    """Show an issue; nothing is changed."""
    return _page(request, None)


def approve(request: DeskRequest) -> Answer:
    """Approve exactly the content that the page showed."""
    return _decide(request, Verb.APPROVE)


def hold(request: DeskRequest) -> Answer:
    """Put the issue on hold, or its page."""
    return _decide(request, Verb.HOLD)


def release(request: DeskRequest) -> Answer:
    """Take it off hold."""
    return _decide(request, Verb.RELEASE)


def withdraw(request: DeskRequest) -> Answer:
    """Remove its file: it is not sent, and leaves the archive."""
    return _decide(request, Verb.WITHDRAW)


def test(request: DeskRequest) -> Answer:
    """Have the issue mailed to one of the team."""
    decision = _decision(request, Verb.HOLD)
    answer = ask_for_test(decision, request.fields.get("to", ""), ports=request.app.test_ports, now=request.now)
    if answer is not TestAnswer.ASKED:
        return Show("test_refused", {"answer": answer, "slug": decision.slug}, 409)
    request.note("asked for a test", decision.slug)
    return Go(f"/desk/issues/{decision.slug}/?{DONE}=test")


def _decide(request: DeskRequest, verb: Verb) -> Answer:
    decision, app = _decision(request, verb), request.app
    decided = desk.decide(decision, by_link=True, ports=app.decide_ports, rhythm=app.current_rhythm(), now=request.now)
    if decided.outcome.changed:
        request.note(str(decided.outcome), decision.slug, decision.content_hash)
        return Go(f"/desk/issues/{decision.slug}/?{DONE}={decided.outcome}")
    return _page(request, decided, decision)


def _decision(request: DeskRequest, verb: Verb) -> Decision:
    content = request.fields.get("content", "")
    return Decision(request.parts["slug"], content, verb, request.visitor.member.as_editor)


def _page(request: DeskRequest, decided: Decided | None, decision: Decision | None = None) -> Answer:
    app, slug = request.app, request.parts["slug"]
    record = app.issues.get(slug)
    if record is None and app.content.stands(f"issues/{slug}.md"):
        return Show("arriving", {"slug": slug})  # the event of its upload is on its way to `publish`
    if record is None:
        return Show("missing", status_code=404)
    # What the page shows is what its buttons decide about: exactly this content.
    shown = Decision(slug, record.content_hash, Verb.APPROVE, request.visitor.member.as_editor)
    rhythm = app.current_rhythm()
    described = describe_issue(shown, ports=app.decide_ports, rhythm=rhythm, now=request.now)
    return Show(
        "issue",
        {
            "issue": record,
            "described": described,
            "buttons": [(str(verb), *button_words(verb, described.stage)) for verb in described.verbs],
            "team": app.editors.team,
            "done": request.query.get(DONE, ""),
            "refusal": headline(decided, decision) if decided and decision else "",
            "meaning": MEANINGS[decided.outcome] if decided else "",
            "decisions": [
                (local_time(each.moment, rhythm.time_zone), each.verb, each.label)
                for each in reversed(noted_decisions(record))
            ],
        },
        409 if decided and decided.outcome.refused else 200,
    )
