"""What a link says of its campaign goes with a sign-up, cleaned: anybody may write anything into a link."""

from __future__ import annotations

import pytest

from newsletter.errors import InvalidEmailError
from newsletter.readers.campaign import campaign_of, with_campaign
from newsletter.readers.domain.sign_up import SignUp, asked_again, refused

LINKEDIN = {"utm_source": "LinkedIn", "utm_medium": "social", "utm_campaign": "Autumn launch"}
STORED = "subscribe?utm_source=linkedin&utm_medium=social&utm_campaign=autumn-launch"


def sign_up(fields: dict[str, str]) -> SignUp:
    return SignUp.read({"email": "ada@example.org", **fields}, lang="en", registered_forms={}, network="192.0.2.1")


def test_the_campaign_of_a_sign_up_stands_behind_its_page() -> None:
    assert sign_up({"source": "subscribe", **LINKEDIN}).source == STORED
    assert campaign_of(STORED) == "linkedin / social / autumn-launch"


def test_a_form_that_names_no_campaign_is_stored_as_before() -> None:
    page = "https://www.example.org/about?page=2#form"

    assert sign_up({"source": page, "utm_source": ""}).source == page


def test_fields_go_before_what_the_page_says_and_the_rest_of_its_query_stays_behind() -> None:
    page = with_campaign("https://www.example.org/?page=2&utm_source=old#top", {"utm_source": "new"})

    assert page == "https://www.example.org/?utm_source=new&page=2"


@pytest.mark.parametrize(
    "value",
    [
        "ada@example.org",
        "<script>alert(1)</script>",
        "x" * 31,
        "=SUM(A1)",
        "a\r\nBcc: x",
        "ada%40example",
        "ü",
        "-x",
        "  ",
    ],
)
def test_what_is_no_name_of_a_campaign_is_left_out(value: str) -> None:
    assert with_campaign("footer", {"utm_source": value}) == "footer"
    assert campaign_of(f"footer?utm_source={value}") == ""


def test_ids_that_tell_one_person_from_another_are_not_read() -> None:
    tracked = {"utm_term": "ada", "utm_content": "letter-17", "utm_id": "9", "gclid": "x", "fbclid": "y"}

    assert sign_up({"source": "footer", **tracked}).source == "footer"


def test_a_campaign_goes_with_a_form_that_is_shown_again() -> None:
    fields = {"email": "ada@gmial.com", "source": "subscribe", **LINKEDIN}
    form = sign_up(fields)

    assert LINKEDIN.items() <= asked_again(form, fields)["carried"].items()
    assert refused(form, fields, InvalidEmailError("no"))["carried"] == LINKEDIN


def test_page_and_campaign_fit_into_what_a_receipt_keeps() -> None:
    longest = dict.fromkeys(LINKEDIN, "x" * 30)

    assert len(with_campaign("https://www.example.org/a-page-with-a-long-name/", longest)) <= 200
