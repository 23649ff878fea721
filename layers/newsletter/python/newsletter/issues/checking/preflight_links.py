"""Checks of the links: each has an address that can work, and words that say where it leads."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from newsletter.issues.checking.preflight_findings import error, quoted, warning
from newsletter.issues.checking.preflight_foreign_links import lost_placeholder, placeholder_in
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.preflight import Finding, Level
from newsletter.web.wrapped_link import unwrapped

PRIVATE_ENDINGS = (
    "arpa corp home internal intranet invalid lan local localdomain localhost onion test".split()  # noqa: SIM905
)
"""Names that the open internet does not know. Sources: RFC 2606, RFC 6762 (appendix G), RFC 8375, RFC 9476."""

EXAMPLES = ("example.com", "example.net", "example.org", "example.edu", "example")
"""Names that exist only in examples. Source: RFC 2606."""

VAGUE = frozenset(
    {
        "click", "click here", "here", "learn more", "link", "more", "read more", "see here",
        "this", "this link", "this page",
        "cliquez ici", "en savoir plus", "ici", "lien", "lire la suite",
        "hier", "hier klicken", "klicken sie hier", "mehr", "mehr erfahren", "mehr lesen", "weiterlesen",
        "aquí", "enlace", "haga clic aquí", "leer más", "más", "pulse aquí",
        "cliciwch yma", "darllen mwy", "dolen", "mwy", "yma",
    }
)  # fmt: skip
"""Words that say nothing to somebody who goes from link to link by ear, in the languages we speak."""

LONGEST_NUMBER = 15
"""Digits of a telephone number with its country. Source: ITU-T E.164, section 6."""

UNREAD = re.compile(r"!?\[[^\[\]]*\]\(((?:[^()]|\([^()]*\))*)\)")
"""Markdown of a link that was not understood as one: an address with a space in it, or of a forbidden kind."""


def links(specimen: Specimen) -> Iterator[Finding]:
    """Every link and picture has an address that a mail program can follow."""
    seen: set[str] = set()
    for link in specimen.mail.links:
        if link.address is None or link.address in seen:
            continue
        seen.add(link.address)
        if placeholder_in(specimen, link.address):
            continue  # what else is wrong with it comes from that
        for finding in _address(specimen, link.address):
            yield replace(finding, line=specimen.line_of_link(link.address, link.words))
    for shown in specimen.mail.pictures:
        if shown.address and shown.address not in seen and not placeholder_in(specimen, shown.address):
            seen.add(shown.address)
            for finding in _address(specimen, shown.address):
                yield replace(finding, line=specimen.line_of_picture(shown.address, shown.alt))
    for link in specimen.article.links:
        if link.address is None and link.words and not link.anchor and not lost_placeholder(specimen, link.words):
            what = f"The link {quoted(link.words)} leads nowhere: its address is missing or not allowed."
            yield error(
                "link-nowhere", what, "Links begin with https:, http:, mailto: or tel:.", specimen.line_of(link.words)
            )
    for paragraph in specimen.article.prose:
        for found in UNREAD.finditer(paragraph):
            what = f"{quoted(found[0])} was not understood as a link."
            remedy = "Begin the address with https:, http:, mailto: or tel:, and write %20 for a space."
            if found[1].startswith("data:"):
                remedy = f"Save the picture as a file in issues/{specimen.issue.slug}/, and name that."
            yield error("link-unread", what, remedy, specimen.line_of(found[0], found[1]))


def link_words(specimen: Specimen) -> Iterator[Finding]:
    """The words of a link say where it leads."""
    seen: set[tuple[str | None, str]] = set()
    for link in specimen.article.links:
        if (link.address, link.words) in seen or (link.anchor and link.address is None):
            continue
        seen.add((link.address, link.words))
        if link.address is not None and not link.words:
            what = f"The link to {link.address} has no words, so nobody can see or hear it."
            yield error(
                "link-wordless",
                what,
                "Write between the square brackets where it leads.",
                specimen.line_of_link(link.address),
            )
        elif link.words.strip(" .…:!→>»").lower() in VAGUE:
            line = specimen.line_of_link(link.address or "", f"[{link.words}]")
            what = f"The link {quoted(link.words)} does not say where it leads."
            yield warning("link-vague", what, "Make the name of what it leads to the link.", line)
        elif (shown := _elsewhere(link.words, link.address or "")) is not None:
            line = specimen.line_of_link(link.address or "", f"[{link.words}]")
            what = f"The link {quoted(link.words)} leads to {shown}: readers and filters take that for a trick."
            yield warning(
                "link-elsewhere", what, "Let the words name the site that it leads to, or what is there.", line
            )


_SITE = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/?#:]\S*)?", re.IGNORECASE)
"""Words that are an address. A file such as `report.pdf` is none."""

_FILE = re.compile(
    r".*\.(?:pdf|docx?|xlsx?|csv|od[tsp]|epub|mp[34]|ics|zip|md|py|rs|js|ts|go|sh|toml|yaml|html?|txt|json)", re.I
)


def _elsewhere(words: str, address: str) -> str | None:
    """Return the site that readers come to, unless the words name it, or one on the way."""
    return _other_site(words, unwrapped(address)) if _other_site(words, address) else None


def _other_site(words: str, address: str) -> str | None:
    """Return the site that a link leads to when its words name another one."""
    named = _SITE.fullmatch(words.strip())
    if named is None or (_FILE.fullmatch(named[1]) and "//" not in words):
        return None
    host = (urlsplit(address).hostname or "").removeprefix("www.") if address.startswith("http") else ""
    if not host:
        return None
    said = named[1].lower().removeprefix("www.")
    same = said == host or host.endswith(f".{said}") or said.endswith(f".{host}")
    return None if same else host


def answers(specimen: Specimen) -> Iterator[Finding]:
    """Addresses answer, when we may ask (parameter CheckLinks)."""
    for address, answer in specimen.answers.items():
        line = specimen.line_of_link(address)
        ours = specimen.is_ours(address)
        if answer.private:
            if not ours:
                what = f"{address} leads into a private network, where readers cannot follow."
                yield warning("answer-private", what, "Link to a public page.", line)
        elif answer.failure:
            yield warning(
                "answer-none", f"{address} {answer.failure}.", "Open it in a browser and mend it if need be.", line
            )
        elif answer.status in (404, 410):
            what = f"{address} answers that there is no such page ({answer.status})."
            if ours:
                yield error(
                    "answer-gone-here", what, "Link to a page of ours that is there, or publish it first.", line
                )
            else:
                yield warning("answer-gone", what, "Look for where the page has moved.", line)
        elif answer.status >= 500:
            what = f"{address} answers that it is broken ({answer.status})."
            yield warning("answer-broken", what, "Open it in a browser; it may be back by now.", line)


def to_ask(specimen: Specimen) -> list[str]:
    """Return the addresses worth asking: public-looking ones of the text, but not the page we have yet to write."""
    asked: dict[str, None] = {}
    for link in specimen.article.links:
        address = (link.address or "").partition("#")[0]
        if (
            not address.startswith(("https://", "http://"))
            or address == specimen.page_url
            or placeholder_in(specimen, address)
        ):
            continue
        if not any(finding.level is Level.ERROR for finding in _address(specimen, address)):
            asked[address] = None
    return list(asked)


def _address(specimen: Specimen, address: str) -> Iterator[Finding]:
    if re.search(r"[\s\x00-\x1f\x7f]", address):
        yield error(
            "link-space", f"The address {quoted(address)} has a space in it.", "Write %20 for a space, or leave it out."
        )
        return
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        yield error("link-broken", f"{address} is not an address.", "Copy it from the browser once more.")
        return
    match parts.scheme:
        case "mailto":
            wrong = [each for each in unquote(parts.path).split(",") if not _is_email(each)]
            if wrong:
                what = f"The mailto: link has no email address in {quoted(wrong[0])}."
                what = what if wrong[0].strip() else "A mailto: link has no email address."
                yield error("link-email", what, "Write it like mailto:name@organisation.uk")
        case "tel":
            number = unquote(parts.path).partition(";")[0]
            digits = sum(letter.isdecimal() for letter in number)
            if not re.fullmatch(r"\+?[0-9().\- *#]+", number) or not 3 <= digits <= LONGEST_NUMBER:
                what = f"{address} is not a telephone number."
                yield error("link-telephone", what, "Write it like tel:+441134960000")
        case "https" | "http":
            if specimen.is_ours(address):
                yield from _place(specimen, address)
            else:
                found = list(_host(address, parts.hostname or "", parts.username is not None, port == 0))
                yield from found
                if parts.scheme == "http" and not found:
                    what = f"{address} is http: whoever is in between can read and change it."
                    yield warning("link-http", what, "Most sites answer to https: as well; use that.")
        case _:
            yield error(
                "link-short", f"{address} is not a full address.", "Begin it with https:// and the name of the site."
            )


def _is_email(text: str) -> bool:
    try:
        validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _place(specimen: Specimen, address: str) -> Iterator[Finding]:
    """Look whether a link within our own page leads to a place that is there."""
    page, _, place = address.partition("#")
    if page == specimen.page_url and place and unquote(place) not in specimen.article.ids:
        what = f"The link to “#{unquote(place).removeprefix('text-')}” leads to no heading of this issue."
        yield warning(
            "link-heading", what, "Use the words of the heading, in small letters, with hyphens between them."
        )


def _host(address: str, host: str, credentials: bool, no_port: bool) -> Iterator[Finding]:
    if credentials:
        yield error(
            "link-password", f"A link to {quoted(host)} has a user name in it.", "Take out everything before the @."
        )
    number = _number(host)
    if number is not None:
        if not number.is_global:
            yield error("link-private", f"{address} is in a private network.", "Link to a public page.")
        else:
            yield warning(
                "link-number", f"{address} is a number and not a name; filters distrust that.", "Use the site's name."
            )
    elif no_port or not _is_host(host):
        yield error("link-host", f"{address} has no host that can exist.", "Copy it from the browser once more.")
    elif "." not in host.rstrip(".") or host.rstrip(".").lower().endswith(tuple(f".{end}" for end in PRIVATE_ENDINGS)):
        yield error(
            "link-private", f"{address} has a host that only a private network can know.", "Link to a public page."
        )
    elif any(host.lower() == name or host.lower().endswith(f".{name}") for name in EXAMPLES):
        yield warning(
            "link-example", f"{address} is an address for examples; nothing is there.", "Put in the real one."
        )


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a browser makes of a host, which may be written as one number or in hexadecimal."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    with suppress(OSError, ValueError):
        if re.fullmatch(r"[0-9a-fx.]+", host, re.IGNORECASE):
            return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def _is_host(host: str) -> bool:
    """Return whether the text can be the name of a host, in any script."""
    try:
        ascii_name = host.encode("idna").decode()
    except UnicodeError:
        return False
    if len(ascii_name) > 253:  # RFC 1035, section 2.3.4
        return False
    labels = ascii_name.rstrip(".").split(".")
    # An underscore is against the rules and works everywhere.
    return all(re.fullmatch(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", label, re.IGNORECASE) for label in labels)
