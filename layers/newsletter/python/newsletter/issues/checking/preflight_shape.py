"""Checks of the mail as a whole: its size, its two parts, what the law asks for, pictures, headings and colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from newsletter.issues.checking.preflight_colours import unreadable
from newsletter.issues.checking.preflight_findings import error, quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.preflight import Finding
from newsletter.issues.domain.size import GMAIL_CLIPS_AT, ROOM, worst_case
from newsletter.issues.writing.weights import heaviest

TEMPLATES = "This comes from the templates or the brand, not from the issue; ask whoever runs the newsletter."

LONGEST_ALT = 250
"""Characters. A screen reader says it in one breath and cannot go back within it."""

FILE_NAME = re.compile(
    r"\S+\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?|heic)"
    r"|(?:img|dsc[fn]?|image|screen ?shot|photo|picture)[ _-]?[\d ._-]*(?:at [\d.]+)?",
    re.IGNORECASE,
)
"""What cameras and programs call a picture."""

EMBEDDED = re.compile(
    r"""<img\b[^<>]*?\ssrc\s*=\s*["']?data:|^ {0,3}\[[^\[\]\n]+\]:\s*<?data:""", re.IGNORECASE | re.MULTILINE
)
"""A picture within the text: as HTML, or named below it, as Google Docs does."""

CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)|`[^`\n]*`", re.DOTALL | re.MULTILINE)

HEAVY_PICTURE = 300_000
"""Bytes. A photograph of 1,200 pixels, the most we keep, has 100 to 250 thousand as a JPEG of good quality."""

HEAVY_ISSUE = 1_500_000
"""Bytes: some eight seconds on a slow mobile line (1.6 Mbit/s), and people wait less."""

FEWEST_WORDS = 20
"""Of an issue. Filters distrust a mail that is all picture."""


def size(specimen: Specimen) -> Iterator[Finding]:
    """The mail stays whole in Gmail, for the reader for whom it gets largest."""
    if specimen.unknown_variables:
        return  # there is no such mail
    html = worst_case(specimen.rendered, specimen.public_url).html
    if html > GMAIL_CLIPS_AT:
        what = f"The mail has up to {html:,} bytes of HTML; Gmail cuts it off after about {GMAIL_CLIPS_AT:,}."
        yield error(
            "size-clipped",
            f"{what} {heaviest(specimen.issue.body)}".rstrip(),
            "Move a part into an issue or a page of its own and link to it; tables and code weigh most.",
        )
    elif html > GMAIL_CLIPS_AT - ROOM:
        what = f"The mail has up to {html:,} bytes of HTML, close to the {GMAIL_CLIPS_AT:,} that Gmail shows."
        yield warning("size-close", what, "Shorten it a little: whoever passes it on adds to it.")


def text_part(specimen: Specimen) -> Iterator[Finding]:
    """The text part says what the HTML part says."""
    words = len(specimen.article.everything.split())
    in_text = len(re.sub(r"(?:https?|mailto|tel):\S+|\[\d+\]", " ", specimen.text).split())
    if in_text * 2 < words:
        what = f"The text part has {in_text} words and the HTML part {words}."
        yield error(
            "text-thin",
            what,
            "Write with Markdown rather than HTML: what stands in HTML may be lost to those who read text.",
        )
    if words < FEWEST_WORDS and specimen.article.pictures:
        what = f"The issue has {words} words besides its pictures."
        yield warning(
            "text-few-words",
            what,
            "Say in words what matters: many people see no pictures, and filters distrust such a mail.",
        )


def footer(specimen: Specimen) -> Iterator[Finding]:
    """Both parts let their reader leave, and say who writes."""
    addresses = {link.address for link in specimen.mail.links}
    ways = (
        (specimen.unsubscribe_url, "unsubscribe"),
        (specimen.preferences_url, "change one's details"),
        (specimen.page_url, "read the issue in a browser"),
    )
    text = specimen.text.split()
    for address, purpose in ways:
        missing = [part for part, there in (("HTML", address in addresses), ("text", address in text)) if not there]
        for part in missing:
            yield error("footer-link", f"The {part} part has no link to {purpose}.", TEMPLATES)
    lines = [" ".join(line.split()) for line in specimen.postal_address.splitlines() if line.strip()]
    if not lines:
        yield error(
            "footer-address",
            "There is no postal address; the law of most countries asks for one.",
            "Set PostalAddress.",
        )
    for part, words in (("HTML", specimen.mail.everything), ("text", " ".join(text))):
        if not all(line in words for line in lines):
            yield error("footer-address", f"The {part} part does not give the postal address in full.", TEMPLATES)


def pictures(specimen: Specimen) -> Iterator[Finding]:
    """Every picture is there, and comes from us."""
    for name in specimen.missing:
        what = f"The picture {quoted(name)} is not there."
        where = f"Upload it to issues/{specimen.issue.slug}/, spelt just so, capitals included."
        yield error("picture-missing", what, where, _line_of_picture(specimen, name))
    for name, why in specimen.refused.items():
        yield error(
            "picture-refused", f"The picture {quoted(name)} cannot be shown.", why, _line_of_picture(specimen, name)
        )
    body = CODE.sub(lambda code: "\n" * code[0].count("\n"), specimen.issue.body)
    for found in EMBEDDED.finditer(body):
        what = "A picture stands within the text (data:) and is not shown: mail programs take such pictures out."
        remedy = f"Save it as a file in issues/{specimen.issue.slug}/, and name that: ![What it shows](picture.png)"
        line = specimen.issue.lines.get("body", 1) + body.count("\n", 0, found.start())
        yield error("picture-embedded", what, remedy, line)
    for address in dict.fromkeys(shown.address for shown in specimen.mail.pictures):
        if address and not specimen.is_ours(address):
            host = urlsplit(address).hostname or address
            what = f"A picture comes from {host}, which learns who opens the mail, and may remove it."
            remedy = f"Put a copy into issues/{specimen.issue.slug}/."
            yield warning("picture-elsewhere", what, remedy, specimen.line_of_link(address))


def weight(specimen: Specimen) -> Iterator[Finding]:
    """Pictures come quickly, on a train too."""
    for picture in specimen.rendered.pictures:
        if picture.weight > HEAVY_PICTURE:
            what = f"The picture {quoted(picture.name)} weighs {_kilobytes(picture.weight)}."
            remedy = f"Crop it, or save a photograph as JPEG; below {_kilobytes(HEAVY_PICTURE)} it comes quickly."
            yield warning("picture-heavy", what, remedy, _line_of_picture(specimen, picture.name))
    total = sum(picture.weight for picture in specimen.rendered.pictures)
    if total > HEAVY_ISSUE:
        what = f"The pictures weigh {_kilobytes(total)} together."
        yield warning(
            "pictures-heavy",
            what,
            f"Keep them below {_kilobytes(HEAVY_ISSUE)}: show some of them on a page of their own.",
        )


def alt(specimen: Specimen) -> Iterator[Finding]:
    """Whoever does not see a picture is told what it shows."""
    for shown in dict.fromkeys(specimen.article.pictures):
        name = specimen.name_of_picture(shown.address)
        line = specimen.line_of_picture(shown.address, shown.alt)
        if not shown.alt:
            if not _is_decoration(specimen, name):
                what = f"The picture {quoted(name)} has no words for those who do not see it."
                remedy = 'Say between the square brackets what it shows; if it only adorns, write <img src="…" alt="">.'
                yield error("alt-missing", what, remedy, line)
        elif FILE_NAME.fullmatch(shown.alt) or shown.alt in (name, name.rpartition(".")[0]):
            what = f"{quoted(shown.alt)} says nothing about what the picture shows."
            yield warning("alt-file-name", what, "Write what somebody sees who looks at it.", line)
        elif len(shown.alt) > LONGEST_ALT:
            what = f"The words for a picture have {len(shown.alt)} characters: {quoted(shown.alt)}"
            yield warning("alt-long", what, f"Say it in {LONGEST_ALT}, and the rest in the text.", line)


def headings(specimen: Specimen) -> Iterator[Finding]:
    """Headings are the table of contents of those who listen."""
    rank = 1
    for heading in specimen.article.headings:
        if not heading.words:
            yield warning("heading-empty", "A heading is empty.", "Give it words, or remove it.")
            continue
        if heading.rank > rank + 1:
            yield warning(
                "heading-skips",
                f"The heading {quoted(heading.words)} skips {'a rank' if heading.rank == rank + 2 else 'ranks'}.",
                f"Give it {heading.rank - rank - 1} # less: after a rank comes the next.",
                specimen.line_of(f"# {heading.words}", heading.words),
            )
        rank = heading.rank


def colours(specimen: Specimen) -> Iterator[Finding]:
    """Everybody can read the words, in light and in dark."""
    for pair in unreadable(specimen.html):
        what = (
            f"{quoted(pair.words)} is {pair.front} on {pair.back} in {pair.scheme} mode:"
            f" a contrast of {pair.ratio:.1f}, where {pair.least:g} is needed."
        )
        yield error("contrast", what, TEMPLATES, specimen.line_of(pair.words))


def _kilobytes(weight: int) -> str:
    return f"{round(weight / 1000):,} KB"


def _line_of_picture(specimen: Specimen, name: str) -> int | None:
    if unquote(specimen.issue.image).removeprefix("./") == name and "image" in specimen.issue.lines:
        return specimen.issue.lines["image"]
    return specimen.line_of(name, name.replace(" ", "%20"))


def _is_decoration(specimen: Specimen, name: str) -> bool:
    """Return whether the author wrote an empty alt on purpose, which Markdown cannot say."""
    tags = re.findall(r"<img\b[^<>]*>", specimen.issue.body, re.IGNORECASE)
    return any(name in unquote(tag) and re.search(r"""\balt\s*=\s*(?:""|'')""", tag) for tag in tags)
