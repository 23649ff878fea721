"""Writing an issue in a real browser: what is typed is kept, whatever the network, the session or a colleague does."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from local.reader import wait_for
from newsletter.desk.adapters.s3_drafts import S3Drafts
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from tests.browser.desk_writing import Desk, desk_of, owner_of, sign_in
from tests.browser.watch import Sight, look
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

PATIENCE = 30_000
SEEDS = int(os.environ.get("WRITING_SEEDS", "1"))
SECONDS = float(os.environ.get("WRITING_SECONDS", "12"))
"""For twenty stories of a minute each: `WRITING_SEEDS=20 WRITING_SECONDS=60`."""

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)

Opened = Callable[..., Desk]


@pytest.fixture(scope="module")
def state(chromium: Browser, stack: Laptop) -> Any:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    sign_in(context.new_page(), stack, owner_of(stack))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(chromium: Browser, stack: Laptop, state: Any) -> Iterator[Opened]:
    """Open browsers at the desk; in the end, none of them may have complained."""
    desks: list[Desk] = []

    def opened(**how: Any) -> Desk:
        desks.append(desk_of(chromium, stack, state, **how))
        return desks[-1]

    yield opened
    for desk in desks:
        desk.context.close()
    assert [complaint for desk in desks for complaint in desk.complaints] == []


def kept(stack: Laptop, slug: str) -> str:
    draft = S3Drafts(stack.client("s3"), stack.where["content_bucket"]).newest(slug)
    assert draft is not None
    return draft.text


def comes_to_hold(stack: Laptop, slug: str, words: str) -> None:
    wait_for(f"the draft to hold {words!r}", lambda: words in kept(stack, slug))


def status(page: Page) -> Any:
    return page.locator("#desk-status")


def type_at_end(page: Page, words: str) -> None:
    page.locator("#desk-text").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def saved(page: Page) -> None:
    expect(status(page)).to_contain_text("Saved", timeout=PATIENCE)


def test_what_is_typed_is_saved_and_seen_after_a_pause(opened: Opened, stack: Laptop) -> None:
    page, slug = opened().begin("Seen at once")
    type_at_end(page, "First words. ")
    saved(page)
    took = []
    for word in ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot"):
        type_at_end(page, f"{word} ")
        began = monotonic()
        page.wait_for_function(
            """(word) => [...document.querySelectorAll("#desk-preview iframe")].some((frame) => !frame.hidden
              && frame.contentDocument?.body?.innerText.includes(word))""",
            arg=word,
            timeout=PATIENCE,
        )
        took.append(monotonic() - began)

    print("from the last key to the preview:", ", ".join(f"{each:.2f} s" for each in took))
    comes_to_hold(stack, slug, "alpha bravo charlie delta echo foxtrot")
    assert min(took) < 1.0


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (375, False), (375, True)])
def test_axe_finds_nothing_and_the_page_fits_its_screen(opened: Opened, width: int, dark: bool) -> None:
    page, _ = opened(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light").begin(
        f"Looked at {width} {dark}"
    )
    type_at_end(page, "TODO say more\n\n[click here](http://example.org)")
    page.locator("#desk-findings button").first.wait_for()
    sight = look(page)

    assert sight.violations == ()
    assert sight.too_wide == ()


def test_the_toolbar_and_the_findings_work_by_keyboard(opened: Opened) -> None:
    page, _ = opened().begin("By keyboard")
    text = page.locator("#desk-text")
    text.fill("one word\n\nTODO\n")
    text.evaluate("text => text.setSelectionRange(4, 8)")
    text.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(text).to_have_value("one **word**\n\nTODO\n")
    line = page.get_by_role("button", name="Line")
    line.first.focus()
    page.keyboard.press("Enter")
    assert text.evaluate("text => text.value.slice(text.selectionStart, text.selectionEnd)") == "TODO"

    text.fill("See [the map](http://museum.london/map).\n")
    page.get_by_role("button", name="Fix it").focus()
    page.keyboard.press("Enter")
    expect(text).to_have_value("See [the map](https://museum.london/map).\n")
    expect(page.get_by_role("button", name="Fix it")).to_have_count(0)
    text.fill("## One\n\n##### Two\n\nWords enough for a text.\n")
    page.get_by_role("button", name="It is meant so").press("Enter")
    expect(page.get_by_role("button", name="It is meant so")).to_have_count(0)
    expect(text).to_have_value("## One\n\n##### Two\n\nWords enough for a text.\n")


def test_typed_without_a_network_it_is_kept_said_so_and_saved_after(opened: Opened, stack: Laptop) -> None:
    desk = opened()
    page, slug = desk.begin("Offline for a while")
    type_at_end(page, "Before. ")
    saved(page)
    desk.context.set_offline(True)
    type_at_end(page, "In the tunnel. ")
    expect(status(page)).to_contain_text("Not saved: no connection", timeout=PATIENCE)
    type_at_end(page, "Still there. ")
    desk.context.set_offline(False)

    saved(page)
    comes_to_hold(stack, slug, "Before. In the tunnel. Still there. ")


def test_closed_without_a_network_it_is_saved_by_the_next_page(opened: Opened, stack: Laptop) -> None:
    desk = opened()
    page, slug = desk.begin("Reloaded in a tunnel")
    type_at_end(page, "Before. ")
    saved(page)
    desk.context.set_offline(True)
    type_at_end(page, "In the tunnel. ")
    expect(status(page)).to_contain_text("Not saved: no connection", timeout=PATIENCE)
    type_at_end(page, "Still there. ")
    page.close()
    desk.context.set_offline(False)

    again = desk.write(slug)

    expect(again.locator("#desk-text")).to_have_value(re.compile(r"Before\. In the tunnel\. Still there\. $"))
    expect(status(again)).to_contain_text("What you typed before the connection was lost", timeout=PATIENCE)
    assert kept(stack, slug).count("In the tunnel.") == 1
    assert again.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft '))") == []


def test_two_tabs_of_one_browser_keep_what_each_typed(opened: Opened, stack: Laptop) -> None:
    desk = opened()
    one, slug = desk.begin("Two tabs")
    one.locator("#desk-text").fill("top\n\nmiddle\n\nend\n")
    saved(one)
    other = desk.write(slug)
    desk.context.set_offline(True)
    one.locator("#desk-text").fill("top of one\n\nmiddle\n\nend\n")
    other.locator("#desk-text").fill("top\n\nmiddle\n\nend of other\n")
    expect(status(one)).to_contain_text("Not saved", timeout=PATIENCE)
    expect(status(other)).to_contain_text("Not saved", timeout=PATIENCE)
    one.close()
    desk.context.set_offline(False)

    saved(other)
    third = desk.write(slug)
    expect(third.locator("#desk-text")).to_have_value("top of one\n\nmiddle\n\nend of other\n", timeout=PATIENCE)
    comes_to_hold(stack, slug, "top of one\n\nmiddle\n\nend of other\n")


def test_whoever_is_in_mid_line_stays_there_whatever_a_colleague_does_around(opened: Opened, stack: Laptop) -> None:
    mine, slug = opened().begin("In mid-line")
    mine.locator("#desk-text").fill("top\nB\nhers\n\nother\nlast\n")
    saved(mine)
    theirs = opened().write(slug)
    mine.locator("#desk-text").evaluate("text => { text.focus(); text.setSelectionRange(10, 10); }")
    # The line above hers becomes another one, and one that reads as it did stands further down.
    theirs.locator("#desk-text").fill("top\nBut now this\nhers\n\nother\nB\n\nlast\n")
    saved(theirs)
    mine.keyboard.type(" and")
    saved(mine)
    expect(mine.locator("#desk-text")).to_have_value(re.compile("But now this"), timeout=PATIENCE)

    mine.keyboard.type(" mine")

    comes_to_hold(stack, slug, "top\nBut now this\nhers and mine\n\nother\nB\n\nlast\n")


def test_the_back_button_shows_what_the_server_has(opened: Opened, stack: Laptop) -> None:
    desk = opened()
    page, slug = desk.begin("There and back")
    type_at_end(page, "Old. ")
    saved(page)
    page.goto(f"{stack.url}/desk/issues/")
    other = desk.write(slug)
    type_at_end(other, "New. ")
    saved(other)

    page.go_back()

    expect(page.locator("#desk-text")).to_have_value(re.compile(r"Old\. New\. $"), timeout=PATIENCE)
    type_at_end(page, "Newest. ")
    saved(page)
    comes_to_hold(stack, slug, "Old. New. Newest. ")


def test_a_large_file_is_sent_past_the_functions_and_how_much_of_it_has_gone_is_said(
    opened: Opened, stack: Laptop, tmp_path: Path
) -> None:
    page, slug = opened().begin("Large files")
    text, pdf = page.locator("#desk-text"), file_of(tmp_path / "Annual report.pdf", b"%PDF-1.7\n", 6_000_000)
    page.locator("#desk-file").set_input_files(pdf)
    expect(text).to_have_value(re.compile(r"\[annual report\]\(annual-report\.pdf\)"), timeout=PATIENCE)
    s3 = stack.client("s3")
    stored = s3.head_object(Bucket=stack.where["content_bucket"], Key=f"drafts/{slug}/annual-report.pdf")
    assert stored["ContentLength"] == pdf.stat().st_size

    huge, script = (file_of(tmp_path / name, b"", 25_000_000) for name in ("huge.jpg", "page.html"))
    page.locator("#desk-file").set_input_files([huge, script])
    refused = page.locator("#desk-refused li")
    expect(refused).to_have_count(2, timeout=PATIENCE)
    type_at_end(page, "Still here. ")
    saved(page)
    expect(refused.first).to_contain_text("A picture may have up to 20 MB")
    expect(refused.last).to_contain_text("no kind of file that is published")
    assert look(page) == Sight((), ())
    small = file_of(tmp_path / "Notes.pdf", b"%PDF-1.7\n", 1_000)
    page.locator("#desk-file").set_input_files(small)
    expect(text).to_have_value(re.compile(r"\[notes\]\(notes\.pdf\)"), timeout=PATIENCE)
    expect(refused).to_have_count(0)


def file_of(path: Path, begins: bytes, size: int) -> Path:
    """Return a file with this beginning. A browser reads it from there; its bytes do not go through the test."""
    with path.open("wb") as file:
        file.write(begins)
        file.truncate(size)
    return path


def test_without_a_script_a_large_photograph_is_sent_and_asked_about(
    opened: Opened, stack: Laptop, tmp_path: Path
) -> None:
    page, slug = opened(java_script_enabled=False).begin("Large, without a script")
    page.get_by_role("button", name="Add a file of more than 4 MB").click()
    page.locator("#desk-file").set_input_files(file_of(tmp_path / "1.jpg", b"\xff\xd8\xff\xe0", 12_000_000))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("heading", name="The file has arrived").wait_for()
    page.get_by_label("What it is called").fill("Quay in winter.jpg")
    page.get_by_label("What the picture shows").fill("A quay")
    page.get_by_role("button", name="Add it to the end of the text").click()

    page.get_by_text("The file is at the end of the text.").wait_for()
    assert kept(stack, slug).endswith("![A quay](quay-in-winter.jpg)\n")


def test_signed_out_in_mid_edit_it_is_saved_after_signing_in_anew(chromium: Browser, stack: Laptop) -> None:
    desk = Desk(chromium.new_context(locale="en-GB"), stack.url)
    sign_in(desk.context.new_page(), stack, owner_of(stack))
    page, slug = desk.begin("Signed out")
    type_at_end(page, "Before. ")
    saved(page)
    desk.context.clear_cookies()
    type_at_end(page, "Nobody may. ")
    expect(status(page)).to_contain_text("You are signed out", timeout=PATIENCE)
    assert "Nobody may." not in kept(stack, slug)

    sign_in(desk.context.new_page(), stack, owner_of(stack))

    saved(page)
    comes_to_hold(stack, slug, "Before. Nobody may. ")
    desk.context.close()


def test_without_a_script_it_is_saved_a_file_is_added_and_it_is_handed_in(opened: Opened, stack: Laptop) -> None:
    desk = opened(java_script_enabled=False)
    page, slug = desk.begin("Without a script")
    page.locator("#desk-text").fill("Typed without a script, with [a map](http://museum.london).\n")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.", exact=True).wait_for()
    page.get_by_role("button", name="Fix it").click()
    expect(page.locator("#desk-text")).to_have_value("Typed without a script, with [a map](https://museum.london).\n")
    page.locator("#desk-text").fill("Typed without a script.\n")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.", exact=True).wait_for()
    page.locator("#desk-alt").fill("A red point")
    page.locator("#desk-file").set_input_files({"name": "point.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="Add it to the end").click()
    page.get_by_text("The file is at the end of the text.").wait_for()
    assert kept(stack, slug).endswith("Typed without a script.\n\n![A red point](point.png)\n")

    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(f"**/desk/issues/{slug}/?done=handed_in")
    issues = DynamoIssues(stack.client("dynamodb"), stack.where["tables"]["issues"])
    wait_for("the issue to be published", lambda: issues.get(slug))
    page.goto(f"{stack.url}/desk/issues/{slug}/")
    expect(page.locator("main")).to_contain_text("Without a script")


# --- two people and a lossy network ---------------------------------------------------------------------------------


class Writer:
    """Types lines here and there, a key at a time; some of what its page sends is lost, and some answers are."""

    def __init__(self, name: str, page: Page, random: Random) -> None:
        self.name = name
        self.page = page
        self.typed: list[str] = []
        self.lost = 0
        self._random = random
        self._rest = ""
        page.route("**/save", self._save)

    def key(self) -> None:
        """Press the next key."""
        if not self._rest:
            line = f"{self.name}{len(self.typed)} " + "".join(self._random.choices("abcdefgh ", k=12)).strip()
            self.typed.append(line)
            self._rest = "\n" + line
            self.page.locator("#desk-text").evaluate(
                """(text, part) => {
                  const ends = [...text.value.matchAll(/\\n|$/g)].map((each) => each.index);
                  const at = ends[Math.floor(part * ends.length)];
                  text.focus();
                  text.setSelectionRange(at, at);
                }""",
                self._random.random(),
            )
        key, self._rest = self._rest[0], self._rest[1:]
        self.page.keyboard.type(key)

    def ends(self) -> None:
        while self._rest:
            self.key()
        self.page.unroute_all(behavior="wait")  # what is under way is lost or not, as it was meant

    def _save(self, route: Route) -> None:
        fate = self._random.random()
        if fate < 0.2:
            self.lost += 1
            route.abort("connectionreset")
        elif fate < 0.4:
            self.lost += 1
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_two_who_write_at_once_over_a_lossy_network_lose_nothing(opened: Opened, stack: Laptop, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a story, not a secret
    page, slug = opened().begin(f"Two at once {seed}")
    page.locator("#desk-text").fill("top\n\nmiddle\n\nend\n")
    saved(page)
    writers = [Writer("A", page, random), Writer("B", opened().write(slug), random)]

    until = monotonic() + SECONDS
    while monotonic() < until:
        writer = random.choice(writers)
        for _ in range(random.randint(1, 8)):
            writer.key()
        if random.random() < 0.1:
            writer.page.wait_for_timeout(random.randint(300, 1_500))
    for writer in writers:
        writer.ends()
    for writer in [*writers, *writers]:  # each sends the rest, and reads what the other sent
        settle(writer.page)

    lines = Counter(kept(stack, slug).split("\n"))
    typed = [line for writer in writers for line in writer.typed]
    print(f"seed {seed}: {len(typed)} lines, {sum(writer.lost for writer in writers)} requests or answers lost")
    assert {line: lines[line] for line in typed} == dict.fromkeys(typed, 1), kept(stack, slug)
    assert all(lines[line] == 1 for line in ("top", "middle", "end"))
    assert len({writer.page.locator("#desk-text").input_value() for writer in writers}) == 1


def settle(page: Page) -> None:
    """Press "Save", and wait until the server has all of it."""
    with page.expect_response(lambda answer: answer.url.endswith("/save") and answer.ok, timeout=PATIENCE):
        page.get_by_role("button", name="Save").click()
    page.wait_for_function(
        "() => Object.keys(localStorage).filter((name) => name.startsWith('draft ')).length === 0", timeout=PATIENCE
    )
