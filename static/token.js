// The token against forged requests, where the session of this page has ended and its writer is signed in again.

const writerOf = (page) => page.querySelector("header input[name=written_by]")?.value ?? "";

// "renewed" where this page's forms have taken the new token, "same" where theirs is of today, else whose
// session it is: "nobody" or "another".
export async function renewed() {
  const page = new DOMParser().parseFromString(await (await fetch("/help")).text(), "text/html");
  const token = page.querySelector("meta[name=csrf-token]")?.content;
  const meta = document.querySelector("meta[name=csrf-token]");
  if (writerOf(page) !== writerOf(document)) return writerOf(page) ? "another" : "nobody";
  if (!token || token === meta.content) return "same";
  meta.content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  return "renewed";
}

// The answer to a request that changes something; once more with the new token, where the old one was of a session
// that has ended. `post` makes the request, with the token that the page has by then.
export async function posted(post) {
  const answer = await post();
  return answer.status === 403 && (await renewed()) === "renewed" ? post() : answer;
}
