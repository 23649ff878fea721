"""Who is in the team, how it hears of something, and what it asks of readers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.shared import SharedParts

if TYPE_CHECKING:
    from newsletter.core.editors import Editors
    from newsletter.core.reader_fields.reader_field import ReaderField
    from newsletter.desk.adapters.dynamo_members import DynamoMembers


class TeamParts(SharedParts):
    """Who is in the team, how it hears of something, and what it asks of readers."""

    def reader_fields(self) -> tuple[ReaderField, ...]:
        """Return what is asked of readers besides address and name, at this moment."""
        return self.house_style.current().reader_fields

    def offers_digest(self) -> bool:
        """Return whether readers may choose a monthly digest, at this moment."""
        return self.house_style.current().offers_digest

    @cached_property
    def members(self) -> DynamoMembers:
        """The team; until the desk keeps one, as the parameters name it."""
        from newsletter.desk.adapters.dynamo_members import DynamoMembers
        from newsletter.desk.domain.member import first_members

        settings = self.settings
        first = first_members(settings.editor_email, settings.editors)
        return DynamoMembers(self._client("dynamodb"), settings.team_table, first)

    @property
    def editors(self) -> Editors:
        """Whoever writes and releases issues; the team is read when an email is written, not before."""
        from newsletter.core.editors import Editors
        from newsletter.core.team import Editor

        settings = self.settings
        stand_in, sleep = Editor("", settings.editor_email), self.clock.sleep
        return Editors(self.mailer, self.pages, settings.team, self.members, stand_in, sleep)
