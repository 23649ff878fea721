"""An upload or a removal below `issues/` or `settings/` in the content bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.core.language import CODES
from newsletter.issues.domain.document import ENDING
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.settings_file import LARGEST_SETTINGS

FOLDER = "issues/"
OURS = (".problems.txt", ".preflight.json")
"""What we write beside the editors' files; their events are echoes."""


def problems_key(key: str) -> str:
    """Return where the problems of a file are written."""
    return f"{key.removesuffix('.md').removesuffix('.yaml')}{OURS[0]}"


SEQUENCER_LENGTH = 64

TRANSLATION = re.compile(r"(?P<slug>[^./]+)\.(?P<code>(?P<language>[a-z]{2})(?:-[a-z]{2}|-[a-z]{4})?)\.md")
"""How the file of a translation is named, below `issues/`: `<slug>.cy.md`, `<slug>.pt-br.md`. A slug has no dot."""

LARGEST_ISSUE = 256 * 1024
"""Bytes. A long issue is 40 KB; a mail above 102 KB is cut off by Gmail."""

LARGEST_PICTURE = 20 * 1024 * 1024
"""Bytes. The photographs of telephones have 3 to 12 MB."""


LONGEST_IDENTITY = 120
"""Characters of whoever uploaded that are kept."""


def largest(key: str) -> int:
    """Return how many bytes of an editor's file we take."""
    if key.endswith(".yaml"):
        return LARGEST_SETTINGS
    return LARGEST_ISSUE if key.endswith(".md") else LARGEST_PICTURE


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What stands under a key, and which of its versions that is."""

    body: bytes
    version: str
    uploaded_by: str = ""
    """What the command line wrote beside it; whoever may upload may write anything."""


@dataclass(frozen=True, slots=True)
class UploadNumber:
    """Which event about one issue and its folder this is, counted from 1 each day."""

    day: str
    """ISO date."""
    number: int


@dataclass(frozen=True, slots=True)
class Upload:
    """One event about one key, as S3 ordered it."""

    key: str
    sequencer: str = ""
    """Comparable as text, see `padded`; empty where the store gives none."""
    removed: bool = False
    patient: bool = True
    """Whether pictures that are not there yet may still be on their way; the second look waits no more."""
    counted: UploadNumber | None = None
    """Only for a look that waited: it is not taken if another event came behind this one."""
    uploaded_by: str = ""
    """Whoever made the event, as far as AWS says; empty where it does not."""

    @property
    def is_echo(self) -> bool:
        """Whether this is a file of ours, or the marker of a folder."""
        return self.key.endswith((*OURS, "/"))

    @property
    def is_new(self) -> bool:
        """Whether this is an event of the bucket, and not a look that we asked for ourselves."""
        return self.patient and self.counted is None

    @property
    def translation(self) -> str:
        """The language code in the name of this file, if it is a translation; empty otherwise."""
        return translation_of(self.key)[1]

    @property
    def is_beside_an_issue(self) -> bool:
        """Whether this is a translation, or in an issue's folder: a picture, a file. Markdown there is misplaced."""
        if self.translation:
            return True
        return "/" in self.key.removeprefix(FOLDER) and not self.key.endswith(".md")

    @property
    def is_document(self) -> bool:
        """Whether this is a word processor's document where an issue should stand; in a folder it is a file to link."""
        return self.key.endswith(ENDING) and "/" not in self.key.removeprefix(FOLDER)

    @property
    def of_issue(self) -> Upload:
        """The look at the issue that an event beside it asks for; with no place in the order of its own."""
        name = translation_of(self.key)[0] or self.key.removeprefix(FOLDER).partition("/")[0].removesuffix(".md")
        return Upload(f"{FOLDER}{name}.md", uploaded_by=self.uploaded_by)

    @property
    def slug(self) -> str | None:
        """The name of the issue, if this is a Markdown file; it may still be one that cannot be an address."""
        name = self.key.removeprefix(FOLDER)
        return name.removesuffix(".md") if name.endswith(".md") else None

    @property
    def issue_name(self) -> str:
        """The issue that this costs something for; empty where that is none."""
        name = self.of_issue.slug or ""
        return name if self.key.startswith(FOLDER) and is_slug(name) else ""

    def older_than(self, sequencer: str) -> bool:
        """Return whether S3 ordered this event before the one with that sequencer."""
        return bool(self.sequencer) and self.sequencer < sequencer


def translation_of(key: str) -> tuple[str, str]:
    """Return the slug and the language code in the name of a translation's file; of any other file, two empty texts."""
    found = TRANSLATION.fullmatch(key.removeprefix(FOLDER)) if key.startswith(FOLDER) else None
    if found is None or found["language"] not in CODES or not is_slug(found["slug"]):
        return "", ""
    return found["slug"], found["code"]


def padded(sequencer: str) -> str:
    """Return a sequencer that compares as text: S3's differ in length, and the shorter is padded on the right.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return sequencer.upper().ljust(SEQUENCER_LENGTH, "0") if sequencer else ""
