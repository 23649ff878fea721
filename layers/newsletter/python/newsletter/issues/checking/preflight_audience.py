"""Checks of the part of the list that an issue goes to."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from newsletter.core.audience.expression import FIELD
from newsletter.core.audience.grammar import parse_audience
from newsletter.issues.checking.preflight_findings import quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.preflight import Finding


def audience(specimen: Specimen) -> Iterator[Finding]:
    """Find a part that is nobody or everybody, tags that no reader has, and fields that are not defined.

    Where nobody counted only fields are found, and nothing where no settings are at hand either.
    """
    look, line = specimen.audience, specimen.issue.lines.get("audience")
    if look is not None or specimen.reader_fields:
        yield from _unknown_fields(specimen)
    if look is None:
        return
    for tag, near in look.unknown_tags.items():
        remedy = f"Did you mean {' or '.join(near)}?" if near else "Check its spelling, or tag somebody with it."
        yield warning("audience-unknown-tag", f"No reader has the tag {quoted(tag)}.", remedy, line)
    if not look.readers:
        remedy = "Check `audience`: sent today, the issue would go to nobody."
        if not specimen.issue.audience:
            chosen = "the digest" if specimen.issue.digest else "every issue"
            remedy = f"Nobody has chosen {chosen}: sent today, it would go to nobody."
        yield warning("audience-nobody", "No reader is in the part of the list that this issue goes to.", remedy, line)
    elif specimen.issue.audience and not look.is_estimate and look.readers == look.everybody:
        remedy = "Leave `audience` out if that is meant; whoever joins later may not be in it."
        yield warning("audience-everybody", "Every reader is in the part of the list it goes to.", remedy, line)


def _unknown_fields(specimen: Specimen) -> Iterator[Finding]:
    if not specimen.issue.audience or specimen.issue.translation:
        return  # a translation goes wherever its original does
    known, line = [each.key for each in specimen.reader_fields], specimen.issue.lines.get("audience")
    named = dict.fromkeys(each.name for each in parse_audience(specimen.issue.audience).comparisons)
    for key in [name.removeprefix(FIELD) for name in named if name.startswith(FIELD)]:
        if key in known:
            continue
        near = [f"{FIELD}{each}" for each in get_close_matches(key, known, n=3)]
        remedy = (
            f"Did you mean {' or '.join(near)}?" if near else "Check its key, or define it in settings/fields.yaml."
        )
        yield warning("audience-unknown-field", f"There is no field with the key {quoted(key)}.", remedy, line)
