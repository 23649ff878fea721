import json
from urllib.parse import quote_plus

import pytest

from newsletter.errors import MalformedMessageError
from newsletter.issues.adapters.s3_events import read_uploads
from newsletter.issues.domain.issue import is_slug


def notification(key: str) -> str:
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}]})


@pytest.mark.parametrize(
    "name", ["two words", "a+b", "100%", "100%25", "a%20b", "straße", "📰", "a&b=c", "../up", "a/b"]
)
def test_a_key_is_the_one_that_the_editor_wrote(name: str) -> None:
    (upload,) = read_uploads(notification(quote_plus(f"issues/{name}.md")))

    assert upload.key == f"issues/{name}.md"
    assert upload.is_beside_an_issue or not is_slug(upload.slug or "")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"Records": [{}]}', "null", '{"Records": 1}'])
def test_a_message_of_nobody_we_know_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        read_uploads(body)
