"""Counting a part of the list, before an issue goes to it; nobody's record is read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from difflib import get_close_matches

from newsletter.core.audience.expression import AudienceExpression, Comparison, Relation
from newsletter.core.audience.look import AudienceLook
from newsletter.readers.domain.shard import PARTITIONS
from newsletter.readers.ports import Audience

COUNTED_WHOLE = 100_000
"""Readers. Up to here all of the index is read, which takes a second or two; a page is not kept waiting for more."""

MOST_ASKED = 10
"""Tags of one expression that are looked up by themselves; whoever mistypes more of them reads of the first."""


def count_part(audience: Audience, expression: AudienceExpression) -> AudienceLook:
    """Count a part of the list and the list; of a large one a sixteenth, where readers lie by chance."""
    in_one = audience.size(partitions=1)
    if in_one * PARTITIONS <= COUNTED_WHOLE:
        return AudienceLook(audience.size(matching=expression), audience.size())
    sample = audience.size(matching=expression, partitions=1)
    if sample:
        return AudienceLook(sample * PARTITIONS, in_one * PARTITIONS, is_estimate=True)
    # That nobody is meant is not to be guessed.
    return AudienceLook(audience.size(matching=expression), in_one * PARTITIONS, is_estimate=True)


def look_at_audience(
    expression: AudienceExpression, *, audience: Audience, known_tags: Callable[[], Collection[str]]
) -> AudienceLook:
    """Count a part of the list, and say which of its tags no reader has.

    Args:
        expression: The part.
        audience: The list.
        known_tags: Returns the tags that readers had when the list was last counted.
    """
    look = count_part(audience, expression)
    known = known_tags()
    missing = [tag for tag in expression.values("tag")[:MOST_ASKED] if tag not in known]
    unknown = [tag for tag in missing if not audience.size(matching=_tagged(tag))]
    near = {tag: tuple(get_close_matches(tag, known, n=3)) for tag in unknown}
    return AudienceLook(look.readers, look.everybody, look.is_estimate, near)


def _tagged(tag: str) -> AudienceExpression:
    return AudienceExpression(f"tag:{tag}", Comparison("tag", Relation.IS, tag))
