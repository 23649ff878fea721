// The page on which an issue is written: saves by itself, shows the preview, takes what is pasted and dropped.
// Without it the form is saved by its button. Nothing typed is thrown away: what the server does not have yet is kept
// in this browser, and what two people typed is put together on the server.
const form = document.getElementById("desk-write");
const text = form.elements.text;
const status = document.getElementById("desk-status");
const findings = document.getElementById("desk-findings");
const frames = [...document.querySelectorAll("#desk-preview iframe")];
const key = `draft ${form.dataset.slug}`;

const PAUSE = 700; // milliseconds without a key before it is saved: short enough to be a live preview
const AGAIN = 4000; // milliseconds until a save that failed is tried again

let changed = false; // since the last save began
let saving = null;
let timer = 0;

const say = (words, trouble = false) => {
  status.textContent = words;
  status.classList.toggle("error", trouble);
};

const typed = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));

const keep = () => {
  try {
    localStorage.setItem(key, JSON.stringify(typed()));
  } catch {
    // A full or forbidden storage: the server's copy is all there is.
  }
};

const ask = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { Accept: "application/json" },
    body,
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) {
    if (await freshToken()) return ask(path, withToken(body));
    throw new Error("signed out");
  }
  if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
  return answer.json();
};

const withToken = (body) => {
  body.set("form_token", form.elements.form_token.value);
  return body;
};

// After signing in anew, in another tab, the forms of this page need the new session's token.
const freshToken = async () => {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#desk-write [name=form_token]");
  if (!token || token.value === form.elements.form_token.value) return false;
  form.elements.form_token.value = token.value;
  return true;
};

const replaceText = (words) => {
  const { selectionStart, selectionEnd, scrollTop, value } = text;
  let same = 0;
  while (same < selectionStart && value[same] === words[same]) same += 1;
  const moved = same === selectionStart ? 0 : words.length - value.length;
  text.value = words;
  text.setSelectionRange(Math.max(0, selectionStart + moved), Math.max(0, selectionEnd + moved));
  text.scrollTop = scrollTop;
};

const save = async () => {
  clearTimeout(timer);
  if (saving) return;
  changed = false;
  const sent = text.value;
  saving = ask(form.dataset.save, new URLSearchParams(typed()));
  try {
    const answer = await saving;
    if (answer.error) {
      say(answer.error, true);
    } else {
      // What the server put together is taken over only where nobody typed meanwhile; else it is merged once more.
      if (answer.text === sent || text.value === sent) {
        form.elements.based_on.value = answer.based_on;
        if (answer.text !== text.value && text.value === sent) replaceText(answer.text);
      }
      say(answer.words);
      show(answer.findings);
      if (!changed) localStorage.removeItem(key);
      preview();
    }
  } catch (problem) {
    changed = true;
    say(
      problem.message === "signed out"
        ? "You are signed out. Sign in again in another tab; what you typed is kept here, and is saved then."
        : "Not saved: no connection. What you typed is kept in this browser, and is saved as soon as there is one.",
      true,
    );
    timer = setTimeout(save, AGAIN);
    saving = null;
    return;
  }
  saving = null;
  if (changed) timer = setTimeout(save, PAUSE);
};

const soon = () => {
  changed = true;
  keep();
  if (!status.classList.contains("error")) say("Typing…");
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
};

// Two frames take turns: the one that is loading is shown once it is there, where the other stood.
const preview = () => {
  if (!frames.length) return;
  const [shown, next] = frames[0].hidden ? [frames[1], frames[0]] : frames;
  const view = document.querySelector("[name=view]:checked").value;
  next.onload = () => {
    const [from, to] = [shown.contentDocument, next.contentDocument];
    next.hidden = false;
    if (from && to && shown.dataset.view === view) to.scrollingElement.scrollTop = from.scrollingElement.scrollTop;
    shown.hidden = true;
    next.onload = null;
  };
  next.dataset.view = view;
  next.parentElement.className = view;
  next.src = `${form.dataset.preview}?view=${view}&of=${encodeURIComponent(form.elements.based_on.value)}`;
};

