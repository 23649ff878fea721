"""One issue: where it stands, what it looks like, and what this person may decide about it."""

from __future__ import annotations

from pathlib import Path

from newsletter.control.desk.files import address
from newsletter.control.desk.request import Answer, DeskRequest, Go, Show
from newsletter.control.desk.review import here
from newsletter.control.desk.review.checklist import Checklist, checklist
from newsletter.control.desk.review.comments import review_context
from newsletter.desk.domain.decision import Decided, Decision, Verb, noted_decisions
from newsletter.desk.domain.decision_words import MEANINGS, button_words, headline, local_time
from newsletter.desk.domain.issue_description import IssueDescription
from newsletter.desk.jobs import decide as desk
from newsletter.desk.jobs.ask_for_test import TestAnswer, ask_for_test
from newsletter.desk.jobs.describe_issue import describe_issue
from newsletter.desk.review.named_test import ask_for_named_test

DONE = "done"
"""In the address of the page that follows a button: what was done, so that reloading repeats nothing."""


UNDO = {"held": Verb.RELEASE, "released": Verb.HOLD}
"""What takes back what was just done. An approval is not taken back: holding the issue stops it."""


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
    """Have the issue mailed to one of the team, or to any address and with any name."""
    decision, member = _decision(request, Verb.HOLD), request.visitor.member
    if email := _address_of_its_own(request):
        name, ports = request.fields.get("name", ""), request.app.named_test_ports
        ask_for_named_test(decision.slug, email, name, asked_by=member.label, ports=ports, now=request.now)
        outside = "to an address outside the team" if request.fields.get("email", "").strip() else ""
        request.note("asked for a test", decision.slug, outside)
        return Go(f"/desk/issues/{decision.slug}/?{DONE}=test")
    answer = ask_for_test(decision, request.fields.get("to", ""), ports=request.app.test_ports, now=request.now)
    if answer is not TestAnswer.ASKED:
        return Show("test_refused", {"answer": answer, "slug": decision.slug}, 409)
    request.note("asked for a test", decision.slug)
    return Go(f"/desk/issues/{decision.slug}/?{DONE}=test")


def _address_of_its_own(request: DeskRequest) -> str:
    """Return the address that was typed, or the chosen member's if there is a name to go with it; empty for neither."""
    typed, name, to = (request.fields.get(field, "").strip() for field in ("email", "name", "to"))
    if typed or not name:
        return typed
    return next((each.email for each in request.app.editors.team if each.editor_id == to), "")


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
    team, commented = app.editors.team, review_context(request, record)
    looked_over = checklist(
        request, described, rhythm=rhythm, team=team, open_comments=len(commented["comments"])
    )  # fmt: skip
    done = request.query.get(DONE, "")
    return Show(
        "issue",
        {
            "issue": record,
            "described": described,
            "buttons": [_button(verb, described, looked_over) for verb in described.verbs],
            "checklist": looked_over.items,
            "team": team,
            "done": done,
            "undo": UNDO[done] if UNDO.get(done) in described.verbs else "",
            "others_here": here.others_here(request, writing=False),
            "scripts": [address(Path(app.settings.templates_dir), here.SCRIPT)],
            **commented,
            "refusal": headline(decided, decision) if decided and decision else "",
            "meaning": MEANINGS[decided.outcome] if decided else "",
            "decisions": [
                (local_time(each.moment, rhythm.time_zone), each.verb, each.label)
                for each in reversed(noted_decisions(record))
            ],
        },
        409 if decided and decided.outcome.refused else 200,
    )


def _button(verb: Verb, described: IssueDescription, looked_over: Checklist) -> tuple[str, str, str]:
    """Return the verb of a button, the words on it and what pressing it does."""
    words, what_it_does = button_words(verb, described.stage)
    if verb is Verb.APPROVE and looked_over.approve_words:
        return str(verb), looked_over.approve_words, what_it_does
    return str(verb), words, what_it_does
