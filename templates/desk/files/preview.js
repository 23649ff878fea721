// The preview beside the text: what is typed is shown as its readers will see it, a moment after each pause, whether it
// is saved by then or not. It is put into the frame in place: nothing blinks, and what is looked at stays where it is.
const form = document.getElementById("desk-write");
const box = document.getElementById("desk-preview");
const [emails, pages] = box.querySelectorAll("iframe"); // each with the headers of what it shows
const state = document.getElementById("desk-preview-state");
const views = document.getElementById("desk-live");
const at = `/desk/issues/${form.dataset.slug}/`;

const PAUSE = 300; // milliseconds without a key before it is drawn
const APART = 900; // milliseconds from one drawing to the next for those who never pause: each is a call of a function
const SLOW = 800; // milliseconds until it is said that the preview is behind

let asking = false;
let again = false;
let behind = false; // what is typed could not be drawn
let asked = 0; // when it was asked for last
let timer = 0;

const view = () => views.querySelector(":checked").value;
const frameOf = (name) => (name === "page" ? pages : emails);
const typed = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));

const say = (words) => {
  if (state.textContent !== words) state.textContent = words;
};

// A frame is loaded once, the page's when it is first wanted, and again where that failed for want of a connection.
const loaded = (frame) => {
  const shown = frame.contentDocument;
  if (shown?.readyState === "complete" && shown.URL !== "about:blank") return true;
  if (frame.dataset.waits) return false;
  frame.dataset.waits = "yes";
  frame.addEventListener("load", () => {
    delete frame.dataset.waits;
    if (frame.contentDocument) draw();
    else behind = true;
  }, { once: true });
  if (!shown || !frame.src) frame.src = `${at}draft/?view=${frame === pages ? "page" : "mail"}`;
  return false;
};

const draw = async () => {
  clearTimeout(timer);
  const name = view();
  if (!loaded(frameOf(name))) return;
  again = asking;
  if (asking) return;
  asking = true;
  asked = performance.now();
  const slow = setTimeout(() => say("The preview is being renewed…"), SLOW);
  box.setAttribute("aria-busy", "true");
  try {
    const body = typed();
    body.set("view", name === "phone" ? "mail" : name);
    const answer = await fetch(`${at}look`, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
      redirect: "manual",
    });
    if (!answer.ok) throw new Error("no answer");
    const drawn = await answer.json();
    behind = false;
    if (name === view() && !drawn.words) put(name, drawn);
    say(drawn.words ?? (state.textContent ? "The preview is up to date." : ""));
  } catch {
    behind = true;
    say("The preview waits for a connection.");
  }
  clearTimeout(slow);
  box.removeAttribute("aria-busy");
  asking = false;
  if (again) soon();
};

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(draw, Math.max(PAUSE, asked + APART - performance.now()));
};

const looks = (head) => [...head.querySelectorAll("style, link[rel=stylesheet]")].map((each) => each.outerHTML).join();

const put = (name, drawn) => {
  const frame = frameOf(name);
  const shown = frame.contentDocument;
  // Made by the frame's own document, so that its policy counts for the styles and not that of this page.
  const made = shown.implementation.createHTMLDocument("");
  if (drawn.text === undefined) {
    made.open();
    made.write(drawn.html);
    made.close();
  } else {
    const text = made.createElement("pre");
    text.textContent = drawn.text;
    text.style.cssText = "white-space: pre-wrap; overflow-wrap: anywhere";
    made.body.append(text);
  }
  for (const each of ["lang", "dir", "class"]) {
    const value = made.documentElement.getAttribute(each);
    if (value === null) shown.documentElement.removeAttribute(each);
    else shown.documentElement.setAttribute(each, value);
  }
  if (looks(made.head) !== looks(shown.head)) shown.head.replaceWith(shown.adoptNode(made.head));
  shown.body.replaceWith(shown.adoptNode(made.body));
  box.className = name;
  emails.hidden = frame !== emails;
  pages.hidden = frame !== pages;
};

views.addEventListener("change", draw);
form.addEventListener("input", soon);
// The text may hold a colleague's changes then; and where a connection was missing, there is one again.
form.addEventListener("saved", (event) => {
  if (event.detail !== "saved" || behind) soon();
});
views.hidden = false;
if (view() !== "mail") draw(); // the browser has kept what was chosen before the page was loaded anew
