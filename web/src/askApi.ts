import type { Problem } from "#api/contract/problem.ts";
import { signOut, token } from "./session.ts";

/** Why the API did not answer what was asked; `status` 0: it could not be reached. */
export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly traceId: string | undefined;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

// A request that takes longer has met a dead network, not a slow service.
const DEADLINE_MS = 30_000;

/**
 * What the API answers to GET `path`, which begins with /v1, as its JSON. Only this service is asked: paths are of the
 * own origin. A 401 signs the tab out. Rejects only where `signal` aborted.
 */
export const askApi = async <T>(path: string, signal: AbortSignal): Promise<Answer<T>> => {
  const response = await send(path, signal);
  if ("refusal" in response) return { ok: false, refusal: response.refusal };
  return readAs<T>(response.response, (good) => good.json() as Promise<T>);
};

/** The exact bytes of a document. */
export const askBytes = async (path: string, signal: AbortSignal): Promise<Answer<Blob>> => {
  const response = await send(path, signal);
  if ("refusal" in response) return { ok: false, refusal: response.refusal };
  return readAs(response.response, (good) => good.blob());
};

type Sent = { readonly response: Response } | { readonly refusal: Refusal };

const send = async (path: string, signal: AbortSignal): Promise<Sent> => {
  try {
    const response = await fetch(path, {
      headers: { Authorization: `Bearer ${token.peek() ?? ""}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      // The token goes in a header of ours; nothing else that the browser knows goes along.
      credentials: "omit",
      redirect: "error",
    });
    return { response };
  } catch (error) {
    if (signal.aborted) throw error;
    return { refusal: UNREACHABLE };
  }
};

const UNREACHABLE: Refusal = {
  status: 0,
  title: "The service cannot be reached",
  detail: "No answer came back.",
  hint: "Check that the service runs and that this machine reaches it. The page tries again by itself.",
  traceId: undefined,
};

const readAs = async <T>(response: Response, read: (good: Response) => Promise<T>): Promise<Answer<T>> => {
  try {
    if (response.ok) return { ok: true, value: await read(response) };
    const refusal = await readRefusal(response);
    if (refusal.status === 401) signOut("The service no longer accepts this token: it has expired or was revoked.");
    return { ok: false, refusal };
  } catch {
    return { ok: false, refusal: UNREACHABLE };
  }
};

const readRefusal = async (response: Response): Promise<Refusal> => {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return {
    status: response.status,
    title: problem.title ?? `The service answered ${response.status}`,
    detail: problem.detail ?? "",
    hint: problem.hint ?? "",
    traceId: problem.trace_id,
  };
};
