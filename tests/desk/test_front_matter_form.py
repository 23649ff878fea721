"""The fields of a draft as a form: what is changed is changed, and nothing else moves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.desk.adapters.front_matter_form import YamlForm
from newsletter.desk.drafts.fields import FieldValue
from newsletter.errors import InvalidIssueError
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.issues.writing.yaml_fields import FIELDS

FORM = YamlForm()
DRAFT = """---
# Ours
title:  "Homes: for all"   # keep this
date: 2026-12-01
topics:
  - housing
  - co-production
# A remark below a list
colour: red
summary: >
  Two lines
  of it.
subject:
status: draft
---

Words with `title: x`.

---
"""


def test_fields_are_read_with_their_body() -> None:
    found = FORM.read(DRAFT)

    assert found.values == {
        "title": "Homes: for all",
        "date": "2026-12-01",
        "topics": ("housing", "co-production"),
        "summary": "Two lines of it.",
        "subject": "",
        "status": "draft",
    }
    assert found.body == "\nWords with `title: x`.\n\n---\n"
    assert [(each.line, "colour" in each.message) for each in found.problems] == [(9, True)]


def test_what_does_not_change_stays_letter_for_letter() -> None:
    assert FORM.changed(DRAFT, {}) == DRAFT
    assert FORM.changed(DRAFT, FORM.read(DRAFT).values) == DRAFT


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("title", "Homes", '"Homes: for all"', "Homes"),
        ("title", "Homes: for # all", '"Homes: for all"', '"Homes: for # all"'),
        ("title", 'Say "yes"', '"Homes: for all"', 'Say "yes"'),
        ("date", "2026-12-15", "2026-12-01", "2026-12-15"),
        ("topics", ("a", "b, c"), "\n  - housing\n  - co-production", ' [a, "b, c"]'),
        ("summary", "One line.", ">\n  Two lines\n  of it.", "One line."),
        ("subject", "Hello", "subject:", "subject: Hello"),
        ("title", None, 'title:  "Homes: for all"   # keep this\n', ""),
        ("topics", (), "topics:\n  - housing\n  - co-production\n", ""),
        ("summary", "", "summary: >\n  Two lines\n  of it.\n", ""),
        ("colour", "blue", "colour: red", "colour: blue"),
        ("author", "Ada", "status: draft\n", "status: draft\nauthor: Ada\n"),
        ("author", "", "", ""),
    ],
)
def test_one_field_is_changed_and_nothing_else(name: str, value: FieldValue | None, old: str, new: str) -> None:
    changed = FORM.changed(DRAFT, {name: value})

    assert changed == DRAFT.replace(old, new, 1)


def test_a_remark_behind_the_name_of_a_list_stays() -> None:
    assert FORM.changed("---\ntopics: # few\n- a\ntitle: b\n---\n", {"topics": ("c",)}) == (
        "---\ntopics: [c] # few\ntitle: b\n---\n"
    )


def test_a_text_without_front_matter_gets_some() -> None:
    assert FORM.changed("Words.", {"date": "2026-12-01", "title": "A"}) == (
        "---\ntitle: A\ndate: 2026-12-01\n---\n\nWords.\n"
    )


@pytest.mark.parametrize("text", ["---\ntitle: [\n---\n", "---\n{title: a}\n---\n", '---\ntitle: "a\n---\n'])
def test_what_cannot_be_read_is_not_changed(text: str) -> None:
    with pytest.raises(InvalidIssueError):
        FORM.changed(text, {"title": "b"})


VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "colour"]), VALUES | st.lists(VALUES, max_size=3).map(tuple), max_size=4)
)
def test_any_values_are_read_back_and_the_rest_is_as_before(values: dict[str, FieldValue]) -> None:
    changed = FORM.changed(DRAFT, values)
    before, after = FORM.read(DRAFT), FORM.read(changed)

    def flat(value: FieldValue) -> str:
        """Return a value as words: a list is the same with commas or in brackets."""
        items = value if isinstance(value, tuple) else (value,)
        return ", ".join(filter(None, (re.sub("[ \t]+", " ", item).strip() for item in items)))

    for name in values.keys() & set(FIELDS):
        assert flat(after.values.get(name, "")) == flat(values[name])
    kept = {name: value for name, value in before.values.items() if name not in values}
    assert {name: value for name, value in after.values.items() if name not in values} == kept
    assert after.body == before.body
    assert "# Ours\n" in changed
    assert FORM.changed(changed, values) == changed


def test_a_form_that_is_filled_in_makes_an_issue() -> None:
    text = FORM.changed("Words.", {"title": "no", "date": "1 December 2026", "topics": ("a: b", "c"), "lang": "no"})

    issue = parse_issue("2026-12-01-x", text.encode())
    assert (issue.title, issue.topics, issue.lang) == ("no", ("a: b", "c"), "no")
