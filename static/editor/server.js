// What the form asks the server while somebody writes: the whole form goes, as some answers need all of it.

import { posted } from "../token.js";
import { form } from "./names.js";

export async function ask(path, signal) {
  const sent = () => new URLSearchParams([...new FormData(form())].filter(([, value]) => typeof value === "string"));
  const answer = await posted(() => fetch(path, { method: "POST", body: sent(), signal }));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer;
}
