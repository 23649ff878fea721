"""Who is on the list."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.team import TeamParts

if TYPE_CHECKING:
    from newsletter.readers.adapters.dynamo_leavers import DynamoLeavers
    from newsletter.readers.adapters.dynamo_old_consents import DynamoOldConsents
    from newsletter.readers.adapters.dynamo_sign_ups import DynamoSignUps
    from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
    from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
    from newsletter.readers.adapters.email_addresses import EmailAddresses
    from newsletter.readers.adapters.greet_queue import SqsGreetQueue
    from newsletter.readers.address_ports import DisposableDomains, MailDomains
    from newsletter.readers.domain.limits import Policy
    from newsletter.readers.domain.renewal import RenewalPolicy
    from newsletter.readers.domain.retention import RetentionPolicy
    from newsletter.readers.importing.adapters.dynamo_imports import DynamoImports
    from newsletter.readers.importing.adapters.s3_lists import S3Lists
    from newsletter.readers.importing.ports import ExportPorts, ImportDeskPorts, ListImportPorts
    from newsletter.readers.limiter import Limiter
    from newsletter.readers.ports import ImportPorts, LinkRequestPorts, SignUpPorts
    from newsletter.readers.sign_up_ports import FormPorts


class ReaderParts(TeamParts):
    """Who is on the list."""

    @cached_property
    def addresses(self) -> EmailAddresses:
        """Checks addresses."""
        from newsletter.readers.adapters.email_addresses import EmailAddresses

        return EmailAddresses(self.address_key)

    @cached_property
    def subscribers(self) -> DynamoSubscribers:
        """The list."""
        from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers

        return DynamoSubscribers(
            self._client("dynamodb"),
            self.settings.subscribers_table,
            unconfirmed_days=self.settings.unconfirmed_days,
            reminder_after_days=self.settings.reminder_after_days,
        )

    @cached_property
    def suppressions(self) -> DynamoSuppressions:
        """Addresses we must not mail."""
        from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions

        settings = self.settings
        return DynamoSuppressions(
            self._client("dynamodb"), settings.suppressions_table, self.subscribers, settings.receipts_table
        )

    @cached_property
    def leavers(self) -> DynamoLeavers:
        """People who left, and the receipts of their consent."""
        from newsletter.readers.adapters.dynamo_leavers import DynamoLeavers

        settings = self.settings
        return DynamoLeavers(
            self._client("dynamodb"), settings.subscribers_table, settings.receipts_table, self.subscribers
        )

    @cached_property
    def old_consents(self) -> DynamoOldConsents:
        """Readers whose consent is old."""
        from newsletter.readers.adapters.dynamo_old_consents import DynamoOldConsents

        return DynamoOldConsents(self._client("dynamodb"), self.settings.subscribers_table, self.subscribers)

    @property
    def renewal_policy(self) -> RenewalPolicy:
        """When a consent is old."""
        from newsletter.readers.domain.renewal import RenewalPolicy

        settings = self.settings
        return RenewalPolicy(years=settings.renew_consent_years, per_hour=settings.confirmations_per_hour)

    @property
    def retention_policy(self) -> RetentionPolicy:
        """How long people who left are remembered."""
        from newsletter.readers.domain.retention import RetentionPolicy

        return RetentionPolicy(
            forget_after_days=self.settings.forget_after_days,
            unconfirmed_days=self.settings.unconfirmed_days,
            keep_receipts_years=self.settings.keep_receipts_years,
        )

    @property
    def import_ports(self) -> ImportPorts:
        """What taking people over from another system touches."""
        from newsletter.readers.adapters.dynamo_newcomers import DynamoNewcomers
        from newsletter.readers.ports import ImportPorts

        newcomers = DynamoNewcomers(self._client("dynamodb"), self.subscribers, self.settings.suppressions_table)
        return ImportPorts(self.subscribers, self.suppressions, newcomers)

    @cached_property
    def list_imports(self) -> DynamoImports:
        """Imports, from the upload to the account."""
        from newsletter.readers.importing.adapters.dynamo_imports import DynamoImports

        return DynamoImports(self._client("dynamodb"), self.settings.limits_table)

    @cached_property
    def list_files(self) -> S3Lists:
        """Uploads of lists, what is made of them, and exports."""
        from newsletter.readers.importing.adapters.s3_lists import S3Lists

        return S3Lists(self._client("s3"), self.settings.content_bucket)

    @property
    def list_import_ports(self) -> ListImportPorts:
        """What the work on an upload touches."""
        from newsletter.readers.importing.adapters.import_queue import SqsImportQueue
        from newsletter.readers.importing.ports import ListImportPorts

        def guess(odd: bytes) -> str:
            from newsletter.readers.importing.adapters.encoding_guess import guessed_encoding

            return guessed_encoding(odd)

        return ListImportPorts(
            imports=self.list_imports,
            files=self.list_files,
            import_queue=SqsImportQueue(self.queue_at(self.settings.import_queue_url)),
            addresses=self.addresses,
            people=self.import_ports,
            guess=guess,
            clock=self.clock,
            reader_fields=self.reader_fields,
        )

    @property
    def import_desk_ports(self) -> ImportDeskPorts:
        """What somebody who imports or exports touches."""
        from newsletter.aws.upload_forms import SIGNING
        from newsletter.readers.importing.adapters.export_queue import SqsExportQueue
        from newsletter.readers.importing.adapters.import_queue import SqsImportQueue
        from newsletter.readers.importing.adapters.s3_lists import S3ListDoors
        from newsletter.readers.importing.ports import ImportDeskPorts

        settings = self.settings
        return ImportDeskPorts(
            imports=self.list_imports,
            files=self.list_files,
            doors=S3ListDoors(self.make_client("s3", config=SIGNING), settings.content_bucket),
            import_queue=SqsImportQueue(self.queue_at(settings.import_queue_url)),
            export_queue=SqsExportQueue(self.queue_at(settings.report_queue_url)),
            reader_fields=self.reader_fields,
        )

    @property
    def export_ports(self) -> ExportPorts:
        """What giving the list out touches."""
        from newsletter.readers.importing.ports import ExportPorts

        return ExportPorts(self.subscribers, self.subscribers, self.suppressions, self.list_files, self.reader_fields)

    @cached_property
    def greet_queue(self) -> SqsGreetQueue:
        """Emails to single subscribers that wait to be written."""
        from newsletter.readers.adapters.greet_queue import SqsGreetQueue

        return SqsGreetQueue(self.queue_at(self.settings.greet_queue_url))

    @property
    def sign_up_ports(self) -> SignUpPorts:
        """What a sign-up touches."""
        from newsletter.readers.ports import SignUpPorts

        return SignUpPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            greet_queue=self.greet_queue,
        )

    @cached_property
    def sign_ups(self) -> DynamoSignUps:
        """What the form of the website reads and writes."""
        from newsletter.readers.adapters.dynamo_sign_ups import DynamoSignUps

        tables = self.settings.suppressions_table, self.settings.limits_table
        return DynamoSignUps(self._client("dynamodb"), self.subscribers, *tables)

    @cached_property
    def mail_domains(self) -> MailDomains:
        """Which domains take mail; what DNS said is remembered as long as this lives."""
        from newsletter.readers.adapters.mail_domains import AnyMailDomain, DnsMailDomains

        return DnsMailDomains() if self.settings.check_mail_domains else AnyMailDomain()

    @property
    def form_ports(self) -> FormPorts:
        """What the form of the website touches."""
        from newsletter.readers.sign_up_ports import FormPorts

        return FormPorts(
            sign_ups=self.sign_ups,
            addresses=self.addresses,
            limiter=self.limiter,
            mail_domains=self.mail_domains,
            greet_queue=self.greet_queue,
            threads=self.threads,
            seal_key=self.address_key,
            slow_lane_seconds=self.settings.slow_lane_seconds,
        )

    @property
    def link_request_ports(self) -> LinkRequestPorts:
        """What a request for a link by email touches."""
        from newsletter.readers.ports import LinkRequestPorts

        return LinkRequestPorts(self.addresses, self.limiter, self.greet_queue)

    @property
    def limiter(self) -> Limiter:
        """Counts attempts against the limits."""
        from newsletter.readers.limiter import Limiter

        return Limiter(self.counters, self.policy, self.address_key)

    @property
    def policy(self) -> Policy:
        """How much of what is too much."""
        from newsletter.readers.domain.limits import Policy

        return Policy(
            proof_of_work=self.settings.proof_of_work,
            per_network=self.settings.sign_ups_per_network,
            per_hour=self.settings.confirmations_per_hour,
        )

    def _disposable(self) -> DisposableDomains:
        from newsletter.readers.adapters.disposable_domains import ListedDomains, NoDomains

        return ListedDomains() if self.settings.disposable_policy == "block" else NoDomains()
