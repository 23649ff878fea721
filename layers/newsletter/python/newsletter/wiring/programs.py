"""Programs that come with a key."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.sessions import SessionParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.programs.dynamo_api_keys import DynamoApiKeys
    from newsletter.desk.api_ports import ApiPorts
    from newsletter.readers.adapters.dynamo_list_pages import DynamoListPages
    from newsletter.readers.adapters.dynamo_tagged_readers import DynamoTaggedReaders


class ProgramParts(SessionParts):
    """Programs that come with a key."""

    @cached_property
    def api_keys(self) -> DynamoApiKeys:
        """The keys that are not revoked."""
        from newsletter.desk.adapters.programs.dynamo_api_keys import DynamoApiKeys

        return DynamoApiKeys(self._client("dynamodb"), self.settings.sessions_table)

    @property
    def api_ports(self) -> ApiPorts:
        """What every request of a program touches."""
        from newsletter.desk.adapters.programs.dynamo_kept_answers import DynamoKeptAnswers
        from newsletter.desk.api_ports import ApiPorts

        answers = DynamoKeptAnswers(self._client("dynamodb"), self.settings.limits_table)
        return ApiPorts(self.api_keys, answers, self.counters, self.activities)

    @cached_property
    def list_pages(self) -> DynamoListPages:
        """The list page by page."""
        from newsletter.readers.adapters.dynamo_list_pages import DynamoListPages

        settings = self.settings
        return DynamoListPages(self._client("dynamodb"), settings.subscribers_table, settings.suppressions_table)

    @cached_property
    def tagged_readers(self) -> DynamoTaggedReaders:
        """Those who have a tag, page by page."""
        from newsletter.readers.adapters.dynamo_tagged_readers import DynamoTaggedReaders

        return DynamoTaggedReaders(self._client("dynamodb"), self.settings.subscribers_table)
