// The search: reads one file for each year, from this site alone, and looks through them here. What was read once stays,
// so it goes on when the network is gone. Without this script the page leads to the years.
(() => {
  "use strict";

  const SHOWN = 50; // results at most; nobody reads on, and whoever would, types another word
  const AHEAD = 3; // years that are read before anybody asks
  const PAUSE = 150; // milliseconds after a key, before the list changes

  const form = document.querySelector("form[role=search]");
  const field = form.querySelector("input");
  const said = document.querySelector("#page-found");
  const list = document.querySelector("#page-results");
  const { folds, years, none, found, loading, missing, many } = form.dataset;
  const letters = JSON.parse(folds);
  const issues = new Map(); // by year

  const fold = (text) =>
    Array.from(text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, ""), (each) => letters[each] ?? each).join("");
  const words = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  // Languages that put no spaces between words have to be looked for anywhere.
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

  function load(year) {
    if (!issues.has(year)) {
      const answer = fetch(`/search/${year}.json`, { credentials: "omit" })
        .then((file) => (file.ok ? file.json() : Promise.reject(new Error(file.status))))
        .then((all) =>
          all.map((issue) => ({ ...issue, top: ` ${words(issue.title).join(" ")}`, headings: ` ${issue.headings}`, words: ` ${issue.words}` })),
        );
      answer.catch(() => issues.delete(year)); // the next question tries again
      issues.set(year, answer);
    }
    return issues.get(year);
  }

  function score(issue, asked) {
    let sum = 0;
    for (const word of asked) {
      const sought = unspaced.test(word) ? word : ` ${word}`;
      const weight = issue.top.includes(sought) ? 8 : issue.headings.includes(sought) ? 3 : issue.words.includes(sought) ? 1 : 0;
      if (!weight) return 0; // every word must be there
      sum += weight;
    }
    return sum;
  }

  function entry({ path, date, day, lang, title, summary }) {
    const item = document.createElement("li");
    const when = Object.assign(document.createElement("time"), { dateTime: date, textContent: day });
    const line = Object.assign(document.createElement("p"), { className: "date" });
    line.append(when);
    const text = Object.assign(document.createElement("div"), { lang, dir: "auto" });
    const heading = document.createElement("h3");
    heading.append(Object.assign(document.createElement("a"), { href: path, textContent: title }));
    text.append(heading);
    if (summary) text.append(Object.assign(document.createElement("p"), { textContent: summary }));
    item.append(line, text);
    return item;
  }

  let question = 0;
  async function search() {
    const mine = ++question;
    const asked = [...new Set(words(field.value))];
    const address = new URL(location.href);
    asked.length ? address.searchParams.set("q", field.value) : address.searchParams.delete("q");
    history.replaceState(null, "", address);
    if (!asked.length) {
      list.replaceChildren();
      said.textContent = "";
      return;
    }
    said.textContent = loading;
    const read = await Promise.allSettled(years.split(" ").filter(Boolean).map(load));
    if (mine !== question) return; // another word was typed meanwhile
    const hits = read
      .flatMap(({ value }) => value ?? [])
      .map((issue) => [score(issue, asked), issue])
      .filter(([points]) => points)
      .sort(([a, one], [b, other]) => b - a || (one.date < other.date ? 1 : -1))
      .map(([, issue]) => issue);
    list.replaceChildren(...hits.slice(0, SHOWN).map(entry));
    const result = !hits.length ? none : hits.length > SHOWN ? `${found} ${hits.length}. ${many}` : `${found} ${hits.length}.`;
    said.textContent = read.some(({ status }) => status === "rejected") ? `${result} ${missing}` : result;
  }

  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  form.hidden = false;
  field.value = new URL(location.href).searchParams.get("q") ?? "";
  for (const year of years.split(" ").filter(Boolean).slice(0, AHEAD)) load(year).catch(() => {});
  search();
})();
