// The page on which an issue is written: saves by itself, takes what is pasted and dropped.
// Without it the form is saved by its button. Nothing typed is thrown away: what the server does not have yet is kept
// in this browser, and what two people typed is put together on the server.
const form = document.getElementById("desk-write");
const text = form.elements.text;
const hour = form.elements.send;
const status = document.getElementById("desk-status");
const findings = document.getElementById("desk-findings");
const handIn = document.getElementById("desk-hand-in");
const kept = `draft ${form.dataset.slug} `; // begins the names under which pages of this draft keep what is not saved
const at = `/desk/issues/${form.dataset.slug}/`;
const page = crypto.randomUUID(); // of this open page, by which the server tells its own save from another's
const key = kept + page;

const PAUSE = 700; // milliseconds without a key before it is saved
const AGAIN = 4000; // milliseconds until a save that failed is tried again

let changed = false; // since the last save began
let saving = false;
let result = "saved"; // of the last save that was answered
let recovered = false;
let unanswered = null; // a save whose answer is missing: exactly this is sent again, and kept once
let number = 0;
let timer = 0;

const say = (words, trouble = false) => {
  status.textContent = words;
  status.classList.toggle("error", trouble);
};

const typed = () =>
  Object.fromEntries(
    [...new FormData(form)].filter(([name, value]) => name !== "form_token" && typeof value === "string"),
  );

// The text as it was sent, where the answer holds a colleague's as well and somebody typed on meanwhile.
let baseText = null;

const nextSave = () => ({
  ...typed(),
  ...(baseText === null ? {} : { base_text: baseText }),
  page,
  number: String(number + 1),
});

