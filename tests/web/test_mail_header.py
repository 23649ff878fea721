"""Whatever stands in a header, two decoders that know nothing of each other read it back to the last space."""

from __future__ import annotations

import email
import email.policy
import random
import re
from email.header import decode_header, make_header
from email.utils import parseaddr

import fast_mail_parser
import pytest
from jinja2 import nodes

from newsletter.core.content import MailContent
from newsletter.core.newsletter import Newsletter
from newsletter.web.mail_header import LINE, mailbox, mailbox_field, text_field, verbatim_field
from newsletter.web.mime import mime_message
from tests.issues.rendering_samples import PAGES, ROOT, TEMPLATES

ENCODED_WORD = re.compile(rb"=\?utf-8\?[qb]\?[^? ]+\?=")

PIECES = (
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789" * 2,
    *" " * 30,
    *"-:;,.!?()[]<>@\"'\\/_=&#%+*|{}~$^`",
    *"äöüßéèêçñŵŷøåłŠ",
    *"‘’“”„«»–—…·•№€£",
    *"\u00a0\u202f\u2009\u3000\u200b\u00ad",  # spaces of other widths, and characters nobody sees
    *"北京新闻周刊第三期日本語のお知らせ한국어소식",
    *"الأخبارالعربيةخبر\u200f\u200e\u2067\u2069חדשותעברית",
    *"e\u0301 a\u0308 क्ष நி \u1100\u1161\u11a8",
    *"👍👨\u200d👩\u200d👧🏳\ufe0f\u200d🌈🇬🇧🧑🏽\u200d🚀",
    "=?", "?=", "=?utf-8?q?no?=", "=?utf-8?b?bm8=?=", "=20", "&amp;", "Re: ", "{{name}}", "housing", "Llywodraeth",
)  # fmt: skip


def titles(number: int) -> list[str]:
    """Return titles of every length; the same ones each time."""
    chance = random.Random(14)  # noqa: S311 - no secret
    short = ["".join(chance.choices(PIECES, k=chance.choice((1, 3, 12, 40, 90)))) for _ in range(number - 400)]
    long_words = ["".join(chance.choices(PIECES[:90], k=chance.randint(60, 300))) for _ in range(200)]
    return [*short, *long_words, *("x" * length for length in range(1, 201))]


def read_back(field: bytes) -> tuple[str, str, str]:
    """Return a subject as Python's two decoders read it, and as one written in Rust does."""
    message = field + b"To: ada@example.org\r\n\r\nHello\r\n"
    modern = email.message_from_bytes(message, policy=email.policy.default)["Subject"]
    old = email.message_from_bytes(message, policy=email.policy.compat32)["Subject"]
    return (
        str(modern),
        str(make_header(decode_header(re.sub("\r?\n", "", old)))),
        fast_mail_parser.parse_email(message).subject,
    )


def test_ten_thousand_titles_are_read_back_to_the_last_space_by_every_decoder() -> None:
    different = []
    for title in titles(10_000):
        field = text_field("Subject", title)
        if set(read_back(field)) != {title}:
            different.append((title, field, read_back(field)))
    assert different == []


def test_no_line_is_longer_than_the_standard_allows_and_no_two_encoded_words_touch() -> None:
    for title in titles(10_000):
        lines = text_field("Subject", title).split(b"\r\n")
        assert lines.pop() == b""
        assert all(line.isascii() and len(line) <= LINE for line in lines)
        assert all(line.startswith(b" ") for line in lines[1:])
        assert all(line.strip() for line in lines)
        if not title.isascii():
            words = b"".join(lines).removeprefix(b"Subject: ").split(b" ")
            assert all(ENCODED_WORD.fullmatch(word) and len(word) <= 75 for word in words)


def test_each_encoded_word_holds_whole_characters() -> None:
    for title in titles(2_000):
        for word in ENCODED_WORD.findall(text_field("Subject", title)):
            ((octets, charset),) = decode_header(word.decode())
            assert isinstance(octets, bytes)
            assert charset == "utf-8"
            octets.decode("utf-8")


def test_a_title_in_english_stays_as_people_can_read_it() -> None:
    assert text_field("Subject", "More for more: ten years on") == b"Subject: More for more: ten years on\r\n"


def test_a_title_in_a_latin_alphabet_stays_readable_and_one_in_another_stays_short() -> None:
    assert text_field("Subject", "Café") == b"Subject: =?utf-8?q?Caf=C3=A9?=\r\n"
    assert text_field("Subject", "北京") == b"Subject: =?utf-8?b?5YyX5Lqs?=\r\n"