const show = (found) => {
  findings.replaceChildren(
    ...found.map((each) => {
      const line = document.createElement("li");
      line.className = each.level;
      if (each.line) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "quiet";
        button.textContent = `Line ${each.line}`;
        button.addEventListener("click", () => goTo(each.line));
        line.append(button, " ");
      }
      line.append(each.words);
      return line;
    }),
  );
  document.getElementById("desk-sound").hidden = found.length > 0;
};

// Lines are counted in the whole file; the text begins behind its fields.
const goTo = (line) => {
  const lines = text.value.split("\n");
  const at = Math.min(Math.max(line - Number(form.dataset.above) - 1, 0), lines.length - 1);
  const start = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + lines[at].length);
};

const insert = (words) => {
  text.focus();
  // The one way that the browser's undo knows of.
  if (!document.execCommand("insertText", false, words)) text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  soon();
};

text.addEventListener("paste", async (event) => {
  const html = event.clipboardData.getData("text/html");
  const files = [...event.clipboardData.files];
  if (!html && files.length) {
    event.preventDefault();
    files.forEach(take);
    return;
  }
  if (!html) return;
  event.preventDefault();
  const plain = event.clipboardData.getData("text/plain");
  say("Tidying what you pasted…");
  try {
    const body = withToken(new URLSearchParams({ html }));
    const answer = await ask(form.dataset.paste, body);
    insert(answer.text ?? plain);
    if (answer.words) say(answer.words);
  } catch {
    insert(plain);
  }
});

const take = async (file) => {
  const picture = file.type.startsWith("image/");
  let alt = "";
  if (picture) alt = prompt(`What does “${file.name}” show? Say it for readers who cannot see it.`) ?? "";
  say(`Taking “${file.name}”…`);
  try {
    const asked = withToken(new URLSearchParams({ name: file.name, size: String(file.size), type: file.type }));
    const place = await ask(form.dataset.place, asked);
    if (place.error) return say(place.error, true);
    const put = await fetch(place.url, { method: "PUT", body: file, headers: place.headers });
    if (!put.ok) throw new Error("busy");
    const taken = await ask(form.dataset.take, withToken(new URLSearchParams({ name: place.name, alt })));
    if (taken.error) return say(taken.error, true);
    insert(taken.text);
  } catch {
    say(`“${file.name}” did not get through. Please try again.`, true);
  }
};

const chosen = document.getElementById("desk-choose");
if (chosen) {
  chosen.hidden = false;
  const field = chosen.querySelector("input");
  field.addEventListener("change", () => {
    [...field.files].forEach(take);
    field.value = "";
  });
  text.addEventListener("dragover", (event) => event.preventDefault());
  text.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    [...event.dataTransfer.files].forEach(take);
  });
}

const count = () => {
  const field = form.elements.subject.value ? form.elements.subject : form.elements.title;
  const left = document.getElementById("desk-count");
  if (left) left.textContent = `${[...field.value].length} characters`;
};

form.addEventListener("input", () => {
  count();
  soon();
});
document.querySelectorAll("[name=view]").forEach((each) => each.addEventListener("change", preview));
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && changed) save();
});
form.addEventListener("submit", () => {
  changed = false;
});

// What did not reach the server last time.
try {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept && kept.text !== text.value) {
    for (const [name, value] of Object.entries(kept)) {
      if (name !== "form_token" && form.elements[name]) form.elements[name].value = value;
    }
    say("This is what you typed before the connection was lost. It is being saved now.");
    changed = true;
    save();
  }
} catch {
  localStorage.removeItem(key);
}
document.getElementById("desk-live").hidden = false;
document.querySelectorAll(".without-script").forEach((each) => { each.hidden = true; });
count();
preview();
