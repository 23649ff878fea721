"""A browser that opens an MP3 of the archive plays it, under the headers that CloudFront adds."""

import pytest
from playwright.sync_api import Browser, Route

from local.front_door import site_headers
from local.package import read_template
from local.process import ROOT

pytestmark = pytest.mark.browser

SILENCE = (b"\xff\xfb\x90\x00" + bytes(413)) * 80
"""Two seconds: MPEG 1, layer III, 128 kbit/s, 44.1 kHz; ISO/IEC 11172-3, section 2.4.1."""

PLAYED = """async () => {
  const player = document.querySelector("video, audio");
  const late = new Promise((_, reject) => setTimeout(() => reject("not loaded after ten seconds"), 10_000));
  const played = new Promise((resolve, reject) => {
    player.ontimeupdate = () => player.currentTime > 0 && resolve(player.duration);
    player.onerror = () => reject(player.error.message);
  });
  player.muted = true;
  player.play().catch(() => {});
  return Promise.race([played, late]);
}"""


def test_an_mp3_that_is_opened_by_itself_plays(chromium: Browser) -> None:
    headers = {**site_headers(read_template(ROOT / "template.yaml")), "Content-Type": "audio/mpeg"}

    def answer(route: Route) -> None:
        route.fulfill(status=200, headers=headers, body=SILENCE)

    page = chromium.new_page()
    page.route("**/*", answer)
    page.goto("http://127.0.0.1:1/issues/one/talk.mp3")

    assert page.evaluate(PLAYED) == pytest.approx(2.1, abs=0.2)
    page.close()
