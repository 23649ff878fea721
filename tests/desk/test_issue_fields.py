"""The fields of an issue through the form and back: what was typed is read, and what was not touched stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.desk.drafts.issue_fields import SHOWN, joined, lines_above, split, values_of, with_values
from newsletter.issues.domain.issue import Problem
from newsletter.issues.writing.yaml_fields import Field, on_one_line, read_fields

FRONT_MATTER = """\
# What the newsroom calls it
title: Ferries by night
house: kept as it is   # nobody knows this field
date: 2026-11-03

topics:
  - ferries
  - night buses
summary: >
  The ferry leaves at nine,

  and nobody is late.
# Below: for the page alone
subject: "Care: who decides?"
lang: no"""

AWKWARD = [
    "Care: who decides?", 'She said "no"', "It’s ‘fine’", "No 10 # or 11", "no", "No", "true", "null", "~", "12", "1.5",
    "1_000", "2026-11-03", "- not a list", "[not] a list", "{not} a field", "a, b", "&anchor", "*alias", "!tag", "%",
    "| pipe", "> more", "@at", "`code`", "? what", ": colon", "ends with a colon:", "\\ backslash \\n", "'", '"', "---",
    "Prêts\u00a0: la suite", "Vraiment\u202f?", "👍🏽 yes", "…", "={{ name }}", "{{ name }}", "<script>",
]  # fmt: skip

TYPED = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(AWKWARD)


def read(front_matter: str) -> tuple[dict[str, Field], list[Problem]]:
    fields: dict[str, Field] = {}
    problems: list[Problem] = []
    read_fields("\n" + front_matter, fields, problems)
    return fields, problems


# --- what was typed is read -----------------------------------------------------------------------------------------


@given(st.sampled_from([name for name in SHOWN if name != "topics"]), TYPED)
def test_what_the_reader_of_issues_reads_is_what_was_typed(name: str, typed: str) -> None:
    for front_matter in ("", FRONT_MATTER):
        fields, problems = read(with_values(front_matter, {name: typed}))

        assert (fields[name].text if name in fields else "") == on_one_line(typed)
        assert not [each for each in problems if "`house`" not in each.message]


@given(st.lists(TYPED.map(lambda text: on_one_line(text.replace(",", " "))).filter(bool), max_size=4))
def test_topics_are_read_as_they_were_typed(topics: list[str]) -> None:
    for front_matter in ("", FRONT_MATTER, "topics: [one, two]", "topics: [one,\ntwo\n]\ntitle: x"):
        fields, _ = read(with_values(front_matter, {"topics": ", ".join(topics)}))

        assert (fields["topics"].value if "topics" in fields else ()) == tuple(topics)


@given(TYPED, TYPED)
def test_saving_what_the_form_shows_changes_nothing(title: str, summary: str) -> None:
    once = with_values(FRONT_MATTER, {"title": title, "summary": summary})

    assert with_values(once, values_of(once)) == once
    assert with_values(once, {"title": title, "summary": summary}) == once


@pytest.mark.parametrize("typed", AWKWARD)
def test_an_awkward_title_comes_back(typed: str) -> None:
    assert values_of(with_values(FRONT_MATTER, {"title": typed}))["title"] == typed


# --- what was not touched stays -------------------------------------------------------------------------------------


def test_a_changed_field_leaves_all_others_where_they_stand() -> None:
    changed = with_values(FRONT_MATTER, {"title": "Ferries by day"})

    assert changed == FRONT_MATTER.replace("title: Ferries by night", "title: Ferries by day")


def test_a_text_of_several_lines_is_replaced_with_all_of_them() -> None:
    changed = with_values(FRONT_MATTER, {"summary": "Short."})

    assert changed == FRONT_MATTER.replace(
        "summary: >\n  The ferry leaves at nine,\n\n  and nobody is late.", "summary: Short."
    )
    assert values_of(changed)["summary"] == "Short."


@pytest.mark.parametrize(
    "topics", ["topics: [ferries, buses]", "topics:\n- ferries\n- buses", "topics: [ferries,\nbuses]"]
)
def test_either_way_of_writing_topics_is_read_kept_and_replaced(topics: str) -> None:
    front_matter = f"title: x\n{topics}\n# a remark\ndate: 2026-11-03"

    assert values_of(front_matter)["topics"] == "ferries, buses"
    assert with_values(front_matter, {"topics": "ferries,  buses", "title": "y"}) == front_matter.replace("x", "y", 1)
    assert with_values(front_matter, {"topics": "trams"}) == "title: x\ntopics: [trams]\n# a remark\ndate: 2026-11-03"
    assert with_values(front_matter, {"topics": ""}) == "title: x\n# a remark\ndate: 2026-11-03"


def test_a_field_whose_name_stands_in_quotes_is_not_taken_for_a_part_of_the_one_before() -> None:
    front_matter = 'title: x\n"author": Ada'

    assert with_values(front_matter, {"title": "y"}) == 'title: y\n"author": Ada'
    assert with_values(front_matter, {"author": "Ben"}) == "title: x\nauthor: Ben"


def test_of_what_cannot_be_read_only_the_field_that_was_typed_is_written_anew() -> None:
    broken = "date: 2026-11-03\ntitle: Care: who decides?\n# a remark\nlang: en"

    assert with_values(broken, {"title": "Who"}) == "date: 2026-11-03\ntitle: Who\n# a remark\nlang: en"
    assert with_values(broken, values_of(broken)) == broken


# --- the file as a whole --------------------------------------------------------------------------------------------


@given(st.sampled_from(["", "title: x", FRONT_MATTER]), st.text(st.sampled_from("a-\n #"), max_size=12))
def test_a_file_is_taken_apart_and_put_together_without_a_loss(front_matter: str, body: str) -> None:
    if not front_matter and body.split("\n")[0].rstrip() == "---":
        return  # this is a file with fences

    assert split(joined(front_matter, body)) == (front_matter, body)
    assert split(joined(front_matter, body).replace("\n", "\r\n")) == (front_matter, body)


@pytest.mark.parametrize("front_matter", ["", "title: x", FRONT_MATTER])
def test_lines_are_counted_from_the_top_of_the_file(front_matter: str) -> None:
    lines = joined(front_matter, "first\nsecond").split("\n")

    assert lines[lines_above(front_matter)] == "first" if front_matter else lines[0] == "first"


def test_a_file_whose_fence_does_not_close_is_all_text() -> None:
    assert split("---\ntitle: x\n") == ("", "---\ntitle: x\n")
