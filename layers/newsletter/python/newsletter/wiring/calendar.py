"""On which days issues are mailed."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.sending import SendParts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from newsletter.calendar.adapters.dynamo_calendar import DynamoCalendar
    from newsletter.calendar.adapters.dynamo_slots import DynamoSlots
    from newsletter.calendar.domain.digest import DigestWords
    from newsletter.calendar.domain.holidays import Holidays
    from newsletter.calendar.jobs.fire_hour import HourPorts
    from newsletter.calendar.jobs.make_digest import DigestPorts
    from newsletter.calendar.ports import SlotPorts
    from newsletter.core.slot import Rhythm


class CalendarParts(SendParts):
    """On which days issues are mailed."""

    def current_rhythm(self) -> Rhythm:
        """When issues go out, with the days that people skipped and added by now."""
        return replace(self.rhythm, calendar=self.calendar.get())

    @cached_property
    def calendar(self) -> DynamoCalendar:
        """What people decided about single days."""
        from newsletter.calendar.adapters.dynamo_calendar import DynamoCalendar

        return DynamoCalendar(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def holidays(self) -> Holidays:
        """Public holidays where the newsletter's clock is."""
        from newsletter.calendar.adapters.holiday_table import holidays_in

        return holidays_in(self.settings.time_zone)

    @cached_property
    def slots(self) -> DynamoSlots:
        """Which issue has which slot."""
        from newsletter.calendar.adapters.dynamo_slots import DynamoSlots

        return DynamoSlots(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def slot_ports(self) -> SlotPorts:
        """What looking after slots touches."""
        from newsletter.calendar.ports import SlotPorts

        return SlotPorts(
            issues=self.issues,
            slots=self.slots,
            calendar=self.calendar,
            editors=self.editors,
            needs_approval=self.settings.needs_approval,
        )

    @property
    def digest_ports(self) -> DigestPorts:
        """What making the digest of a month touches."""
        from newsletter.calendar.jobs.make_digest import DigestPorts

        return DigestPorts(
            issues=self.issues,
            sends=self.sends,
            drafts=self.content,
            public=self.public,
            offers_digest=self.offers_digest,
            count=lambda expression: self.look_at_audience(expression).readers,
            words=self._digest_words,
        )

    def _digest_words(self, month: str, days: Sequence[date]) -> DigestWords:
        from newsletter.calendar.domain.digest import DigestWords
        from newsletter.core.language import msg

        templates = self.templates
        named = templates.month(month)
        return DigestWords(
            lang=templates.language(""),
            title=templates.say(msg("The issues of %(month)s"), month=named),
            summary=templates.say(msg("What we sent in %(month)s, at a glance."), month=named),
            dates=[templates.day(day) for day in days],
        )

    @property
    def hour_ports(self) -> HourPorts:
        """What looking after issues with their own hours touches."""
        from newsletter.calendar.domain.hour import HourRules
        from newsletter.calendar.jobs.fire_hour import HourPorts

        rules = HourRules(
            zone=self.rhythm.time_zone,
            late_after=self.rhythm.late_after,
            needs_approval=self.settings.needs_approval,
        )
        return HourPorts(rules=rules, slots=self.slot_ports, opening=self.opening)
