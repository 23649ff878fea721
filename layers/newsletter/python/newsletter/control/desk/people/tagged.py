"""Who has a tag: page by page, each reader with a link to their own page."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from newsletter.control.desk.request import DeskRequest, Route, Show
from newsletter.core.text import masked
from newsletter.desk.domain.act import Act
from newsletter.errors import InvalidRequestError
from newsletter.readers.tags import checked_tag
from newsletter.reports.tag_counts import tag_counts

TAGGED = "/desk/people/tagged/"

PAGE = 50
"""Readers of a page: as many as one looks through, and half of what one read of records takes."""

POSITION = re.compile(r"[0-9a-g]{0,64}")
"""Where a page begins: an id, or the bound behind a partition of ids."""


def show(request: DeskRequest) -> Show:
    """Show some of the readers with a tag who may be mailed, and how many there were last night."""
    app, typed, after = request.app, request.query.get("tag", ""), request.query.get("after", "")
    if not typed.strip():
        return Show("missing", status_code=404)
    tag = checked_tag(typed)
    if not POSITION.fullmatch(after):
        raise InvalidRequestError("this page of the list does not exist; begin with the first one")
    page = app.tagged_readers.page(tag, after=after, limit=PAGE)
    records = app.subscribers.get_many(page.ids) if page.ids else {}
    # The index is a moment behind the records. A whole address stands on its reader's page alone, one at a time.
    readers = [
        (each, records[each].name, masked(records[each].email))
        for each in page.ids
        if each in records and records[each].in_audience and tag in records[each].tags
    ]
    context = {
        "tag": tag,
        "number": tag_counts(app.content).get(tag),
        "readers": readers,
        "is_first": not after,
        "next": f"{TAGGED}?{urlencode({'tag': tag, 'after': page.last_id})}" if page.last_id else "",
    }
    return Show("tagged", context)


ROUTES = (Route("GET", TAGGED, Act.PEOPLE, show),)
