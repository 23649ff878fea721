"""The recipients of one call to SES: its content is one for all of them, and so is its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.subscriber import Subscriber


def of_one_language(ahead: Sequence[str], records_read: Mapping[str, Subscriber], rendered: RenderedIssue) -> list[str]:
    """Return those who get the same edition of the issue as the first of them.

    Who has no record has no language either, and gets nothing: whoever comes first takes them along.
    """
    if not rendered.translations:
        return list(ahead)
    by_language = {lang: rendered.in_language(lang) for lang in {person.lang for person in records_read.values()}}
    editions = {each: by_language[person.lang] for each, person in records_read.items()}
    first = next((editions[each] for each in ahead if each in editions), rendered)
    return [each for each in ahead if editions.get(each, first) is first]
