"""A test to any address was asked for: the email of an issue in each language, as a reader of that name gets it."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.named_test import marked_as_test
from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.desk.domain.preview_address import moment_of_address
from newsletter.desk.ports import PreviewPorts
from newsletter.desk.review_ports import Reviews


def mail_named_test(slug: str, test_id: str, *, reviews: Reviews, ports: PreviewPorts, now: datetime) -> bool:
    """Mail it, each language in one attempt; return whether there was something to mail.

    Whoever bounced or complained before does not get it: SES keeps that list, and tells nobody at the desk.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
    """
    test, record = reviews.test(slug, test_id), ports.issues.get(slug)
    if test is None or record is None or record.withdrawn:
        return False
    page_url = ports.preview_links.to_page(slug, since=moment_of_address(record, now=now))
    for edition in ports.content.rendered(slug, record.content_hash).editions:
        in_language = f"{page_url}?lang={edition.lang}" if edition.translation else page_url
        mail = marked_as_test(plain_mail(edition, in_language, name=test.name), test)
        ports.editors.mailer.send(test.email, mail, kind="test")
    return True
