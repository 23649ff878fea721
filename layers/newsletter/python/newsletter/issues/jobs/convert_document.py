"""A word processor's document was uploaded where issues stand: make the draft of an issue beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.errors import InvalidDocumentError
from newsletter.issues.domain.document import ENDING
from newsletter.issues.domain.issue import Problem, is_slug
from newsletter.issues.domain.problem_list import NOT_MAILED, problem_list
from newsletter.issues.domain.publication import UploadResult
from newsletter.issues.domain.upload import FOLDER, SourceFile, Upload, largest

if TYPE_CHECKING:
    from newsletter.core.editors import Editors
    from newsletter.issues.document_ports import Documents, DraftStore
    from newsletter.issues.ports import ContentStore


@dataclass(frozen=True, slots=True)
class ConversionPorts:
    """What making a draft of a document touches."""

    content: ContentStore
    drafts: DraftStore
    documents: Documents
    editors: Editors


def convert_document(upload: Upload, *, ports: ConversionPorts, today: date) -> UploadResult:
    """Write the draft of an issue, and its pictures, beside a document; never over anything that stands there.

    The draft is an upload like any other: its preview follows from it, and says what could not be kept.
    """
    file = ports.content.newest(upload.key)
    if file is None:
        return UploadResult.GONE
    slug = upload.key.removeprefix(FOLDER).removesuffix(ENDING)
    try:
        if not is_slug(slug):
            raise InvalidDocumentError(
                f"This is not a Markdown file, and “{slug}{ENDING}” cannot become a web address.",
                f"Use lower-case letters, digits and hyphens: 2026-12-01-more-for-more{ENDING}.",
            )
        draft = f"{FOLDER}{slug}.md"
        made_from = f"Made from {slug}{ENDING} ({sha256(file.body).hexdigest()[:16]})."
        before = ports.content.read(draft)
        if before is not None and made_from.encode() in before:
            return UploadResult.CONVERTED  # the event came twice
        if before is not None:
            raise InvalidDocumentError(
                f"There is {draft} already, and a document never replaces it.",
                "Change that file; or remove it, and upload the document again.",
            )
        if len(file.body) > largest(upload.key):
            raise InvalidDocumentError(
                f"The document has more than {largest(upload.key):,} bytes.",
                "Make its pictures smaller, or several documents of it.",
            )
        document = ports.documents.read(file.body)
    except InvalidDocumentError as refusal:
        return _refused(upload, file, refusal, ports)
    for name, picture in document.pictures.items():
        ports.drafts.add(f"{FOLDER}{slug}/{name}", picture)
    # The draft last: its preview shows the pictures.
    ports.drafts.add(draft, document.draft(slug, today=today, made_from=made_from).encode())
    ports.content.clear_problems(upload.key)
    return UploadResult.CONVERTED


def _refused(upload: Upload, file: SourceFile, refusal: InvalidDocumentError, ports: ConversionPorts) -> UploadResult:
    problems = [Problem(None, refusal.message, refusal.remedy)]
    if ports.content.problems_of(upload.key) != file.version:
        mailed_about = NOT_MAILED
        try:
            ports.editors.tell("editors_problems", key=upload.key, problems=problems)
            mailed_about = file.version
        finally:
            ports.content.put_problems(upload.key, problem_list(upload.key, problems), version=mailed_about)
    return UploadResult.REFUSED