@pytest.mark.parametrize(
    "display_name",
    [
        "The Briefing",
        "Ada, Countess of Lovelace",
        'The "Brief"',
        "Back\\slash",
        "A. B. C.",
        "Café, Ltd <news>",
        "Y Briff – Caerdydd",
        "=?utf-8?q?no?=",
        "新闻",
        "نشرة \u200fالأخبار",
        "a" * 90,
        "Ein sehr langer Name, der niemals in eine einzige Zeile eines Briefkopfs passen wird, und noch mehr",
        "Vierzehntägliche Nachrichten für alle, die in Städten und Gemeinden über das Wohnen entscheiden",
        "",
    ],
)
def test_a_sender_is_read_back_whatever_the_newsletter_is_called(display_name: str) -> None:
    field = mailbox_field("From", display_name, "briefing@example.org")
    one_line = f"From: {mailbox(display_name, 'briefing@example.org')}\r\n".encode()

    assert max(map(len, field.split(b"\r\n"))) <= LINE
    for written in (field, one_line):
        sender = email.message_from_bytes(written + b"\r\n", policy=email.policy.compat32)["From"]
        phrase, address = parseaddr(re.sub("\r?\n", "", sender))
        assert (str(make_header(decode_header(phrase))), address) == (display_name, "briefing@example.org")


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@example.org", "zoë", "x" * 1000])
def test_what_machines_read_is_refused_rather_than_encoded(value: str) -> None:
    with pytest.raises(ValueError, match="the header X cannot stand"):
        verbatim_field("X", value)


def test_a_whole_message_is_read_back_with_every_header_of_it() -> None:
    newsletter = Newsletter("Y Briff – «Cymru»", "briff@example.org", "hello@example.org", "1 Street", "e@example.org")
    mail = MailContent("Logement\u00a0: dix ans  après\r\nBcc: eve@example.org", "<p>é</p>", "é")

    raw = mime_message(newsletter, "ada@example.org", mail, [("List-Unsubscribe", f"<https://x.example/{'t' * 300}>")])

    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["Subject"] == "Logement\u00a0: dix ans  après Bcc: eve@example.org"
    assert read["From"].addresses[0].display_name == "Y Briff – «Cymru»"
    assert (read["To"], read["Reply-To"], read["Bcc"]) == ("ada@example.org", "hello@example.org", None)
    assert read["List-Unsubscribe"] == f"<https://x.example/{'t' * 300}>"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert all(len(line) <= 998 and line.isascii() for line in raw.split(b"\r\n"))


TEXTS = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.txt"))


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_is_made_of_parts_that_are_escaped_for_html(name: str) -> None:
    """A macro escapes as the file it stands in says: a subject would read `Research &amp; Reform`."""
    environment = TEMPLATES._environment
    parsed = environment.parse(TEMPLATES.source(name))

    others = parsed.find_all((nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends))
    named = [named.value for other in others if isinstance(named := getattr(other, "template", None), nodes.Const)]
    assert [other for other in named if not other.endswith(".txt")] == []
    assert environment.autoescape(name) is False  # type: ignore[operator] # a function: who made it said so


def test_html_takes_only_texts_from_a_text_template_and_no_macros() -> None:
    """What a macro says is taken for safe HTML by whoever calls it there, though nobody escaped it."""
    environment = TEMPLATES._environment
    taken: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        parsed = environment.parse(path.read_text("utf-8"))
        others = parsed.find_all((nodes.Import, nodes.FromImport))
        taken |= {
            other.template.value
            for other in others
            if isinstance(other, (nodes.Import, nodes.FromImport)) and isinstance(other.template, nodes.Const)
        }

    texts = {name for name in taken if name.endswith(".txt")}
    assert "email/account_trouble.txt" in texts
    assert [name for name in texts if list(environment.parse(TEMPLATES.source(name)).find_all(nodes.Macro))] == []


def test_the_subject_of_a_decision_and_of_an_empty_slot_holds_no_entity() -> None:
    for name, context in (
        (
            "editors_decided",
            {"headline": "Held: Research & <Reform>", "meaning": "", "label": "", "way_back": "", "way_back_url": ""},
        ),
        ("editors_nothing_ready", {"why": "soon", "slot": "Tuesday & Co", "left": "<2 h>", "waiting": []}),
        ("editors_account", {"trouble": "PROBATION"}),
    ):
        subject = TEMPLATES.render(f"email/{name}.subject.txt", context)
        assert "&amp;" not in subject
        assert "&lt;" not in subject
        assert all(str(value) in subject for value in context.values() if "&" in value or "<" in value)
        html = PAGES.mail(name, **context, by_link=False, slug="a", when="b").html
        assert "<Reform>" not in html
        assert "<2 h>" not in html
