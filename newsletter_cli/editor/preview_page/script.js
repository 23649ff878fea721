"use strict";
// Follows the file: what is around the mail is replaced, and the mail is loaded anew where the reader had scrolled to.
const state = document.getElementById("state");

function reloadFrame() {
  const frame = document.querySelector("iframe");
  const at = frame.contentWindow.scrollY;
  frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, at), { once: true });
  frame.contentWindow.location.reload();
}

async function follow() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    part.replaceWith(page.querySelector(`[data-live="${part.dataset.live}"]`));
  }
  reloadFrame();
}

const news = new EventSource(`/events?seen=${document.body.dataset.version}`);
news.addEventListener("changed", follow);
news.addEventListener("open", () => { state.textContent = ""; });
news.addEventListener("error", () => { state.textContent = "The preview has ended. Start it again: newsletter preview"; });
