"""The settings at the desk, through the function as Lambda runs it: what is typed becomes the files of `settings/`."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from functions.publish.handler import lambda_handler as publish
from newsletter.aws.ses_identity import SesIdentity
from newsletter.control.desk.settings.brand import EVERY_COLOUR
from newsletter.core.team import Role
from newsletter.desk.settings.palette import SCHEMES
from newsletter.desk.settings.setting import KEYS
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.settings_file import OWN_WORDS
from tests.desk.desk_browser import Answered, DeskBrowser
from tests.issues.test_pictures import chart, saved
from tests.moto_aws import REGION

AT = "/desk/settings/"
BRAND, ENGLISH, NOTICE = "settings/brand.yaml", "settings/words/en.yaml", "settings/privacy.md"


@pytest.fixture
def boss(owner: DeskBrowser) -> DeskBrowser:
    """Another owner."""
    return DeskBrowser(owner.deployment, {Role.OWNER}, "bea@example.org")


def form(page: Answered) -> dict[str, str]:
    """Return what a browser would send of the form as it stands."""
    inside = page.body.partition('id="desk-settings"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input [^>]*?name="([\w.]+)" value="([^"]*)"', inside))
    fields |= dict(re.findall(r'<textarea [^>]*?name="([\w.]+)"[^>]*>\n(.*?)</textarea>', inside, re.S))
    fields |= {"language": (re.findall(r'<option value="(\w*)" selected', inside) or [""])[0]}
    unsent = ("view", "mail", "form_token", "no_logo", "no_logo_dark")
    return {name: html.unescape(value) for name, value in fields.items() if name not in unsent}


def stands(browser: DeskBrowser, key: str) -> str | None:
    return browser.deployment.read(key, "content")


def test_every_page_opens_for_everybody_and_only_owners_get_buttons(owner: DeskBrowser, writer: DeskBrowser) -> None:
    for path in ("", *(f"{name}/" for name in KEYS), "forms/", "sender/", "keys/", "brand/history/"):
        assert owner.get(AT + path).status == 200, path
        assert writer.get(AT + path).status == 200, path
    assert "Only owners change this." in writer.get(f"{AT}brand/").words
    assert 'id="desk-look"' not in writer.get(f"{AT}brand/").body
    assert writer.post(f"{AT}brand/save", strapline="Mine").status == 403
    assert stands(owner, BRAND) is None
    assert owner.get(f"{AT}no-such-file/").status == 404


def test_the_brand_is_saved_taken_and_in_use(owner: DeskBrowser) -> None:
    page = owner.get(f"{AT}brand/")
    assert "the default is in use" in page.words
    typed = form(page) | {
        "strapline": 'Says "hello": {rhythm}.',
        "postal_address": "Institute\r\n9 New Street",
        "footer_links": "Imprint https://example.org/i",
        "light.accent": "#7a1f5c",
    }

    answer = owner.post(f"{AT}brand/save", **typed)

    assert answer.location == f"{AT}brand/?done=kept"
    assert "in use within a minute" in owner.get(f"{AT}brand/").words
    assert stands(owner, BRAND) == (
        'strapline: "Says \\"hello\\": {rhythm}."\n'
        'postal_address:\n  - "Institute"\n  - "9 New Street"\n'
        'footer_links:\n  - "Imprint https://example.org/i"\n'
        'light:\n  accent: "#7a1f5c"\n'
    )  # what is ours is left out, so that it follows ours
    owner.deployment.invoke(publish, "publish/settings")
    after = owner.get(f"{AT}brand/")
    assert re.search(r"in use · saved .* by ada@example.org", after.words)
    assert form(after) == typed | {
        "version": form(after)["version"],
        "postal_address": "Institute\n9 New Street",
    }
    assert owner.log() == [("changed the settings", "Brand")]
    assert owner.post(f"{AT}brand/save", **form(after)).location == f"{AT}brand/?done=unchanged"


def test_a_colour_that_cannot_be_read_is_not_saved_and_nothing_typed_is_lost(owner: DeskBrowser) -> None:
    typed = form(owner.get(f"{AT}brand/")) | {"light.text": "#dddddd", "strapline": "A new one"}

    page = owner.post(f"{AT}brand/save", **typed)

    assert page.status == 400
    assert "Nothing was saved. “Text (by day)” #dddddd is hard to see on “Behind everything (by day)”" in page.words
    assert "AA no, 4.5 is the least: 1.2 on “behind everything”" in page.words
    assert form(page)["strapline"] == "A new one"
    assert stands(owner, BRAND) is None


def test_how_well_each_colour_can_be_seen_is_said_while_one_chooses(owner: DeskBrowser) -> None:
    typed = form(owner.get(f"{AT}brand/")) | {"dark.link": "#333333"}

    status, said = owner.ask(f"{AT}brand/preview", **typed)

    assert status == 200
    good, sentence = said["seen"]["dark.link"]
    assert (good, sentence.partition(":")[0]) == (False, "AA no, 4.5 is the least")
    assert said["seen"]["light.link"][0] is True
    fronts = {name.partition(".")[2] for name in said["seen"]}
    assert fronts == set(EVERY_COLOUR) - {"paper", "card", "shade", "rule"}  # stand behind others, or are decoration


def test_two_owners_at_once_lose_nothing(owner: DeskBrowser, boss: DeskBrowser) -> None:
    owner.post(f"{AT}brand/save", **(form(owner.get(f"{AT}brand/")) | {"strapline": "Before", "invitation": "Join"}))
    mine, theirs = form(owner.get(f"{AT}brand/")), form(boss.get(f"{AT}brand/"))
    boss.post(f"{AT}brand/save", **(theirs | {"strapline": "Of Bea", "dark.accent": "#ffccaa"}))

    page = owner.post(f"{AT}brand/save", **(mine | {"strapline": "Of Ada", "light.accent": "#7a1f5c"}))

    assert page.status == 409
    assert "bea@example.org saved this page while you had it open." in page.words
    assert "bea@example.org made it “Of Bea”. What you typed stands here." in page.words
    both = form(page)
    assert (both["strapline"], both["light.accent"], both["dark.accent"]) == ("Of Ada", "#7a1f5c", "#ffccaa")
    assert "Of Bea" in str(stands(owner, BRAND))
    assert owner.post(f"{AT}brand/save", **both).status == 303
    assert all(each in str(stands(owner, BRAND)) for each in ("Of Ada", "#7a1f5c", "#ffccaa", "Join"))


def test_two_who_write_the_notice_are_put_together_by_line(owner: DeskBrowser, boss: DeskBrowser) -> None:
    owner.post(f"{AT}privacy/save", text="# Privacy\n\nOne.\n\nTwo.\n\nThree.", version="")
    mine, theirs = form(owner.get(f"{AT}privacy/")), form(boss.get(f"{AT}privacy/"))
    boss.post(f"{AT}privacy/save", **(theirs | {"text": theirs["text"].replace("One.", "First.")}))

    page = owner.post(f"{AT}privacy/save", **(mine | {"text": mine["text"].replace("Three.", "Third.")}))

    assert page.status == 409
    assert form(page)["text"].strip() == "# Privacy\n\nFirst.\n\nTwo.\n\nThird."
    assert owner.post(f"{AT}privacy/save", **form(page)).status == 303


def test_a_sentence_of_ones_own_and_back_to_ours(owner: DeskBrowser) -> None:
    page = owner.get(f"{AT}words-en/")
    assert "Default: Someone, we hope you, asked us to send {newsletter} to this address." in page.words
    assert "It has to say {newsletter}. It may say {rhythm}." in page.words

    refused = owner.post(f"{AT}words-en/save", **(form(page) | {"confirmation_text": "Please confirm."}))
    assert refused.status == 400
    assert "“Confirmation text” does not say {newsletter}." in refused.words

    own = "Please confirm {newsletter},\r\nwith “marks”."
    owner.post(f"{AT}words-en/save", **(form(page) | {"confirmation_text": own}))
    assert stands(owner, ENGLISH) == 'confirmation_text: "Please confirm {newsletter}, with “marks”."\n'
    assert "One sentence is your own." in owner.get(f"{AT}words-en/").words

    emptied = form(owner.get(f"{AT}words-en/")) | {"confirmation_text": ""}
    assert owner.post(f"{AT}words-en/save", **emptied).location == f"{AT}words-en/?done=ours"
    assert stands(owner, ENGLISH) is None


@pytest.mark.parametrize("name", [each for each in KEYS if each.startswith("words-")])
def test_every_sentence_that_can_be_ones_own_is_shown_in_every_language(owner: DeskBrowser, name: str) -> None:
    ours = owner.deployment.app.templates.own_sentences(name.removeprefix("words-"))

    assert set(ours) == set(OWN_WORDS)
    assert set(OWN_WORDS) <= set(form(owner.get(f"{AT}{name}/")))
    if name != "words-en":
        english = owner.deployment.app.templates.own_sentences("en")
        assert not [key for key in OWN_WORDS if ours[key] == english[key]]


def test_the_preview_is_the_real_email_with_what_is_typed_and_keeps_nothing(owner: DeskBrowser) -> None:
    typed = form(owner.get(f"{AT}words-de/")) | {"welcome_text": "Schön, dass Sie {newsletter} lesen."}

    seen = owner.post(f"{AT}words-de/preview", **typed, mail="welcome")
    text = owner.post(f"{AT}words-de/preview", **typed, mail="welcome", view="text")
    broken = owner.post(f"{AT}words-de/preview", **(typed | {"welcome_text": "{nonsense}"}), mail="welcome")

    assert "Schön, dass Sie Fortnightly Briefing lesen." in html.unescape(seen.body)
    assert "sandbox" in seen.headers["Content-Security-Policy"]
    assert "Schön, dass Sie Fortnightly Briefing lesen." in text.body
    assert "“Welcome text” holds {nonsense}, which nothing fills in." in broken.body
    assert stands(owner, "settings/words/de.yaml") is None
    assert owner.log() == []


def test_the_preview_of_the_brand_has_its_colours_by_day_and_by_night(owner: DeskBrowser) -> None:
    typed = form(owner.get(f"{AT}brand/")) | {"light.button": "#7a1f5c", "dark.button": "#ffccaa"}

    day, night = (owner.post(f"{AT}brand/preview", **typed, view=view).body for view in ("day", "night"))

    assert "#7a1f5c" in day
    assert "prefers-color-scheme" not in day + night
    assert "color-scheme:dark" in night


def test_notice_and_template_are_previewed_as_readers_see_them(owner: DeskBrowser) -> None:
    assert "we keep" in owner.get(f"{AT}privacy/preview/").body.lower()  # ours
    notice = owner.post(f"{AT}privacy/preview", text="# Ours is *short*\n\n<script>x</script>", version="")
    assert "<em>short</em>" in notice.body
    assert "<script>x" not in notice.body
    begun = owner.get(f"{AT}privacy/?begin=ours")
    assert len(form(begun)["text"]) > 500

    mail = owner.post(f"{AT}new-issue/preview", text="Dear {{ name | reader }},\n\n## In brief", version="")
    assert "In brief" in mail.body
    assert "Dear reader" in mail.body
    owner.post(f"{AT}new-issue/save", text="Dear {{ name | reader }},", version="")
    owner.post("/desk/issues/new", title="Ferries", date="2031-01-07")
    assert "Dear {{ name | reader }}," in owner.get("/desk/issues/2031-01-07-ferries/write/").body


def test_an_earlier_version_is_compared_and_comes_back_after_the_checks(owner: DeskBrowser, boss: DeskBrowser) -> None:
    for browser, words in ((owner, "The first"), (boss, "The second")):
        browser.post(f"{AT}brand/save", **(form(browser.get(f"{AT}brand/")) | {"strapline": words}))
    page = owner.get(f"{AT}brand/history/")
    first = re.findall(r'name="restore" value="([^"]+)"', page.body)[-1]
    version = re.findall(r'name="version" value="([^"]+)"', page.body)[-1]
    assert page.words.index("bea@example.org (now)") < page.words.index("ada@example.org")

    changes = owner.get(f"{AT}brand/history/?since={first}").body
    assert "<ins>second</ins>" in changes
    assert "<del>first</del>" in changes

    assert owner.post(f"{AT}brand/restore", restore=first, version="another").status == 400
    assert owner.post(f"{AT}brand/restore", restore="no-such-version", version=version).status == 400
    assert owner.post(f"{AT}brand/restore", restore=first, version=version).location == f"{AT}brand/?done=restored"
    assert stands(owner, BRAND) == 'strapline: "The first"\n'
    assert owner.log()[-1] == ("went back to earlier settings", "Brand")


def test_a_version_that_would_be_refused_today_does_not_come_back(owner: DeskBrowser) -> None:
    owner.deployment.put(BRAND, b"light: {text: '#eeeeee'}\n")
    old = owner.deployment.app.settings_shelf.newest(BRAND)
    owner.post(f"{AT}brand/save", **(form(owner.get(f"{AT}brand/")) | {"light.text": "#111111"}))
    now = owner.deployment.app.settings_shelf.newest(BRAND)
    assert old is not None
    assert now is not None

    page = owner.post(f"{AT}brand/restore", restore=old.version, version=now.version)

    assert page.status == 400
    assert "That version does not pass the checks of today" in page.words


def test_a_refused_upload_is_explained_and_the_last_good_one_stands_in_the_form(owner: DeskBrowser) -> None:
    owner.deployment.put(BRAND, b"strapline: Good\n")
    owner.deployment.invoke(publish, "publish/settings")
    owner.deployment.put(BRAND, b"strapline: {rhythm\n")
    owner.deployment.invoke(publish, "publish/settings")

    page = owner.get(f"{AT}brand/")

    assert "The file that was uploaded last is not in use." in page.words
    assert form(page)["strapline"] == "Good"
    assert "not in use" in owner.get(AT).words
    assert owner.post(f"{AT}brand/save", **form(page)).status == 303
    assert stands(owner, BRAND) == 'strapline: "Good"\n'


def test_a_logo_is_opened_where_pictures_are_opened_and_refused_with_a_reason(owner: DeskBrowser) -> None:
    typed = form(owner.get(f"{AT}brand/"))

    lie = owner.attach(f"{AT}brand/save", ("logo.png", b"GIF? no"), script=False, **typed, field="logo_file")
    assert lie.status == 400
    good = owner.attach(f"{AT}brand/save", ("Logo neu.PNG", saved(chart())), script=False, **typed, field="logo_file")
    assert good.status == 303
    assert re.fullmatch(r'logo: "logo-[0-9a-f]{12}\.png"\n', str(stands(owner, BRAND)))
    owner.deployment.invoke(publish, "publish/settings")
    owner.deployment.app.renew_style()
    page = owner.get(f"{AT}brand/")
    assert '<img src="https://briefing.example.org/brand/' in page.body
    tall = owner.post(f"{AT}brand/save", **(form(page) | {"logo_width": "400"}))
    assert tall.status == 400
    assert "pixels tall where it is 400 wide" in tall.words

    gone = owner.post(f"{AT}brand/save", **form(page), no_logo="yes")
    assert gone.location == f"{AT}brand/?done=ours"
    assert stands(owner, BRAND) is None


def test_a_notice_that_is_too_long_comes_back_with_all_of_it(owner: DeskBrowser) -> None:
    page = owner.post(f"{AT}privacy/save", text="x" * 200_001, version="")

    assert page.status == 400
    assert "The notice is longer than 200,000 bytes." in page.words
    assert len(form(page)["text"].strip()) == 200_001
    assert stands(owner, NOTICE) is None


def test_using_ours_removes_the_file_that_was_shown_and_no_newer_one(owner: DeskBrowser) -> None:
    owner.post(f"{AT}privacy/save", text="Mine", version="")
    shown = form(owner.get(f"{AT}privacy/"))["version"]
    owner.deployment.put(NOTICE, b"Of somebody else")

    assert owner.post(f"{AT}privacy/ours", version=shown).status == 400
    assert stands(owner, NOTICE) == "Of somebody else"
    newest = form(owner.get(f"{AT}privacy/"))["version"]
    assert owner.post(f"{AT}privacy/ours", version=newest).location == f"{AT}privacy/?done=ours"
    assert stands(owner, NOTICE) is None
    assert "removed, the default in use" in owner.get(f"{AT}privacy/history/").words


def test_what_only_an_upload_could_hold_stays_when_the_form_is_saved(owner: DeskBrowser) -> None:
    owner.deployment.put(BRAND, b"# a remark\nfonts: {heading: Georgia}\nlight: {accent: '#7a1f5c'}\nlanguage: de\n")

    owner.post(f"{AT}brand/save", **(form(owner.get(f"{AT}brand/")) | {"strapline": "Neu"}))

    said = str(stands(owner, BRAND))
    assert [
        line for line in ('heading: "Georgia"', 'accent: "#7a1f5c"', 'language: "de"', '"Neu"') if line not in said
    ] == []


def test_a_form_for_a_website_is_shown_with_the_words_of_now(owner: DeskBrowser) -> None:
    page = owner.get(f"{AT}forms/?source=https://www.example.org/news&lang=fr")
    code = html.unescape(re.findall(r'<textarea id="desk-code"[^>]*>\n(.*?)</textarea>', page.body, re.S)[0])

    assert code.strip() == owner.deployment.app.pages.embedded_form("https://www.example.org/news", lang="fr").strip()
    assert "Write the whole address" in owner.get(f"{AT}forms/?source=news").words
    assert all(each in page.words for each in owner.deployment.app.pages.registered_forms)


def test_the_sender_of_a_newsletter_to_try_out_has_no_records(owner: DeskBrowser) -> None:
    words = owner.get(f"{AT}sender/").words

    assert "Fortnightly Briefing <briefing@example.org>" in words
    assert "example.org is a name for examples" in words


class Identity:
    """What SES would say of a domain that signs, and has a MAIL FROM of its own."""

    meta = SimpleNamespace(region_name="eu-west-2")

    def get_email_identity(self, **_: str) -> dict[str, Any]:
        return {
            "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": ["abc"]},
            "MailFromAttributes": {"MailFromDomain": "mail.institute.eu", "MailFromDomainStatus": "SUCCESS"},
        }


def test_the_records_of_a_sender_are_ready_to_paste_and_each_says_whether_it_is_there(owner: DeskBrowser) -> None:
    there = {
        ("abc._domainkey.institute.eu", "CNAME"): ["abc.dkim.amazonses.com"],
        ("mail.institute.eu", "TXT"): ["v=spf1 include:amazonses.com ~all"],
        ("_dmarc.institute.eu", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@institute.eu"],
    }

    def find(name: str, kind: str) -> list[str]:
        if kind == "MX":
            raise StoreBusyError("DNS does not answer")
        return there.get((name, kind), [])

    client: Any = Identity()
    app = owner.deployment.app
    app.__dict__["ses_identity"] = SesIdentity(client, "news@institute.eu", find)
    assert "Nobody can say at the moment: DNS does not answer." in owner.get(f"{AT}sender/").words

    app.__dict__["ses_identity"] = SesIdentity(client, "news@institute.eu", lambda *asked: there.get(asked, []))
    words = owner.get(f"{AT}sender/").words

    assert "mail.institute.eu has no MX record" in words
    assert "Not all is well." in words
    assert "10 feedback-smtp.eu-west-2.amazonses.com no" in words
    assert "abc.dkim.amazonses.com yes" in words
    assert "v=spf1 include:amazonses.com ~all yes" in words
    assert "v=DMARC1; p=none yes" in words  # theirs is stricter

    there["mail.institute.eu", "MX"] = ["10 feedback-smtp.eu-west-2.amazonses.com"]
    assert "Yes: everything that should be there is there." in owner.get(f"{AT}sender/").words


def test_keys_have_an_age_and_are_never_shown(owner: DeskBrowser) -> None:
    page = owner.get(f"{AT}keys/")

    assert page.words.count("Made or turned last today:") == 2
    assert "It is never turned" in page.words
    assert "newsletter rotate-keys" in page.words
    secrets: Any = boto3.client("secretsmanager", region_name=REGION)
    for each in secrets.list_secrets()["SecretList"]:
        assert secrets.get_secret_value(SecretId=each["Name"])["SecretString"] not in page.body


def test_both_schemes_have_a_field_for_each_colour_there_is(owner: DeskBrowser) -> None:
    layer = owner.deployment.app.templates.layer_brand

    fields = form(owner.get(f"{AT}brand/"))

    for scheme in SCHEMES:
        assert {name.partition(".")[2] for name in fields if name.startswith(f"{scheme}.")} == set(layer[scheme])
