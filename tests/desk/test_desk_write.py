"""Writing at the desk, through the function as Lambda runs it: by form and by script."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from newsletter.core.team import Role
from newsletter.desk.drafts.draft import Draft
from newsletter.desk.drafts.incoming_file import name_by_head
from tests.desk.desk_browser import Answered, DeskBrowser
from tests.functions.conftest import Deployment
from tests.issues import word
from tests.moto_aws import REGION

TITLE, DAY = "Ferries by night", (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
SLUG = f"{DAY}-ferries-by-night"
AT = f"/desk/issues/{SLUG}/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def ada(writer: DeskBrowser) -> DeskBrowser:
    answer = writer.post("/desk/issues/new", title=TITLE, date=DAY)
    assert (answer.status, answer.location) == (303, f"{AT}write/")
    return writer


def newest(browser: DeskBrowser, slug: str = SLUG) -> Draft:
    draft = browser.deployment.app.drafts.newest(slug)
    assert draft is not None
    return draft


def form(browser: DeskBrowser) -> dict[str, str]:
    """Return what a browser would send of the page as it stands, with the line endings of browsers."""
    page = browser.get(f"{AT}write/").body
    assert 'id="desk-write"' in page
    hidden = dict(re.findall(r'<input type="hidden" name="(based_on|upload_version)" value="([^"]*)"', page))
    front_matter = re.search(r'name="front_matter" value="([^"]*)"', page)
    text = re.search(r'<textarea id="desk-text"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert front_matter is not None
    assert text is not None
    return hidden | {
        "front_matter": front_matter[1].replace("\n", "\r\n"), "text": text[1].replace("\n", "\r\n"), "date": DAY,
        "title": TITLE,
    }  # fmt: skip


def saved(browser: DeskBrowser, **typed: str) -> dict[str, Any]:
    status, answer = browser.ask(f"{AT}save", **(form(browser) | typed))
    assert status == 200, answer
    return dict(answer)


# --- begin ----------------------------------------------------------------------------------------------------------


def test_an_issue_is_begun_with_its_title_and_day(ada: DeskBrowser) -> None:
    page = ada.get(f"{AT}write/")

    assert newest(ada).text.startswith(f"---\ntitle: {TITLE}\ndate: {DAY}\nstatus: ready\n---\n\nHello ")
    assert "Hello {{ name | there }}" in page.body
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert ada.log() == [("began an issue", SLUG)]
    assert ada.deployment.read(f"issues/{SLUG}.md", "content") is None  # a draft is no upload


@pytest.mark.parametrize(
    ("title", "day", "words"),
    [
        (TITLE, DAY, "there is a draft"),
        (" FERRIES by  night!", DAY, "there is a draft"),
        ("  ", DAY, "needs a title"),
        ("x", "", "choose the day"),
        ("x", "31.12.2026", "choose the day"),
    ],
)
def test_what_cannot_be_begun_is_said(ada: DeskBrowser, title: str, day: str, words: str) -> None:
    before = newest(ada)

    answer = ada.post("/desk/issues/new", title=title, date=day)

    assert answer.status == 400
    assert words in answer.words.replace("There", "there").replace("Choose", "choose")
    assert newest(ada) == before


def test_an_issue_that_was_uploaded_is_not_begun_again(ada: DeskBrowser) -> None:
    ada.deployment.put(f"issues/{DAY}-trams.md", b"---\ntitle: Trams\n---\n")

    assert ada.post("/desk/issues/new", title="Trams", date=DAY).status == 400


def test_a_copy_has_the_text_and_its_own_name_and_day(ada: DeskBrowser) -> None:
    saved(ada, text="Copied.", summary="Of the old one")
    day = (date.fromisoformat(DAY) + timedelta(days=14)).isoformat()

    answer = ada.post("/desk/issues/new", title="Next", date=day, of=SLUG)

    assert answer.location == f"/desk/issues/{day}-next/write/"
    text = newest(ada, f"{day}-next").text
    assert ("title: Next\n" in text, "Copied." in text, "Of the old one" in text) == (True, True, True)


def test_a_copy_shows_its_own_pictures_and_says_nothing_that_is_true_of_the_first_alone(ada: DeskBrowser) -> None:
    ada.attach(f"{AT}take", ("chart.png", PNG), alt="A chart")
    ada.attach(f"{AT}take", ("unused.png", PNG), alt="Nothing")
    ada.deployment.put(f"issues/{SLUG}/a plan.pdf", PDF)
    of_one = f"title: {TITLE}\ndate: {DAY}\ncanonical: https://example.org/x\naccept: [long-subject]\ntopics: [trams]"
    saved(ada, front_matter=of_one, text="![A chart](chart.png) and [the plan](a%20plan.pdf)\n")

    ada.post("/desk/issues/new", title="Next", date=DAY, of=SLUG)

    copy, drafts = f"{DAY}-next", ada.deployment.app.drafts
    text = newest(ada, copy).text
    assert ("canonical" in text, "accept" in text, "topics: [trams]" in text) == (False, False, True)
    assert drafts.file_names(copy) == ["a plan.pdf", "chart.png"]
    assert drafts.file(copy, "chart.png") == PNG


def test_where_a_name_is_taken_a_free_one_is_proposed_and_what_was_typed_stands(ada: DeskBrowser) -> None:
    ada.deployment.put(f"issues/{SLUG}-2.md", b"---\ntitle: Taken, too\n---\n")

    answer = ada.post("/desk/issues/new", title=TITLE, date=DAY)

    assert answer.status == 400
    assert f'value="{TITLE} 3"' in answer.body
    assert f'<option value="{DAY}" selected>' in answer.body
    assert f'href="{AT}write/"' in answer.body
    assert ada.post("/desk/issues/new", title=f"{TITLE} 3", date=DAY).location == f"/desk/issues/{SLUG}-3/write/"


def test_what_is_being_written_is_listed_by_its_title_and_found_by_it(ada: DeskBrowser) -> None:
    listed, found = ada.get("/desk/issues/"), ada.get("/desk/issues/?q=NIGHT")

    for page in (listed, found):
        assert f"Being written {TITLE} Last saved by {ada.member.label}" in page.words
    assert TITLE not in ada.get("/desk/issues/?q=trams").words


# --- save -----------------------------------------------------------------------------------------------------------


def test_a_form_saves_without_a_script_and_writes_no_carriage_returns(ada: DeskBrowser) -> None:
    typed: dict[str, Any] = form(ada) | {"text": "One.\r\n\r\nTwo.\r\n", "subject": "Care: who?"}
    answer = ada.post(f"{AT}save", **typed)

    assert (answer.status, answer.location) == (303, f"{AT}write/?done=saved")
    assert newest(ada).text == (
        f'---\ntitle: {TITLE}\ndate: {DAY}\nstatus: ready\nsubject: "Care: who?"\n---\n\nOne.\n\nTwo.\n'
    )
    assert newest(ada).saved_by == ada.member.label
    assert "Saved." in ada.get(answer.location).words


def test_a_script_is_told_what_stands_and_what_is_wrong_with_it_and_on_which_line(ada: DeskBrowser) -> None:
    answer = saved(ada, text="Hello,\n\nTODO write this\n", page="p1", number="1")

    assert (answer["result"], answer["words"], answer["sent"]) == ("saved", "Saved.", None)
    assert answer["based_on"] == newest(ada).version
    lines = newest(ada).text.split("\n")
    found = [each for each in answer["findings"] if each["line"]]
    assert any(lines[each["line"] - 1] == "TODO write this" for each in found), answer["findings"]
    assert lines[answer["above"]] == "Hello,"


@pytest.mark.parametrize(
    "wrong", ["See [the map](http://museum.london/x).", "## One\n\n##### Two", "Done:\n\n- [x] paint"]
)
def test_what_a_machine_can_put_right_is_offered_done_and_found_no_more(ada: DeskBrowser, wrong: str) -> None:
    (found,) = [each for each in saved(ada, text=wrong)["findings"] if each["mend"]]
    page = ada.get(f"{AT}write/").body
    assert f'name="mend" value="{found["mend"]}">Fix it</button>' in page

    answer = ada.post(f"{AT}put-right", **form(ada), mend=found["mend"])

    assert (answer.status, answer.location) == (303, f"{AT}write/?done=saved")
    assert not [each for each in saved(ada)["findings"] if each["mend"]]


def test_a_script_is_given_the_text_and_saves_it_itself(ada: DeskBrowser) -> None:
    (found,) = [each for each in saved(ada, text="See [the map](http://museum.london/x).")["findings"] if each["mend"]]
    before = newest(ada).version
    status, answer = ada.ask(f"{AT}put-right", **form(ada), mend=found["mend"])
    assert (status, answer["text"]) == (200, "See [the map](https://museum.london/x).")
    assert newest(ada).version == before


def test_a_warning_that_is_meant_so_is_named_no_more_and_a_refusal_is_not_waved_through(ada: DeskBrowser) -> None:
    found = {
        each["accept"]: each for each in saved(ada, text="See [the map](http://museum.london/x). TODO")["findings"]
    }
    assert found["link-http"]["level"] == "warning"
    assert [each["accept"] for each in found.values() if each["level"] == "error"] == [""]

    ada.post(f"{AT}put-right", **form(ada), accept="link-http")

    assert "accept: [link-http]" in newest(ada).text
    assert "link-http" not in [each["accept"] for each in saved(ada)["findings"]]


def test_what_no_machine_can_put_right_is_refused_and_nothing_is_saved(ada: DeskBrowser) -> None:
    before = newest(ada).version
    assert ada.post(f"{AT}put-right", **form(ada), mend="alt-missing 7").status == 400
    assert ada.post(f"{AT}put-right", **form(ada), accept="subject-empty").status == 400
    assert newest(ada).version == before


def test_an_hour_of_its_own_is_picked_and_brings_its_day_and_is_given_up_again(ada: DeskBrowser) -> None:
    at = f"{date.fromisoformat(DAY) - timedelta(days=3)}"

    saved(ada, send=f"{at}T14:30")

    assert f"date: {at}\n" in newest(ada).text
    assert f"send: {at} 14:30\n" in newest(ada).text
    page = ada.get(f"{AT}write/").body
    assert f'type="datetime-local" name="send" value="{at}T14:30"' in page
    assert f'<option value="{at}" selected>' in page

    saved(ada, send="")

    assert "send:" not in newest(ada).text


@pytest.mark.parametrize("word", ["never", "2026-13-40 25:00"])
def test_what_no_picker_of_hours_can_show_stays_as_it_is_typed(ada: DeskBrowser, word: str) -> None:
    saved(ada, send=word)

    assert f'type="text" name="send" value="{word}"' in ada.get(f"{AT}write/").body


def test_what_cannot_be_read_is_saved_and_its_line_is_named(ada: DeskBrowser) -> None:
    broken = f"title: {TITLE}\ndate: {DAY}\nsubject: Care: who?"
    answer = saved(ada, front_matter=broken, text="x")

    assert broken in newest(ada).text
    assert [(each["level"], each["line"]) for each in answer["findings"]] == [("error", 4)]


def test_two_pages_are_put_together_and_each_is_told_so(ada: DeskBrowser, owner: DeskBrowser) -> None:
    saved(ada, text="one\n\ntwo\n")
    opened = form(owner)
    saved(ada, text="ONE\n\ntwo\n", page="a", number="1")

    status, answer = owner.ask(f"{AT}save", **(opened | {"text": "one\n\nTWO\n", "page": "b", "number": "1"}))

    assert (status, answer["result"], answer["text"]) == (200, "merged", "ONE\n\nTWO\n")
    assert answer["sent"].endswith("\n\none\n\nTWO\n")
    assert "a colleague" in answer["words"]


def test_two_who_change_the_same_line_are_told_where_and_both_stand(ada: DeskBrowser, owner: DeskBrowser) -> None:
    saved(ada, text="one\n")
    opened = form(owner)
    saved(ada, text="hers\n")

    _, answer = owner.ask(f"{AT}save", **(opened | {"text": "his\n"}))

    assert (answer["result"], answer["text"]) == ("clashed", "hers\nhis\n")
    line = int(re.findall(r"line (\d+)", answer["words"])[0])
    assert newest(ada).text.split("\n")[line - 1] == "hers"


def test_a_save_that_comes_again_is_kept_once(ada: DeskBrowser) -> None:
    fields = form(ada) | {"text": "typed\n", "page": "p1", "number": "1"}

    answers = [ada.ask(f"{AT}save", **fields)[1] for _ in range(3)]

    assert len({answer["based_on"] for answer in answers}) == 1
    assert newest(ada).text.count("typed") == 1


@pytest.mark.parametrize(
    ("page", "number"), [("a,b=9", "1"), ("ä\r\nX-Evil: 1", "1"), ("x" * 5000, "1"), ("p", "9" * 40), ("p", "²")]
)
def test_names_and_numbers_that_no_page_gives_itself_do_no_harm(ada: DeskBrowser, page: str, number: str) -> None:
    saved(ada, text=f"{number}", page=page, number=number, upload_version=page)

    assert newest(ada).text.endswith(f"\n\n{number}")
    assert newest(ada).saves in ((), ("p=0",))


def test_an_uploaded_issue_is_written_on_by_two_and_handed_in_again_and_stands_once(
    writer: DeskBrowser, owner: DeskBrowser
) -> None:
    text = f"---\ntitle: {TITLE}\ndate: {DAY}\nhouse: kept\n---\none\n\ntwo\n"
    writer.deployment.put(f"issues/{SLUG}.md", text.replace("\n", "\r\n").encode())
    hers, his = form(writer), form(owner)
    assert hers["upload_version"]

    writer.ask(f"{AT}save", **(hers | {"text": "ONE\r\n\r\ntwo\r\n"}))
    owner.ask(f"{AT}save", **(his | {"text": "one\r\n\r\nTWO\r\n"}))

    answer = writer.post(f"{AT}hand-in", based_on=newest(writer).version)
    assert answer.location == f"/desk/issues/{SLUG}/?done=handed_in"
    uploaded = writer.deployment.read(f"issues/{SLUG}.md", "content")
    assert uploaded == f"---\ntitle: {TITLE}\ndate: {DAY}\nhouse: kept\n---\n\nONE\n\nTWO\n"


def test_a_draft_of_a_million_bytes_is_refused_and_the_one_before_stands(ada: DeskBrowser) -> None:
    before = newest(ada)

    status, answer = ada.ask(f"{AT}save", **(form(ada) | {"text": "x" * 1_100_000}))

    assert status == 400
    assert "longer than any issue" in answer["error"]
    assert newest(ada) == before


# --- who may --------------------------------------------------------------------------------------------------------


def test_who_may_not_write_changes_nothing(ada: DeskBrowser) -> None:
    fields, before = form(ada), newest(ada)
    keeper = DeskBrowser(ada.deployment, {Role.KEEPER}, "kim@example.org")

    assert keeper.get(f"{AT}write/").status == 403
    assert keeper.ask(f"{AT}save", **(fields | {"text": "x"})) == (403, {"status": "not_yours"})
    refused: list[tuple[str, dict[str, Any]]] = [
        ("hand-in", {"based_on": before.version}),
        ("restore", {"version": before.version}),
        ("take", {}),
    ]
    for act, more in refused:
        assert keeper.post(f"{AT}{act}", **more).status == 403
    assert keeper.post("/desk/issues/new", title="x", date=DAY).status == 403
    assert newest(ada) == before


def test_without_the_token_of_the_session_nothing_is_saved(ada: DeskBrowser) -> None:
    before = newest(ada)

    assert ada.post_unsigned(f"{AT}save", text="x").status == 403
    assert newest(ada) == before


def test_the_text_of_somebody_who_is_signed_out_meanwhile_is_shown_and_not_lost(ada: DeskBrowser) -> None:
    fields, before = form(ada) | {"text": "A whole morning.\r\n</textarea><b>"}, newest(ada)
    old = ada.session
    ada.session = replace(ada.session, session_hash="f" * 64)  # its token is of a session before this one
    anew = ada.post(f"{AT}save", **fields)
    ada.session = old
    ada.deployment.app.sessions.close(old.session_hash)

    ended = ada.post(f"{AT}save", **fields)

    for answer in (anew, ended):
        assert answer.status == 403
        assert "A whole morning." in answer.body
        assert "</textarea><b>" not in answer.body
        assert "Not saved yet" in answer.words
    assert newest(ada) == before
    assert ada.attach(f"{AT}save", text=fields["text"]).status == 303  # a script keeps it itself


# --- preview --------------------------------------------------------------------------------------------------------

HOSTILE = """\
<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1))

