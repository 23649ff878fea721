// The pages of the settings: the preview follows what is typed, and code is copied by a button.
// Without it, "Preview" shows what is typed, and the code can be selected.
const PAUSE = 400; // milliseconds without a change before the preview is renewed

for (const button of document.querySelectorAll("[data-copies]")) {
  const code = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    code.select();
    await navigator.clipboard.writeText(code.value);
    button.textContent = "Copied";
  });
}

const form = document.getElementById("desk-settings");
const look = document.getElementById("desk-look");

const follow = () => {
  const place = document.getElementById("desk-preview");
  let timer = 0;
  let changed = form.dataset.changed === "yes"; // what stands in the form is not saved
  let looking = false;

  // A frame of its own for each preview: one that is loaded again would leave a step for the back button each time.
  const renewFrame = () => {
    const next = document.createElement("iframe");
    next.title = "Preview";
    next.name = `desk-frame-${Date.now()}`;
    next.className = "renewing";
    place.append(next);
    look.formTarget = next.name;
    looking = true;
    form.requestSubmit(look);
    looking = false;
    next.addEventListener("load", () => {
      for (const frame of [...place.children].filter((each) => each !== next && each.compareDocumentPosition(next) & 4)) {
        frame.remove();
      }
      next.className = "";
    });
  };

  const renewContrast = async () => {
    if (!form.querySelector("[data-seen]")) return;
    const typed = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    const answer = await fetch(look.formAction, { method: "POST", headers: { Accept: "application/json" }, body: typed });
    if (!answer.ok || answer.redirected) return;
    for (const [name, [good, sentence]] of Object.entries((await answer.json()).seen)) {
      const note = form.querySelector(`[data-seen="${name}"]`);
      note.textContent = sentence;
      note.className = good ? "note" : "error";
    }
  };

  const renew = () => {
    renewFrame();
    renewContrast().catch(() => {}); // no connection: the words stay as they are, and saving says it
  };

  addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    changed ||= !["view", "mail"].includes(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(renew, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter !== look) changed = false;
    else if (!looking) {
      event.preventDefault();
      renew();
    }
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  if (changed) renew();
};

if (form && look) follow();
