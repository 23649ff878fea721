"""Who else is at an issue: pages say once a minute that they are open, and are told who else said so."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, Data, DeskRequest, Go, Route
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.presence import Doing, Presence, presence_sentence

SCRIPT = "here.js"


def say_here(request: DeskRequest) -> Answer:
    """Note that this person is here, and say who else is. By a form: to look at a page changes nothing."""
    doing = Doing.WRITING if request.fields.get("doing") == Doing.WRITING else Doing.READING
    note_here(request, doing)
    if not request.by_script:
        return Go(f"/desk/issues/{request.parts['slug']}/")
    return Data({"words": others_here(request, writing=doing is Doing.WRITING)})


def note_here(request: DeskRequest, doing: Doing) -> None:
    """Remember that this person is at this issue."""
    member = request.visitor.member
    presence = Presence(member.member_id, member.label, doing, request.now)
    request.app.reviews.note_presence(request.parts["slug"], presence)


def others_here(request: DeskRequest, *, writing: bool) -> str:
    """Return in a sentence who else is at this issue; empty if nobody is."""
    present = request.app.reviews.present(request.parts["slug"])
    own = request.visitor.member.member_id
    return presence_sentence(present, member_id=own, writing=writing, now=request.now)


ROUTES = (Route("POST", "/desk/issues/<slug>/here", Act.LOOK, say_here),)
