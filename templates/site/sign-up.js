// Works for a moment before a sign-up is sent (ALTCHA, version 1): people do not notice, robots have to, for each address.
// It also sends along from which campaign somebody came. Nothing depends on it. Whatever fails here, the form is sent as it is, and the mail comes a little later.
(() => {
  "use strict";

  const PATIENCE = 8000; // milliseconds that somebody who pressed the button waits at most
  const FRESH = 15 * 60000; // the challenge lives for 20 minutes
  const TOGETHER = 250; // hashes at a time; between them the page reacts

  const hex = (hash) => Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");

  async function solve({ algorithm, challenge, maxnumber, salt, signature }) {
    const text = new TextEncoder();
    const start = parseInt(challenge.slice(0, 8), 16);
    for (let first = 0; first <= maxnumber; first += TOGETHER) {
      const numbers = Array.from({ length: TOGETHER }, (_, offset) => first + offset);
      const hashes = await Promise.all(
        numbers.map((number) => crypto.subtle.digest(algorithm, text.encode(salt + number))),
      );
      const found = hashes.findIndex((hash) => new DataView(hash).getUint32(0) === start && hex(hash) === challenge);
      if (found >= 0) {
        return btoa(JSON.stringify({ algorithm, challenge, number: first + found, salt, signature }));
      }
    }
    return "";
  }

  const hide = (form, name, value) =>
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));

  // What a link says about itself goes with the form: which campaign it belongs to, and nothing about the reader.
  const campaign = Array.from(new URLSearchParams(location.search)).filter(([name]) =>
    ["utm_source", "utm_medium", "utm_campaign"].includes(name),
  );

  for (const form of document.querySelectorAll('form[action$="/subscriptions"]')) {
    let proof, since, waiting;
    for (const [name, value] of new Map(campaign)) {
      if (!form.elements.namedItem(name)) hide(form, name, value);
    }

    const begin = () => {
      if (!proof || Date.now() - since > FRESH) {
        since = Date.now();
        proof = fetch(new URL("challenge", form.action), { credentials: "omit" })
          .then((answer) => answer.json())
          .then(solve)
          .catch(() => "");
      }
      return proof;
    };

    form.addEventListener("focusin", begin);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (waiting) return; // pressed twice
      waiting = true;
      const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, ""));
      const value = await Promise.race([begin(), patience]);
      form.querySelector("input[name=altcha]")?.remove();
      if (value) hide(form, "altcha", value);
      HTMLFormElement.prototype.submit.call(form);
      proof = waiting = undefined; // it counts once; whoever comes back to this page does new work
    });
  }
})();