const keep = () => {
  try {
    localStorage.setItem(key, JSON.stringify({ unanswered, latest: nextSave() }));
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
  if (answer.status === 403) throw new Error("not yours");
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#desk-write [name=form_token]");
  if (!token || token.value === form.elements.form_token.value) return false;
  form.elements.form_token.value = token.value;
  return true;
};

// How many lines in a row are the same, from these two places on.
const alike = (lines, from, others, beside, step) => {
  let number = 0;
  while (lines[from + step * (number + 1)] !== undefined && lines[from + step * (number + 1)] === others[beside + step * (number + 1)]) {
    number += 1;
  }
  return number;
};

// Somebody types on where she was, whatever a colleague wrote above and below: on the same line. Of several that are the
// same, such as blank ones, it is the one whose neighbours are; a line that is gone was behind the last above it.
const placeIn = (words, place) => {
  const old = text.value.split("\n");
  const above = text.value.slice(0, place).split("\n");
  const at = above.length - 1;
  const lines = words.split("\n");
  let [best, most] = [-1, [-1, 0]];
  lines.forEach((each, line) => {
    if (each !== old[at]) return;
    const score = [alike(lines, line, old, at, -1) + alike(lines, line, old, at, 1), -Math.abs(line - at)];
    if (score[0] > most[0] || (score[0] === most[0] && score[1] > most[1])) [best, most] = [line, score];
  });
  if (best < 0) {
    const last = above.slice(0, at).findLast((each) => each.trim() && lines.indexOf(each) >= 0 && lines.indexOf(each) === lines.lastIndexOf(each));
    best = last === undefined ? 0 : Math.min(lines.indexOf(last) + 1, lines.length - 1);
  }
  const before = lines.slice(0, best).reduce((length, each) => length + each.length + 1, 0);
  return before + Math.min(above[at].length, lines[best].length);
};

const replaceText = (words) => {
  const { selectionStart, selectionEnd, scrollTop } = text;
  const [start, end] = [placeIn(words, selectionStart), placeIn(words, selectionEnd)];
  text.value = words;
  text.setSelectionRange(start, end);
  text.scrollTop = scrollTop;
};

const NOT_SAVED = {
  "signed out": "You are signed out. Sign in again in another tab; what you typed is kept here, and is saved then.",
  "not yours": "You may not write on this any more. What you typed is kept in this browser, and is not saved.",
};
const NO_CONNECTION =
  "Not saved: no connection. What you typed is kept in this browser, and is saved as soon as there is one.";

const save = async () => {
  clearTimeout(timer);
  if (saving) return;
  saving = true;
  if (!unanswered) {
    changed = false;
    unanswered = nextSave();
    number += 1;
  }
  try {
    const answer = await ask(`${at}save`, withToken(new URLSearchParams(unanswered)));
    const sent = unanswered;
    unanswered = null;
    result = answer.error ? "refused" : answer.result;
    if (answer.error) {
      say(answer.error, true);
    } else {
      settle(sent, answer);
      say(recovered ? "What you typed before the connection was lost is saved, and stands in the text." : answer.words,
        result !== "saved" && !recovered);
      recovered = false;
      show(answer.findings);
      if (changed) keep();
      else localStorage.removeItem(key);
      form.dispatchEvent(new CustomEvent("saved", { detail: result }));
    }
  } catch (problem) {
    say(NOT_SAVED[problem.message] ?? NO_CONNECTION, true);
    timer = setTimeout(save, AGAIN);
    saving = false;
    return;
  }
  saving = false;
  if (changed) timer = setTimeout(save, PAUSE);
};

// What the server put together is taken over where nobody typed meanwhile. Else the next save says what it was made
// from, and is put together once more.
const settle = (sent, answer) => {
  const same = Object.entries(typed()).every(([name, value]) => value === sent[name]);
  form.elements.based_on.value = answer.based_on;
  handIn.elements.based_on.value = answer.based_on;
  baseText = same ? null : answer.sent;
  if (same && answer.sent !== null) {
    takeOver(answer);
  } else if (answer.sent === null) {
    form.elements.front_matter.value = answer.front_matter;
    form.dataset.above = answer.above;
  }
};

// An hour of its own brings its day, whatever day is chosen.
const showWhichDay = () => {
  form.elements.date.disabled = hour.type === "datetime-local" && hour.value !== "";
};
hour.addEventListener("input", showWhichDay);
showWhichDay();

const takeOver = (answer) => {
  replaceText(answer.text);
  form.elements.front_matter.value = answer.front_matter;
  form.dataset.above = answer.above;
  for (const name of ["title", "subject", "summary", "date", "topics"]) {
    if (form.elements[name]) form.elements[name].value = answer.fields[name] ?? "";
  }
  const written = answer.fields.send ?? "";
  hour.value = hour.type === "datetime-local" ? written.replace(" ", "T") : written;
  showWhichDay();
  inbox();
};

const soon = () => {
  changed = true;
  keep();
  if (!unanswered) say("Typing…");
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
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
      for (const [name, words] of [["mend", "Fix it"], ["accept", "It is meant so"]]) {
        if (!each[name]) continue;
        const button = document.createElement("button");
        Object.assign(button, { type: "submit", className: "quiet", textContent: words, name, value: each[name] });
        button.setAttribute("form", form.id);
        line.append(" ", button);
      }
      return line;
    }),
  );
  document.getElementById("desk-sound").hidden = found.length > 0;
};

// The server knows how; what it made of the text is typed here, and saved like anything typed.
findings.addEventListener("click", async (event) => {
  const { name, value } = event.target;
  if (event.target.type !== "submit") return;
  event.preventDefault();
  const before = typed();
  try {
    const answer = await ask(`${at}put-right`, withToken(new URLSearchParams({ ...before, [name]: value })));
    if (answer.error) {
      say(answer.error, true);
    } else if (Object.entries(typed()).some(([field, words]) => words !== before[field])) {
      say("Nothing was fixed: you typed meanwhile. Press it again.", true);
    } else {
      takeOver(answer);
      soon();
    }
  } catch (problem) {
    say(NOT_SAVED[problem.message] ?? NO_CONNECTION, true);
  }
});

