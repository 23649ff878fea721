// Passkeys: signing in by one, adding one. Where this does not run, the pages offer links and codes alone.
// WebAuthn Level 3, section 5.1: https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON

const api = window.PublicKeyCredential;
const able = Boolean(api?.parseCreationOptionsFromJSON && api.parseRequestOptionsFromJSON);

const WORDS = {
  InvalidStateError: "This device has a passkey of yours already.",
  NotAllowedError: "Nothing came from your device: it was cancelled, or took too long. Try again.",
};
const FAILED = "That did not work. Try again, or sign in by email.";

async function answered(form) {
  const reply = await fetch(form.dataset.challenge, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  if (reply.redirected) {  // the session has ended, or is not fresh enough: on to where one signs in
    location.assign(reply.url);
    return null;
  }
  const said = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(said.error), { words: reply.status === 400 ? said.error : null });
  const credential =
    form.dataset.passkey === "add"
      ? await navigator.credentials.create({ publicKey: api.parseCreationOptionsFromJSON(said) })
      : await navigator.credentials.get({ publicKey: api.parseRequestOptionsFromJSON(said) });
  return JSON.stringify(credential.toJSON());
}

async function send(form) {
  const problem = form.querySelector("[role=alert]");
  const button = form.querySelector("button");
  problem.hidden = true;
  button.disabled = true;
  try {
    const credential = await answered(form);
    if (credential === null) return;
    form.elements.credential.value = credential;
    form.submit();
  } catch (error) {
    problem.textContent = error.words ?? WORDS[error.name] ?? FAILED;
    problem.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

if (able) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
    form.hidden = false;
  }
  for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = true;
  api.isUserVerifyingPlatformAuthenticatorAvailable().then((available) => {
    for (const field of document.querySelectorAll('input[name="passkeys"]')) field.value = available ? "yes" : "";
  });
}
// After “Back”, a browser shows the page as it was left, with a button that was pressed.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[data-passkey] button")) button.disabled = false;
});