![x](chart.png "onload=alert(1)")
"""


@pytest.mark.parametrize("view", ["mail", "dark", "text", "page", "nonsense", ""])
def test_a_preview_shows_the_draft_and_runs_no_script_of_it(ada: DeskBrowser, view: str) -> None:
    saved(ada, text=f"Hello there\n\n{HOSTILE}")

    answer = ada.get(f"{AT}draft/?view={view}")

    assert answer.status == 200
    assert "Hello there" in answer.body
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert scripts is None or "unsafe" not in scripts[1]
    if view in ("mail", "dark", "text"):
        assert scripts is None
        assert "allow-scripts" not in policy
        assert "sandbox" in policy
    if view != "text":
        assert not re.search(r"<script>|<[^>]* on(error|load)=|href=\W?javascript:", answer.body)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind = "text/plain" if view == "text" else "text/html"
    assert answer.headers["Content-Type"].startswith(kind)


def test_there_is_no_preview_of_what_cannot_be_read(ada: DeskBrowser) -> None:
    saved(ada, front_matter="subject: a: b", text="x")

    assert "No preview" in ada.get(f"{AT}draft/?view=mail").body


def test_a_preview_shows_the_pictures_of_its_draft(ada: DeskBrowser) -> None:
    ada.attach(f"{AT}take", ("chart.png", PNG), alt="A chart")
    saved(ada, text="Hello\n\n![A chart](chart.png)\n")

    body = ada.get(f"{AT}draft/?view=mail").body

    assert f"{AT}files/chart.png" in body
    answer = ada.get(f"{AT}files/chart.png/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


# --- files ----------------------------------------------------------------------------------------------------------


def taken(answer: Answered) -> str:
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body)["text"])


def refused(answer: Answered) -> str:
    assert answer.status == 400, answer.body
    return str(json.loads(answer.body)["error"])


def files(browser: DeskBrowser) -> set[str]:
    s3: Any = boto3.client("s3", region_name=REGION)
    found = s3.list_objects_v2(Bucket="content").get("Contents", [])
    return {each["Key"] for each in found if not each["Key"].endswith(f"{SLUG}.md")}


def test_a_picture_is_taken_with_what_it_shows(ada: DeskBrowser) -> None:
    answer = ada.attach(f"{AT}take", ("Übersicht 2026.PNG", PNG), alt=" A map [of\r\n ferries] ")

    assert taken(answer) == r"![A map \[of ferries\]](ubersicht-2026.png)"
    assert ada.deployment.app.drafts.file(SLUG, "ubersicht-2026.png") == PNG


def test_photographs_of_one_name_do_not_replace_one_another(ada: DeskBrowser) -> None:
    """A phone calls each of them image.jpg."""
    names = [taken(ada.attach(f"{AT}take", ("image.jpg", JPEG + each), alt="x")) for each in (b"1", b"2", b"1", b"3")]

    assert names == ["![x](image.jpg)", "![x](image-2.jpg)", "![x](image.jpg)", "![x](image-3.jpg)"]
    assert ada.deployment.app.drafts.file(SLUG, "image.jpg") == JPEG + b"1"


def test_a_pdf_is_linked_and_a_text_and_a_word_document_are_read(ada: DeskBrowser) -> None:
    docx = word.document(
        word.paragraph(word.run("Bridges"), style="Heading1"),
        word.paragraph(word.run("All are open."), word.picture("r", "A bridge")),
        relations={"r": ("image", "media/image1.png", False)},
        parts={"word/media/image1.png": PNG},
    )

    assert taken(ada.attach(f"{AT}take", ("Time table.pdf", PDF))) == "[time table](time-table.pdf)"
    assert taken(ada.attach(f"{AT}take", ("notes.md", "# Möwen\r\n".encode()))).strip() == "# Möwen"
    text = taken(ada.attach(f"{AT}take", ("Report.docx", docx)))
    picture = re.search(r"!\[A bridge\]\(([\w.-]+)\)", text)
    assert picture is not None, text
    assert text.startswith("## Bridges\n\n")
    assert "All are open." in text
    saved(ada, title="Bridges", text="x")
    assert "Bridges" not in taken(ada.attach(f"{AT}take", ("Report.docx", docx)))  # the issue has this title
    assert ada.deployment.app.drafts.file(SLUG, picture[1]) == PNG


def test_without_a_script_a_file_stands_at_the_end_of_the_text(ada: DeskBrowser) -> None:
    saved(ada, text="The end.\n")

    answer = ada.attach(f"{AT}take", ("chart.png", PNG), script=False, alt="A chart")

    assert (answer.status, answer.location) == (303, f"{AT}write/?done=taken")
    assert newest(ada).text.endswith("The end.\n\n![A chart](chart.png)\n")


def test_without_a_script_a_file_is_added_to_an_uploaded_issue_without_doubling_it(writer: DeskBrowser) -> None:
    writer.deployment.put(f"issues/{SLUG}.md", f"---\ntitle: {TITLE}\n---\none\n".encode())

    writer.attach(f"{AT}take", ("chart.png", PNG), script=False, alt="A chart")

    assert newest(writer).text == f"---\ntitle: {TITLE}\n---\n\none\n\n![A chart](chart.png)\n"
    assert newest(writer).upload_version


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("chart.png", PDF),
        ("chart.png", b"<svg onload=alert(1)>"),
        ("chart.jpg", PNG),
        ("chart.svg", b"<svg/>"),
        ("page.html", b"<script>"),
        ("script.js", b"alert(1)"),
        ("noending", b"x"),
        ("paper.pdf", b"<html>"),
        ("broken.docx", b"PK nonsense"),
        ("empty.png", b""),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_and_kept_nowhere(ada: DeskBrowser, name: str, body: bytes) -> None:
    before = files(ada)

    assert refused(ada.attach(f"{AT}take", (name, body)))
    assert files(ada) == before


@pytest.mark.parametrize(
    "name", ["../../settings/brand.png", "..\\..\\brand.png", "/etc/brand.png", "C:\\x\\brand.png", "a/../brand.png"]
)
def test_a_name_with_a_path_is_a_name_without_one(ada: DeskBrowser, name: str) -> None:
    before = files(ada)

    assert taken(ada.attach(f"{AT}take", (name, PNG), alt="x")) == "![x](brand.png)"
    assert files(ada) - before == {f"drafts/{SLUG}/brand.png"}


def test_five_megabytes_are_refused_in_words(ada: DeskBrowser) -> None:
    answer = ada.attach(f"{AT}take", ("large.png", PNG + b"\0" * 5_000_000))

    assert answer.status == 400
    assert "too large" in answer.body


def test_no_file_is_chosen(ada: DeskBrowser) -> None:
    assert "choose a file" in refused(ada.attach(f"{AT}take")).lower()


@pytest.mark.parametrize(
    "path",
    [f"{AT}files/../../other/chart.png/", f"{AT}files/..%2F..%2Fother%2Fchart.png/", f"{AT}files/%2e%2e/chart.png/",
     f"/desk/issues/../{SLUG}/files/chart.png/", f"{AT}files/page.html/", f"{AT}files/{quote('ä')}.png/"],
)  # fmt: skip
def test_no_path_leads_out_of_a_draft(ada: DeskBrowser, path: str) -> None:
    ada.deployment.put("drafts/other/chart.png", PNG)
    ada.deployment.put(f"drafts/{SLUG}/page.html", b"<script>")

    assert ada.get(path).status == 404


# --- large files ----------------------------------------------------------------------------------------------------


def sent_away(browser: DeskBrowser, name: str, body: bytes) -> str:
    """Send a file straight into the bucket, by the form that the desk signed; return by what it is known there."""
    status, placed = browser.ask(f"{AT}place", name=name, size=len(body))
    assert status == 200, placed
    s3: Any = boto3.client("s3", region_name=REGION)
    s3.put_object(Bucket="content", Key=placed["fields"]["key"], Body=body)
    return str(placed["arrived"])


def test_a_photograph_of_twelve_megabytes_goes_past_the_function_and_into_the_draft(ada: DeskBrowser) -> None:
    photograph = JPEG + bytes(12_000_000)

    arrived = sent_away(ada, "IMG_0001.JPG", photograph)
    status, answer = ada.ask(f"{AT}take", arrived=arrived, name="IMG_0001.JPG", alt="A ferry")

    assert (status, answer) == (200, {"text": "![A ferry](img-0001.jpg)"})
    assert ada.deployment.app.drafts.weight(SLUG, "img-0001.jpg") == len(photograph)
    assert files(ada) == {f"drafts/{SLUG}/img-0001.jpg"}  # nothing stays on the way
    shown = ada.get(f"{AT}files/img-0001.jpg/")  # a function answers with less
    assert (shown.status, "X-Amz-Signature" in shown.location) == (303, True)
    assert ada.ask(f"{AT}take", arrived=arrived, name="x.jpg")[0] == 400  # sent twice


def test_the_form_takes_one_file_to_one_place_and_no_more_bytes_than_its_kind_may_have(ada: DeskBrowser) -> None:
    most = {}
    for name in ("x.jpg", "x.docx", "x.pdf", "x.md"):
        _, placed = ada.ask(f"{AT}place", name=name, size=5_000_000 if name != "x.md" else 10)
        policy = json.loads(b64decode(placed["fields"]["policy"]))
        assert {"key": f"arriving/{SLUG}/{placed['arrived']}"} in policy["conditions"]
        most[name] = next(each[2] for each in policy["conditions"] if isinstance(each, list))

    attachment = ada.deployment.app.settings.attachment_megabytes * 1_000_000
    assert most == {"x.jpg": 20 * 1024 * 1024, "x.docx": 20 * 1024 * 1024, "x.pdf": attachment, "x.md": 256 * 1024}


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("IMG 1.jpg", 100_000_000, "“img-1.jpg” has 100 MB. A picture may have up to 20 MB."),
        ("film.mp4", 900_000_000, "A file may have up to"),
        ("text.docx", 22_000_000, "A document may have up to 20 MB."),
        ("photo.HEIC", 6_000_000, "Save it as JPEG or PNG"),
        ("page.html", 6_000_000, "no kind of file that is published"),
        ("nothing", 6_000_000, "no kind of file that is published"),
    ],
)
def test_what_cannot_be_added_is_refused_before_it_is_sent(ada: DeskBrowser, name: str, size: int, words: str) -> None:
    status, answer = ada.ask(f"{AT}place", name=name, size=size)

    assert (status, words in answer["error"]) == (400, True), answer


@pytest.mark.parametrize(
    ("promised", "named", "body", "words"),
    [
        ("x.png", "x.png", PDF + bytes(5_000_000), "no picture of this kind"),
        ("x.pdf", "x.pdf", PNG + bytes(5_000_000), "no PDF file"),
        ("x.pdf", "x.jpg", JPEG + bytes(22_000_000), "may have up to 20 MB"),
        ("x.pdf", "x.md", b"words " * 1_000_000, "may have up to 262 KB"),
    ],
)
def test_what_arrived_is_looked_at_again_whatever_was_said_of_it(
    ada: DeskBrowser, promised: str, named: str, body: bytes, words: str
) -> None:
    arrived = sent_away(ada, promised, body)

    status, answer = ada.ask(f"{AT}take", arrived=arrived, name=named, alt="")

    assert (status, words in answer["error"]) == (400, True), answer
    assert not any(each.startswith("drafts/") for each in files(ada))


def test_a_large_word_document_becomes_text(ada: DeskBrowser) -> None:
    document = word.document(word.paragraph(word.run("From afar.")))

    arrived = sent_away(ada, "text.docx", document)
    status, answer = ada.ask(f"{AT}take", arrived=arrived, name="text.docx")

    assert (status, answer["text"]) == (200, "From afar.")
    assert files(ada) == set()


@pytest.mark.parametrize("arrived", ["", "../x", "0" * 32, "0" * 31 + "/"])
def test_what_did_not_arrive_is_not_taken(ada: DeskBrowser, arrived: str) -> None:
    assert ada.ask(f"{AT}take", arrived=arrived, name="x.jpg")[0] == 400
    assert ada.get(f"{AT}arrived/{'0' * 32}/").status == 404


def test_without_a_script_a_form_sends_it_and_the_page_behind_asks_what_it_shows(ada: DeskBrowser) -> None:
    page = ada.post(f"{AT}place")
    action = re.search(r'<form method="post" action="(https://[^"]*)"', page.body)
    back = re.search(r'name="success_action_redirect" value="[^"]*?(/desk/[^"]*)"', page.body)
    key = re.search(r'name="key" value="([^"]*)"', page.body)
    assert action is not None
    assert back is not None
    assert key is not None
    assert re.match(r"https://[^/]*", action[1])[0] in page.headers["Content-Security-Policy"]  # type: ignore[index]
    boto3.client("s3", region_name=REGION).put_object(Bucket="content", Key=key[1], Body=JPEG)
    before = newest(ada)

    asked = ada.get(back[1])

    assert newest(ada) == before  # a GET changes nothing
    assert 'name="name" value="picture.jpg"' in asked.body
    assert "What the picture shows" in asked.words
    answer = ada.post(f"{AT}take", arrived=back[1].split("/")[-2], name="Night Ferry.jpg", alt="A ferry")
    assert answer.location == f"{AT}write/?done=taken"
    assert newest(ada).text.endswith("\n\n![A ferry](night-ferry.jpg)\n")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (PNG, "picture.png"), (JPEG, "picture.jpg"), (PDF, "file.pdf"), (b"Some words.\n", "file.txt"),
        (b"PK\x03\x04" + bytes(100), "file.zip"), (b"\x7fELF\0\0", ""), (b"<html>", ""),
    ],
)  # fmt: skip
def test_a_file_without_a_name_is_known_by_how_it_begins(head: bytes, name: str) -> None:
    assert name_by_head(head) in (name, name.replace(".txt", ".csv"))


# --- hand in, history -----------------------------------------------------------------------------------------------


def test_what_is_handed_in_is_an_upload_of_whoever_did_it(ada: DeskBrowser, owner: DeskBrowser) -> None:
    ada.attach(f"{AT}take", ("chart.png", PNG), alt="A chart")
    version = saved(ada, text="Hello\n\n![A chart](chart.png)\n")["based_on"]

    answer = owner.post(f"{AT}hand-in", based_on=version)

    assert answer.location == f"/desk/issues/{SLUG}/?done=handed_in"
    upload = ada.deployment.app.content.newest(f"issues/{SLUG}.md")
    assert upload is not None
    assert upload.uploaded_by == owner.member.email  # by which four eyes know their own change
    assert upload.body.decode() == newest(ada).text
    assert f"issues/{SLUG}/chart.png" in files(ada)
    assert ("handed in", SLUG) in owner.log()


def test_an_old_version_is_not_handed_in(ada: DeskBrowser) -> None:
    looked_at = newest(ada).version
    saved(ada, text="more")

    answer = ada.post(f"{AT}hand-in", based_on=looked_at)

    assert answer.status == 400
    assert "changed the text since you looked at it" in answer.words
    assert ada.deployment.read(f"issues/{SLUG}.md", "content") is None


def test_a_newer_upload_is_put_together_and_shown_first(ada: DeskBrowser) -> None:
    ada.post(f"{AT}hand-in", based_on=newest(ada).version)
    ada.deployment.put(f"issues/{SLUG}.md", newest(ada).text.replace("Hello", "Good evening").encode())
    version = saved(ada, text=form(ada)["text"] + "\r\nMine.\r\n")["based_on"]

    answer = ada.post(f"{AT}hand-in", based_on=version)

    assert answer.location == f"{AT}write/?done=newer"
    assert "Somebody uploaded this issue since you began" in ada.get(answer.location).words
    assert ("Good evening" in newest(ada).text, "Mine." in newest(ada).text) == (True, True)


def test_an_earlier_version_comes_back_and_the_one_before_stays(ada: DeskBrowser) -> None:
    first = saved(ada, text="first")["based_on"]
    second = saved(ada, text="second")["based_on"]
    body = "".join(ada.get(f"{AT}history/?within={version}").body for version in (first, second))
    offered = set(re.findall(r'name="version" value="([^"]*)"', body))
    assert (first in offered, len(offered)) == (True, 2)  # with the one that it began with
    assert second not in offered  # it stands

    answer = ada.post(f"{AT}restore", version=first)

    assert answer.location == f"{AT}write/?done=restored"
    assert newest(ada).text.endswith("\n\nfirst")
    assert ada.deployment.app.drafts.version_of(SLUG, second) is not None


def test_the_history_says_who_saved_in_each_quarter_of_an_hour(ada: DeskBrowser, owner: DeskBrowser) -> None:
    saved(ada, text="hers")
    saved(owner, text="his")

    page = ada.get(f"{AT}history/")

    assert page.body.count("<li>") <= 2  # three saves, in a quarter of an hour or across its end
    assert owner.member.label in page.words
    assert "(now)" in page.words


@pytest.mark.parametrize("version", ["", "nonsense", "../x"])
def test_a_version_that_is_not_kept_is_not_restored(ada: DeskBrowser, version: str) -> None:
    before = newest(ada)

    assert ada.post(f"{AT}restore", version=version).status == 400
    assert newest(ada) == before


@pytest.mark.parametrize("page", ["write", "draft", "history"])
def test_of_a_draft_that_never_was_there_is_no_page(ada: DeskBrowser, page: str) -> None:
    assert ada.get(f"/desk/issues/{DAY}-never/{page}/").status in (200, 404)
    assert ada.get(f"/desk/issues/{DAY}-never/write/").status == 404


def test_a_draft_that_is_gone_comes_back_from_an_open_page(ada: DeskBrowser, deployment: Deployment) -> None:
    fields = form(ada)
    deployment.app.drafts.remove(SLUG)

    status, answer = ada.ask(f"{AT}save", **(fields | {"text": "typed on"}))

    assert (status, answer["result"]) == (200, "saved")
    assert newest(ada).text.endswith("typed on")