// Lines are counted in the whole file; the text begins behind its fields.
const goTo = (line) => {
  const lines = text.value.split("\n");
  const at = Math.min(Math.max(line - Number(form.dataset.above) - 1, 0), lines.length - 1);
  const start = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + lines[at].length);
};

document.addEventListener("desk-line", (event) => goTo(event.detail));

const insert = (words) => {
  text.focus();
  // The one way that the browser's undo knows of.
  if (document.execCommand("insertText", false, words)) return;
  text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  form.dispatchEvent(new Event("input"));
};

text.addEventListener("paste", async (event) => {
  const html = event.clipboardData.getData("text/html");
  const files = [...event.clipboardData.files];
  if (!html && files.length) {
    event.preventDefault();
    takeAll(files);
    return;
  }
  if (!html) return;
  event.preventDefault();
  const plain = event.clipboardData.getData("text/plain");
  say("Tidying what you pasted…");
  try {
    const body = withToken(new URLSearchParams({ html }));
    const answer = await ask(`${at}paste`, body);
    insert(answer.text ?? plain);
    if (answer.error || answer.words) say(answer.error ?? answer.words, true);
  } catch {
    insert(plain);
  }
});

const LARGEST = 4_000_000; // bytes that the server takes at once; larger files go to their place in the bucket
const WIDEST = 2400; // pixels: twice what a page shows, for sharp screens

// Photographs of a phone have ten times what readers are shown, and often the place where they were taken.
const lighter = async (file) => {
  if (!["image/jpeg", "image/png", "image/webp"].includes(file.type) || file.size < 1_500_000) return file;
  const drawn = await createImageBitmap(file);
  const scale = Math.min(1, WIDEST / Math.max(drawn.width, drawn.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(drawn.width * scale);
  canvas.height = Math.round(drawn.height * scale);
  canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
  const kind = file.type === "image/png" ? "image/png" : "image/jpeg";
  const made = await new Promise((done) => { canvas.toBlob(done, kind, 0.88); });
  if (!made || made.size >= file.size) return file;
  return new File([made], kind === "image/png" ? file.name : file.name.replace(/\.\w+$/, ".jpg"), { type: kind });
};

// Straight into the bucket, by the form that the server signed; the one request that says how much of it has gone.
const sendAway = (file, { address, fields }) =>
  new Promise((done, failed) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set("file", file, file.name); // the last field: the bucket reads nothing behind it
    const request = new XMLHttpRequest();
    let said = 0;
    request.upload.addEventListener("progress", (event) => {
      const tenths = Math.floor((10 * event.loaded) / event.total);
      if (tenths > said) say(`Sending “${file.name}”: ${tenths * 10} %`);
      said = Math.max(tenths, said);
    });
    request.addEventListener("load", () => (request.status < 300 ? done() : failed(new Error("refused"))));
    request.addEventListener("error", () => failed(new Error("lost")));
    request.open("POST", address);
    request.send(body);
  });

// Of its own, until the next files are chosen: the line beside the button goes on with the next file and the next save.
const refused = document.getElementById("desk-refused");
const refuse = (words) => {
  const line = document.createElement("li");
  line.textContent = words;
  refused.append(line);
  say("");
};

const take = async (file) => {
  const largest = Number(chosen.dataset.largestPicture);
  if (file.type.startsWith("image/") && file.size > largest) {
    // Said before anything is unpacked: a browser needs four bytes for each pixel.
    refuse(`“${file.name}” has ${Math.ceil(file.size / 1e6)} MB. A picture may have up to ${Math.floor(largest / 1e6)} MB. Save it smaller: 2,400 pixels wide is more than any reader sees.`);
    return;
  }
  let alt = "";
  if (file.type.startsWith("image/")) {
    alt = prompt(`What does “${file.name}” show? Say it for readers who cannot see it.`) ?? "";
  }
  say(`Taking “${file.name}”…`);
  try {
    const sent = await lighter(file).catch(() => file);
    const body = new FormData();
    body.set("alt", alt);
    if (sent.size > LARGEST) {
      const placed = await ask(`${at}place`, withToken(new URLSearchParams({ name: sent.name, size: sent.size })));
      if (placed.error) {
        refuse(placed.error);
        return;
      }
      await sendAway(sent, placed);
      body.set("arrived", placed.arrived);
      body.set("name", sent.name);
    } else {
      body.set("file", sent, sent.name);
    }
    const taken = await ask(`${at}take`, withToken(body));
    if (taken.error) {
      refuse(taken.error);
    } else {
      insert(taken.text);
      say(`“${file.name}” is in the text.`);
    }
  } catch {
    refuse(`“${file.name}” did not get through. Please try again.`);
  }
};

const takeAll = async (files) => {
  refused.replaceChildren();
  for (const file of files) await take(file);
};

const chosen = document.getElementById("desk-choose");
if (chosen) {
  const field = chosen.elements.file;
  field.addEventListener("change", () => {
    takeAll([...field.files]).then(() => { field.value = ""; });
  });
  text.addEventListener("dragover", (event) => event.preventDefault());
  text.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    takeAll([...event.dataTransfer.files]);
  });
}

