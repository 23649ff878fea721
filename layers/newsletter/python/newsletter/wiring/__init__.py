"""Which adapter stands behind which port: one part for each wing, joined to the app of an execution environment.

Nothing is built, imported or read before a function asks for it. Imports are inside the properties on purpose: a
function that answers a reader must not wait for the Markdown libraries to load, and they are only ever needed by
`publish`.
"""

from __future__ import annotations

import os
from functools import cache, cached_property
from typing import TYPE_CHECKING

# Both here and not in a part, and the first by itself: what compiles its patterns when it is loaded does so ten times
# as slowly at some depths of imports within imports (docs/decisions/0230). This is the top of what functions share.
import urllib3  # noqa: F401
from botocore.session import get_session

from newsletter.config import Settings
from newsletter.wiring.desk import DeskParts
from newsletter.wiring.feeds import FeedParts
from newsletter.wiring.patience import ONE_QUESTION
from newsletter.wiring.programs import ProgramParts
from newsletter.wiring.reports import ReportParts
from newsletter.wiring.sdk import with_plain_models
from newsletter.wiring.settings import SettingsParts
from newsletter.wiring.steering import SteeringParts
from newsletter.wiring.webhooks import WebhookParts

if TYPE_CHECKING:
    from newsletter.readers.address_ports import AddressInsights
    from newsletter.readers.ports import GreetPorts, PreferencePorts

RECENT = 100
"""Issues whose topics a reader may mute: four years of fortnights; nobody misses what is not written about any more."""


class App(ProgramParts, WebhookParts, FeedParts, SettingsParts, DeskParts, ReportParts, SteeringParts):
    """Everything of one execution environment, each part built on first use."""

    @cached_property
    def greet_ports(self) -> GreetPorts:
        """What an email to one subscriber touches."""
        from newsletter.issues.domain.issue import IssueStatus
        from newsletter.issues.domain.issue_record import latest_issue
        from newsletter.readers.ports import GreetPorts

        return GreetPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            latest_issue=lambda: latest_issue(self.issues.with_status(IssueStatus.SENT), self.public),
            counters=self.counters,
            disposable=self._disposable(),
            address_insights=self._address_insights(),
            mailer=self._mailer(book=lambda: self.rate.take(self.clock.now())),
            mails=self.pages,
            confirmation_holds=self.confirmation_watches,
            greet_queue=self.greet_queue,
            network_holds=self.network_watch,
        )

    def _address_insights(self) -> AddressInsights:
        from newsletter.readers.adapters.ses_address_insights import NoAddressInsights, SesAddressInsights

        if not self.settings.address_insights:
            return NoAddressInsights()
        return SesAddressInsights(self.make_client("sesv2", config=ONE_QUESTION))

    @cached_property
    def preference_ports(self) -> PreferencePorts:
        """What a subscriber's own page touches."""
        from newsletter.readers.ports import PreferencePorts

        return PreferencePorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            greet_queue=self.greet_queue,
            addresses=self.addresses,
            limiter=self.limiter,
            topics=lambda: {
                topic for issue in map(self.public, self.issues.newest(RECENT)) if issue for topic in issue.topics
            },
            reader_fields=self.reader_fields,
            offers_digest=self.offers_digest,
            seal_key=self.address_key,
        )


@cache
def app() -> App:
    """Return the app of this execution environment, built on first use."""
    # botocore's clients are boto3's. Importing boto3 itself takes about a sixth of that time again, for resources and
    # S3 transfers that nothing here uses, and a reader waits for it.
    return App(Settings.from_env(os.environ), with_plain_models(get_session()).create_client)
