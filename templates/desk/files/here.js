// Says once a minute that this page is open, and shows who else has it open. Without it, that is shown when it loads.
const here = document.getElementById("desk-here");
const EACH = 60_000; // milliseconds

const tell = async () => {
  if (document.hidden) return;
  // A page that was signed out and in again holds the newer token in its form.
  const token = document.querySelector("#desk-write [name=form_token]")?.value ?? here.dataset.token;
  try {
    const answer = await fetch(here.dataset.url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ form_token: token, doing: here.dataset.doing }),
      redirect: "manual",
    });
    if (!answer.ok) return;
    const { words } = await answer.json();
    if (here.textContent !== words) here.textContent = words;
    here.hidden = !words;
  } catch {
    // No connection: the page itself says so where it matters.
  }
};

// Lines that comments are about lead to the text.
for (const each of document.querySelectorAll("[data-line]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = each.textContent;
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("desk-line", { detail: Number(each.dataset.line) }));
  });
  each.replaceChildren(button);
}

tell();
setInterval(tell, EACH);
document.addEventListener("visibilitychange", tell);
