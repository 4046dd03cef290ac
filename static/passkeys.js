// Passkeys: a form with `data-passkey` asks the browser for one before it is sent, and sends what the browser says.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What stands as text in JSON and as bytes for the browser.
function opened(options) {
  const known = (listed) => listed?.map((one) => ({ ...one, id: bytes(one.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  return read;
}

function said(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} });
}

const WORDS = {
  InvalidStateError: "This device has a passkey for you already.",
  NotAllowedError: "No passkey was given. Try again, or go another way.",
  SecurityError: "Passkeys do not work at this address. Open the page at the address that this server is known by.",
};

async function asked(form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The server did not say what to ask for. Load the page again.");
  const publicKey = opened(await answer.json());
  return said(await navigator.credentials[form.dataset.passkey]({ publicKey }));
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const told = form.querySelector("[data-told]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.textContent = "";
    try {
      form.elements.answer.value = await asked(form);
      form.submit();
    } catch (error) {
      told.textContent = WORDS[error.name] ?? error.message;
    }
  });
}
