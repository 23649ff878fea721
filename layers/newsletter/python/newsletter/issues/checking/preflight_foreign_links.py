"""Checks of links that belong to another system: its placeholders, and addresses that it wrapped into its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from newsletter.issues.checking.preflight_findings import error, quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.checking.preflight_words import MERGE_TAGS
from newsletter.issues.domain.preflight import Finding
from newsletter.web.wrapped_link import unwrapped

_WAYS_OUT = r"(?:\w*(?:unsub|opt-?out)\w*|preferences|update_profile|manage_subscription\w*)"
_PAGES = r"(?:\w*(?:web_?(?:version|copy|page)|view_?(?:as|in|online)|browser)\w*|archive|mirror)"

_ONLY_IN_ADDRESSES = re.compile(
    r"\{\$[\w.]{1,60}\}"  # MailerLite
    rf"|%(?:{_WAYS_OUT}|{_PAGES})%"  # Mailgun, ActiveCampaign
    rf"|\{{ ?(?:{_WAYS_OUT}|{_PAGES}) ?\}}"  # Brevo's older ones
    rf"|(?<=[=/])\[{{1,2}} ?(?:{_WAYS_OUT}|{_PAGES}|email|first_?name|last_?name) ?\]{{1,2}}",  # Campaign Monitor
    re.IGNORECASE,
)
"""Placeholders that in prose could be words, and in an address are nothing else."""

_FOOT = "Take the link out: the foot of every email has the reader's own links to unsubscribe and to the preferences."
_PAGE = "Take the link out: every email links to its own page."
_SAME = "Write out the whole address; it is the same for every reader."

FOREIGN_TAGS = {"unsubscribe": _FOOT, "preferences": _FOOT, "webversion": _PAGE, "forwardtoafriend": _PAGE}
"""Elements of which Campaign Monitor makes links, and what to do instead."""

_WRITTEN = re.compile(
    r"""\[(?P<words>[^\[\]]*)\]\(<?(?P<address>[^()]*)"""
    r"""|<a\b[^>]*?\bhref=(?P<quote>["'])(?P<target>.*?)(?P=quote)[^>]*>(?P<inner>.*?)</a>""",
    re.IGNORECASE | re.DOTALL,
)
"""A link as its author wrote it, in Markdown or HTML."""


def placeholder_in(specimen: Specimen, address: str) -> str | None:
    """Return the placeholder of a mail system that an address holds, as it was typed, or None.

    What a browser encoded, such as a search for braces, was not typed and is meant.
    """
    form = unquote(address)
    for pattern in (MERGE_TAGS, _ONLY_IN_ADDRESSES):
        for found in pattern.finditer(form):
            tag = f"*{found[0]}*" if found[0].startswith("|") else found[0]
            if tag in form and tag in specimen.issue.body:
                return tag
    return None


def lost_placeholder(specimen: Specimen, words: str) -> str | None:
    """Return the placeholder in the address of a link that lost it on the way, or None."""
    for written in _WRITTEN.finditer(specimen.issue.body):
        if words in (written["words"], written["inner"]):
            return placeholder_in(specimen, written["address"] or written["target"] or "")
    return None


def foreign_links(specimen: Specimen) -> Iterator[Finding]:
    """No address waits for another system to complete it, or leads through one."""
    seen: set[str | None] = set()
    places = [(link.address, link.words) for link in specimen.article.links]
    places += [(picture.address, picture.alt) for picture in specimen.article.pictures]
    for address, words in places:
        key = address or words
        if key in seen:
            continue
        seen.add(key)
        tag = placeholder_in(specimen, address) if address else lost_placeholder(specimen, words)
        if tag is not None:
            what = f"An address holds {quoted(tag)}: only the system it comes from knows what belongs there."
            yield error("placeholder-link", what, _instead_of(tag), specimen.line_of(tag, f"[{words}]"))
        elif address and (target := unwrapped(address)) != address:
            what = f"The link {quoted(words or address)} takes a detour; it really leads to {target}"
            line = specimen.line_of_link(address, f"[{words}]")
            yield warning("link-wrapped", what, f"Link to it directly: {target}", line)


def _instead_of(tag: str) -> str:
    if re.search(_WAYS_OUT, tag, re.IGNORECASE):
        return _FOOT
    return _PAGE if re.search(_PAGES, tag, re.IGNORECASE) else _SAME
