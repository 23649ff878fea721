"""A test was asked for: the email of an issue in each language, to one editor, as a reader without a name gets it."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.desk.domain.preview_address import moment_of_address
from newsletter.desk.ports import PreviewPorts


def mail_test(slug: str, editor_id: str, *, ports: PreviewPorts, now: datetime) -> bool:
    """Mail it, each language in one attempt; return whether there was somebody and something to mail.

    Its links for leaving lead to the preview page: whoever may send this may not sign links of readers.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
    """
    record = ports.issues.get(slug)
    editor = next((each for each in ports.editors.team if each.editor_id == editor_id), None)
    if record is None or record.withdrawn or editor is None:
        return False
    page_url = ports.preview_links.to_page(slug, since=moment_of_address(record, now=now))
    for edition in ports.content.rendered(slug, record.content_hash).editions:
        in_language = f"{page_url}?lang={edition.lang}" if edition.translation else page_url
        ports.editors.mailer.send(editor.email, plain_mail(edition, in_language), kind="test")
    return True
