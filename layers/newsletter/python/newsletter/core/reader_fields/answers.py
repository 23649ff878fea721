"""What a form says about the publisher's fields: the good answers, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.core.language import msg
from newsletter.core.reader_fields.reader_field import AskedOn, ReaderField
from newsletter.errors import InvalidAnswerError


@dataclass(frozen=True, slots=True)
class Answers:
    """What a form says about some fields."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By key, of fields that the form sent; empty for one that was left empty."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """By name in the form: why what was typed cannot be kept."""

    def over(self, values_before: Mapping[str, str]) -> dict[str, str]:
        """Return the values after the form: what it sent over what was there; what it left empty is gone."""
        return {key: value for key, value in {**values_before, **self.values}.items() if value}


NO_VALUES: Mapping[str, str] = {}
"""Of somebody who was asked nothing."""


def read_answers(
    reader_fields: Sequence[ReaderField],
    form_fields: Mapping[str, str],
    *,
    asked_on: AskedOn | None = None,
    demanded: bool,
    values_before: Mapping[str, str] = NO_VALUES,
) -> Answers:
    """Return what a form says about the fields that it asks for, by `field.key` or by the bare key.

    Args:
        reader_fields: All there are.
        form_fields: What the form sent, by name.
        asked_on: The form; None for one of the team, which has all of them.
        demanded: Whether a field that is required must be there; else it may stay away, but not be emptied.
        values_before: What is kept already, by key; it stays good, though the option may be gone by now.
    """
    values, problems = {}, {}
    for each in (each for each in reader_fields if asked_on is None or asked_on in each.asked_on):
        typed, before = form_fields.get(each.form_name, form_fields.get(each.key)), values_before.get(each.key, "")
        if typed is None and not demanded:
            continue
        if before and typed == before:
            values[each.key] = before
            continue
        try:
            value = each.value_of(typed or "")
        except InvalidAnswerError as exc:
            problems[each.form_name] = str(exc)
            continue
        if each.required and not value and (demanded or before):
            problems[each.form_name] = NEEDED
        elif typed is not None:
            values[each.key] = value
    return Answers(values, problems)


NEEDED = msg("Please fill this in.")
