"""The addresses in an issue: made absolute, and its own pictures and files among them found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.picture import Picture

SCHEMES = frozenset({"http", "https", "mailto", "tel"})

ID_PREFIX = "text-"
"""Before every id of an author, so that it cannot collide with one of the page's own."""

PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)", re.IGNORECASE)
"""How the name of a picture ends that is only linked to."""


@dataclass(slots=True)
class Addresses:
    """Makes the addresses of one issue absolute, and remembers which of its own pictures it names."""

    public_url: str
    slug: str
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """What there is to show, by the name the author uses."""
    named: list[str] = field(default_factory=list)
    files: Mapping[str, LinkedFile] = field(default_factory=dict)
    """The files beside the issue, by the name the author uses."""
    linked: list[str] = field(default_factory=list)
    """What its links name below its own page that is no picture, in the order of their first appearance."""
    neighbours: list[str] = field(default_factory=list)
    """Other issues that its links lead to, or to something of."""
    translation: str = ""
    """The language code below the issue's address, if this is a translation."""
    _served_files: dict[str, LinkedFile] = field(init=False)

    def __post_init__(self) -> None:
        self._served_files = {each.address(self.public_url): each for each in self.files.values()}

    @property
    def key(self) -> str:
        """Where the file of the text stands in the content bucket."""
        return f"issues/{self.slug}{f'.{self.translation}' if self.translation else ''}.md"

    @property
    def page(self) -> str:
        """The address of the issue's page; what lies beside the issue is found from here, in every language."""
        return f"{self.public_url}/issues/{self.slug}/"

    @property
    def own_page(self) -> str:
        """The address of the page in this language."""
        return f"{self.page}{self.translation}/" if self.translation else self.page

    def link(self, address: str) -> str | None:
        """Return the absolute address of a link, or None when it must not be one."""
        absolute = self.absolute(address)
        return self.served_link(absolute) if absolute else absolute

    def picture(self, address: str) -> str | None:
        """Return the absolute address of a picture, or None when it cannot be shown."""
        absolute = self.absolute_picture(address)
        return self.served_picture(absolute) if absolute else absolute

    def served_link(self, absolute: str) -> str:
        """Return where a link leads: one to a picture or a file of the issue leads to where that is served."""
        name = self._own(absolute)
        if not name:
            self._note_neighbour(absolute)
            return absolute
        if PICTURE.fullmatch(PurePosixPath(name).suffix):
            return self._served(name) or absolute
        if name not in self.linked:
            self.linked.append(name)
        place = urlsplit(absolute).fragment
        linked_file = self.files.get(name)
        if linked_file is None:
            return absolute
        return linked_file.address(self.public_url) + (f"#{place}" if place else "")

    def served_picture(self, absolute: str) -> str | None:
        """Return where a picture is shown from, or None when it is one of the issue and is not there."""
        name = self._own(absolute)
        return self._served(name) if name else absolute

    def absolute_picture(self, address: str) -> str | None:
        """Return the absolute address of a picture, or None when it cannot be one."""
        absolute = self.absolute(address)
        return absolute if absolute and absolute.startswith(("https:", "http:")) else None

    def shown(self, absolute: str) -> Picture | None:
        """Return the issue's own picture that is served from this address, if there is one."""
        return next((each for each in self.pictures.values() if absolute == f"{self.public_url}/{each.path}"), None)

    def file_at(self, absolute: str) -> LinkedFile | None:
        """Return the file beside the issue that is served from this address, if there is one."""
        return self._served_files.get(absolute.partition("#")[0])

    def absolute(self, address: str) -> str | None:
        """Return the absolute address, or None when it is of a kind that we let nobody open."""
        if address.startswith("#"):
            return f"{self.own_page}#{ID_PREFIX}{address[1:]}"
        if other := re.fullmatch(r"(?:\./)?([a-z0-9-]+)\.md(#.*)?", address):
            # Editors link to the file they know; readers need its page.
            return f"{self.public_url}/issues/{other[1]}/{other[2] or ''}"
        own = address.removeprefix("./").removeprefix(f"{self.slug}/")
        try:
            absolute = urljoin(self.page, own)
            scheme = urlsplit(absolute).scheme
        except ValueError:
            return None
        return absolute if scheme in SCHEMES else None

    def _own(self, absolute: str) -> str:
        """Return the name of a file beside the issue, and nothing for any other address."""
        if not absolute.startswith(self.page):
            return ""
        return unquote(urlsplit(absolute).path.removeprefix(urlsplit(self.page).path))

    def _note_neighbour(self, absolute: str) -> None:
        """Remember which other issue an address leads to."""
        slug = absolute.removeprefix(f"{self.public_url}/issues/").partition("/")[0].partition("#")[0].partition("?")[0]
        if (
            absolute.startswith(f"{self.public_url}/issues/")
            and is_slug(slug)
            and slug not in (*self.neighbours, self.slug)
        ):
            self.neighbours.append(slug)

    def _served(self, name: str) -> str | None:
        """Return where one of the issue's own pictures is served from, if it is there."""
        if name not in self.named:
            self.named.append(name)
        picture = self.pictures.get(name)
        return f"{self.public_url}/{picture.path}" if picture else None
