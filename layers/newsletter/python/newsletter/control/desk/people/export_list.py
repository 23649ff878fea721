"""Giving the list out: asked for by a button, written in a minute or two, and then a link that works for a few."""

from __future__ import annotations

from secrets import token_hex

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.readers.importing.domain.list_keys import ID
from newsletter.readers.importing.jobs.offer_export import offer_export

EXPORT = "/desk/people/export/"
SUPPRESSIONS = "suppressions"


def show(_: DeskRequest) -> Answer:
    """Show what can be exported."""
    return Show("export")


def ask(request: DeskRequest) -> Answer:
    """Have the list written, or all suppressions."""
    export_id, of_suppressions = token_hex(16), request.fields.get("of") == SUPPRESSIONS
    request.app.import_desk_ports.export_queue.export(export_id, of_suppressions=of_suppressions)
    # Whoever reads the log shall not get the file by it: its name is not in there.
    request.note("exported the suppressions" if of_suppressions else "exported the list")
    return Go(f"{EXPORT}{export_id}/")


def show_one(request: DeskRequest) -> Answer:
    """Show the link to an export, once it is written, to somebody who signed in a moment ago."""
    export_id, fresh = request.parts["id"], request.visitor.session.is_fresh(request.now)
    if not ID.fullmatch(export_id):
        return Show("missing", status_code=404)
    address = offer_export(export_id, ports=request.app.import_desk_ports, now=request.now) if fresh else None
    return Show("export_ready", {"path": f"{EXPORT}{export_id}/", "address": address, "fresh": fresh})


ROUTES = (
    Route("GET", EXPORT, Act.PEOPLE, show),
    Route("POST", EXPORT.rstrip("/"), Act.CARRY, ask),
    Route("GET", f"{EXPORT}<id>/", Act.CARRY, show_one),
)
