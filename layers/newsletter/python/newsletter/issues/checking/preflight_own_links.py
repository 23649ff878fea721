"""Checks of links to places of our own: files beside the issue, other issues, pages of the site; asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from newsletter.issues.checking.preflight_findings import error, quoted
from newsletter.issues.checking.preflight_foreign_links import placeholder_in
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.linked_file import path_of
from newsletter.issues.domain.own_links import is_page, why_not_there
from newsletter.issues.domain.preflight import Finding

SPELT = "Name an issue by its address, like this: /issues/2026-12-01-more-for-more/"


def own_links(specimen: Specimen) -> Iterator[Finding]:
    """Every link to a place of our own leads to something that is there when the issue is read."""
    seen: set[str] = set()
    for link in specimen.article.links:
        address = (link.address or "").partition("#")[0].partition("?")[0]
        if (
            not address
            or address in seen
            or not specimen.is_ours(address)
            or placeholder_in(specimen, link.address or "")
        ):
            continue
        seen.add(address)
        line = specimen.line_of_link(link.address or "", link.words)
        path = unquote(address.removeprefix(specimen.public_url)) or "/"
        if address.startswith(specimen.page_url):
            yield from _beside(specimen, unquote(address.removeprefix(specimen.page_url)), line)
        elif path.startswith("/issues/"):
            slug, _, rest = path.removeprefix("/issues/").partition("/")
            if slug != specimen.issue.slug:
                yield from _neighbour(specimen, slug, rest, line)
        elif not is_page(path):
            what = f"There is no page {quoted(path)} on our own site."
            yield error("page-missing", what, "Copy its address from the browser once more.", line)


def _beside(specimen: Specimen, name: str, line: int | None) -> Iterator[Finding]:
    """Look at a link to something that lies, or should lie, beside the issue."""
    slug, found = specimen.issue.slug, specimen.own_links
    if name in found.missing:
        what = f"The file {quoted(name)} is not there."
        yield error("file-missing", what, f"Upload it to issues/{slug}/, spelt just so, capitals included.", line)
    elif name in found.refused and name.lower().endswith(".md"):
        what = f"The link to {quoted(name)} leads to no issue."
        yield error("issue-missing", what, SPELT, line)
    elif name in found.refused:
        why, remedy = found.refused[name]
        yield error("file-refused", f"The file {quoted(name)} cannot be published. {why}", remedy, line)


def _neighbour(specimen: Specimen, slug: str, rest: str, line: int | None) -> Iterator[Finding]:
    """Look at a link to another issue, or to a file of one."""
    neighbours = specimen.own_links.neighbours
    if not is_slug(slug):
        what = f"There is no page {quoted(f'/issues/{slug}')} on our own site."
        yield error("issue-missing", what, SPELT, line)
        return
    if slug not in neighbours:
        return
    neighbour = neighbours[slug]
    if why := why_not_there(neighbour, specimen.issue):
        what = f"The issue {quoted(slug)} {why}: readers of this one will not find it."
        yield error(
            "issue-missing",
            what,
            f"Write /issues/{slug}/ only for an issue that goes out before, or take the link out.",
            line,
        )
        return
    paths = neighbour.paths if neighbour else None
    if paths is not None and rest not in ("", "index.html") and path_of(slug, rest) not in paths:
        what = f"There is no {quoted(rest)} beside the issue {quoted(slug)}."
        yield error("issue-missing", what, "Link to the issue, or put a copy of the file beside this one.", line)
