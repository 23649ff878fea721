"""Something was uploaded or removed: publish it, show it to the editors, and send it if it asks for that."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.core.slot import Rhythm
from newsletter.desk.jobs.gather_upload import gather_upload, is_overtaken
from newsletter.desk.jobs.preview_issue import preview_issue
from newsletter.desk.jobs.remove_issue import clear_beside, remove_issue
from newsletter.desk.ports import GatherPorts, PreviewPorts, RemovalPorts
from newsletter.errors import NOTHING_NOW, NewsletterError
from newsletter.issues.domain.publication import Published, UploadResult
from newsletter.issues.domain.upload import Upload
from newsletter.issues.jobs.convert_document import ConversionPorts, convert_document
from newsletter.issues.jobs.publish import publish
from newsletter.issues.ports import PublishPorts
from newsletter.sending.jobs.open_send import Opening, open_send


@dataclass(frozen=True, slots=True)
class UploadPorts:
    """What taking an upload touches."""

    gather: GatherPorts
    publish: PublishPorts
    removal: RemovalPorts
    preview: PreviewPorts
    opening: Opening
    conversion: ConversionPorts
    current_rhythm: Callable[[], Rhythm]
    """When slots are, with the days that people decided about; asked only where a preview tells of them."""
    desk_identities: Collection[str] = ()
    """As whom AWS knows the functions that upload for people who are signed in, and for programs with a key."""


def take_upload(upload: Upload, *, ports: UploadPorts, rhythm: Rhythm, now: datetime) -> UploadResult:
    """Do what an event of the bucket asks for; each step can be repeated, and so can all of them.

    Args:
        upload: The event; one about a picture is a look at its issue.
        ports: What the steps touch.
        rhythm: When slots are by rule.
        now: The present.

    Raises:
        SendThrottledError, SendingPausedError: All is done but that the editors hear of it: SES takes nothing now.
    """
    upload = _of_person(upload, ports)
    if upload.is_document:
        return convert_document(upload, ports=ports.conversion, today=rhythm.local_date(now))
    takes_back = upload.removed and not upload.is_beside_an_issue
    if upload.removed and upload.translation:
        clear_beside(upload, ports.removal.content)
    upload = upload.of_issue if upload.is_beside_an_issue else upload
    if upload.is_new and not takes_back and gather_upload(upload, ports=ports.gather, now=now):
        return UploadResult.GATHERS
    if is_overtaken(upload, ports=ports.gather):
        return UploadResult.OVERTAKEN
    published = publish(upload, ports=ports.publish, rhythm=rhythm, now=now)
    if published.result is UploadResult.GONE:
        return remove_issue(upload, ports=ports.removal, today=rhythm.local_date(now), now=now)
    waiting = _mail_that_waits(published, ports, now)
    if published.record and published.send_now:
        open_send(published.record, opening=ports.opening, now=now)
    if waiting is not None:
        raise waiting
    return published.result


def _mail_that_waits(published: Published, ports: UploadPorts, now: datetime) -> NewsletterError | None:
    """Show the editors what was published; return what keeps the email, which keeps nothing else, and comes later."""
    try:
        preview_issue(published, ports=ports.preview, rhythm=ports.current_rhythm(), now=now)
    except NOTHING_NOW as refusal:
        return refusal
    return None


def _of_person(upload: Upload, ports: UploadPorts) -> Upload:
    """Return an upload of the desk as that of the person whom it names in the metadata of the file.

    AWS knows the function alone. Whoever else may upload could write any name there, and is known to AWS.
    """
    if upload.uploaded_by not in ports.desk_identities:
        return upload
    return replace(upload, uploaded_by="" if upload.removed else ports.publish.content.uploader(upload.key))
