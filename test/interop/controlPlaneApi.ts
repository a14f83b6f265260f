import { fail } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** An answer of the API, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Caller {
  readonly url: string;
  readonly token: string;
}

const CALL_MS = 20_000;

/** One request with the token; `body` makes it a POST. */
export const callApi = async ({ url, token }: Caller, path: string, body?: unknown): Promise<Answered> => {
  const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const headers = { authorization: `Bearer ${token}`, ...type };
  const answer = await fetch(`${url}${path}`, { ...post, headers, signal: AbortSignal.timeout(CALL_MS) });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

/** The state of a build once it is one of these; fails the test when it takes longer than `withinMs`. */
export const waitForState = async (
  caller: Caller,
  build: string,
  wanted: readonly string[],
  withinMs: number,
): Promise<string> => {
  const deadline = Date.now() + withinMs;
  let text = "";
  while (Date.now() < deadline) {
    ({ text } = await callApi(caller, `/v1/apps/${build}`));
    const { state } = JSON.parse(text) as { readonly state: string };
    if (wanted.includes(state)) return state;
    await sleep(100);
  }
  return fail(`${build} is not ${wanted.join(" or ")} after ${withinMs} ms:\n${text}`);
};
