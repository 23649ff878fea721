"""`settings/fields.yaml`: what is taken from it, and what is said about one that cannot be taken."""

from __future__ import annotations

import pytest

from newsletter.core.reader_fields.reader_field import AskedOn, FieldKind, ReaderField, fields_from_held
from newsletter.errors import InvalidSettingsError
from newsletter.issues.settings.fields_file import MOST_OPTIONS, read_fields_file

GOOD = """
organisation:
  label: Your organisation
  help: The one you read us for
region:
  label:
    en: Region
    cy: Rhanbarth
  kind: choice
  options: [Wales, Scotland]
  required: yes
  asked: sign-up
member: {label: Are you a member, kind: yes/no, asked: [preferences]}
since:
  label: Member since
  kind: date
"""


def problems_of(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidSettingsError) as refusal:
        read_fields_file(text.encode())
    return [(each.line, each.message, each.remedy) for each in refusal.value.problems]


def one(lines: str) -> str:
    return f"region:\n  label: Region\n{lines}"


def test_a_field_has_a_key_a_label_a_kind_and_forms_that_ask_for_it() -> None:
    organisation, region, member, since = fields_from_held(read_fields_file(GOOD.encode()))

    assert organisation == ReaderField(
        key="organisation", labels={"": "Your organisation"}, help_texts={"": "The one you read us for"}
    )
    assert region == ReaderField(
        key="region",
        kind=FieldKind.CHOICE,
        labels={"en": "Region", "cy": "Rhanbarth"},
        options=("Wales", "Scotland"),
        required=True,
        asked_on=frozenset({AskedOn.SIGN_UP}),
    )
    assert (member.kind, member.asked_on) == (FieldKind.YES_NO, frozenset({AskedOn.PREFERENCES}))
    assert since.kind is FieldKind.DATE


def test_a_ninth_field_is_refused() -> None:
    text = "".join(f"field_{number}:\n  label: A\n" for number in range(9))

    ((line, message, remedy),) = problems_of(text)

    assert (line, message) == (17, "`field_8` is field number 9.")
    assert remedy.startswith("8 are the most")


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("  label: Where\n", (6, "`region.label` is there twice.", "Keep one; the first is on line 2.")),
        ("  kind: text\n", (5, "`region` is there twice.", "Keep one; the first is on line 1.")),
    ],
)
def test_two_fields_with_one_key_are_refused(second: str, problem: tuple[int, str, str]) -> None:
    assert problem in problems_of(f"region:\n  label: Region\nother:\n  label: B\nregion:\n{second}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Organisation:\n  label: A\n", "“Organisation” cannot be the key of a field."),
        ("email:\n  label: A\n", "`email` means something else in our forms."),
        ("unsubscribe_url:\n  label: A\n", "`unsubscribe_url` means something else in our forms."),
        ("region: Region\n", "`region` says nothing about itself."),
        ("region:\n  kind: text\n", "`region` has no label."),
        (one("  lable: A\n"), "`lable` is not a part of a field."),
        (one("  kind: number\n"), "`region.kind` is “number”."),
        (one("  required: maybe\n"), "`region.required` is “maybe”."),
        (one("  asked: [everywhere]\n"), "`region.asked` is “everywhere”."),
        (one("  kind: choice\n"), "`region` is a choice without options."),
        (one("  options: [A]\n"), "`region` has options and is no choice."),
        (one("  kind: choice\n  options: [A, b, a]\n"), "“a” is among the options twice."),
        (one(f"  kind: choice\n  options: {list(range(MOST_OPTIONS + 1))}\n"), "do not fit into a list on a form."),
        (one(f"  help: {'x' * 201}\n"), "`region.help` has 201 characters."),
        ("region:\n  label: {xx: Region}\n", "We do not speak “xx” yet."),
        (one("  kind: {en: text}\n"), "`kind` cannot be translated."),
        ("region:\n  label: [A, B]\n", "`region.label` is no text."),
        ("region: &a\n  label: A\n", "is a YAML anchor or alias"),
        ("- region\n", "The file is not a list of names."),
        ("", "The file says nothing."),
        (f"{one('')}---\nother:\n  label: B\n", "A second file begins here."),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_remedy(text: str, message: str) -> None:
    found = problems_of(text)

    assert any(message in said for _, said, _ in found), found
    assert all(remedy for _, _, remedy in found)


def test_a_mistake_is_told_with_its_line_and_what_was_meant() -> None:
    assert problems_of(one("  requird: yes\n")) == [
        (3, "`requird` is not a part of a field.", "Did you mean `required`?")
    ]
