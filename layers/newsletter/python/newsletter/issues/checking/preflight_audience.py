"""Checks of the part of the list that an issue goes to."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.issues.checking.preflight_findings import quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.preflight import Finding


def audience(specimen: Specimen) -> Iterator[Finding]:
    """Find a part that is nobody or everybody, and tags that no reader has; nothing where nobody counted."""
    look, line = specimen.audience, specimen.issue.lines.get("audience")
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