const inbox = () => {
  const subject = form.elements.subject.value || form.elements.title.value;
  const length = [...subject].length;
  document.getElementById("desk-count").textContent =
    `${length} characters${length > 40 ? "; phones show about 40" : ""}`;
  document.getElementById("desk-inbox-subject").textContent = subject;
  document.getElementById("desk-inbox-summary").textContent = form.elements.summary.value;
};

form.addEventListener("input", () => {
  inbox();
  soon();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  changed = true;
  save();
});
let handingIn = false;
handIn.addEventListener("submit", (event) => {
  if (!changed && !saving && !unanswered && result !== "refused") return;
  event.preventDefault();
  if (handingIn) return;
  handingIn = true;
  changed ||= result === "refused";
  if (!saving) save();
  const wait = setInterval(() => {
    if (saving || unanswered || (changed && result !== "refused")) return;
    clearInterval(wait);
    handingIn = false;
    // What a colleague added at this moment nobody has looked at.
    if (result === "saved") handIn.submit();
    else if (result !== "refused") say("A colleague's changes were just added. Read the text once more, then hand it in.", true);
  }, 100);
});
addEventListener("beforeunload", (event) => {
  if (changed || unanswered) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && changed) save();
});
// What pages could not save before they were closed or loaded anew. A page that is open holds its lock, and saves by
// itself; what is sent here is put together on the server, and comes into this page with its own next save.
const recover = async () => {
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(kept) && each !== key)) {
      await navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && sendKept(name));
    }
  } catch (problem) {
    say(NOT_SAVED[problem.message] ?? NO_CONNECTION, true);
    setTimeout(recover, AGAIN);
  }
};

const sendKept = async (name) => {
  const found = JSON.parse(localStorage.getItem(name));
  if (!found) return;
  say("What you typed before the connection was lost is being saved now.");
  const send = (fields) => ask(`${at}save`, withToken(new URLSearchParams(fields)));
  let { latest } = found;
  if (found.unanswered) {
    const first = await send(found.unanswered);
    if (!first.error) {
      const { base_text, ...fields } = latest;
      latest = { ...fields, based_on: first.based_on, ...(first.sent === null ? {} : { base_text: first.sent }) };
    }
  }
  const answer = await send(latest);
  if (answer.error) {
    say(answer.error, true);
    return;
  }
  localStorage.removeItem(name);
  recovered = true;
  changed = true;
  save();
};

form.autocomplete = "off"; // the back button shows what the server has, and what it has not is kept here
navigator.locks.request(key, () => new Promise(() => {}));
recover();
document.querySelectorAll(".without-script").forEach((each) => { each.hidden = true; });
document.getElementById("desk-toolbar").hidden = false;
inbox();
