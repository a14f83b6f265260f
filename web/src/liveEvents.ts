import { signal } from "@preact/signals";
import type { LiveEvent } from "./apiTypes.ts";
import { createEventParser } from "./eventParser.ts";
import { signOut, token } from "./session.ts";

/** `refused`: the service answers, and gives no stream now; `lost`: it does not answer. */
export type LiveState = "connecting" | "live" | "refused" | "lost";

/** Whether changes reach this tab at once. */
export const liveState = signal<LiveState>("connecting");

/** When the service was last heard of, milliseconds since 1970; undefined before the first time. */
export const heardAt = signal<number | undefined>(undefined);

type Listener = (event: LiveEvent | "anything") => void;

const listeners = new Set<Listener>();

/** Calls `listener` for each event, and with "anything" where events may have been missed. Returns what ends it. */
export const onLiveEvent = (listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
// The service says something every 15 seconds; what is silent for three times as long is a dead connection.
const SILENCE_MS = 45_000;

/**
 * Keeps a stream of `/v1/events` open until `stop` aborts: after a break it goes on after the last event that was seen.
 * EventSource cannot send a token in a header, so fetch reads the stream.
 */
export const followEvents = async (stop: AbortSignal): Promise<void> => {
  let seen: string | undefined;
  let wait = FIRST_WAIT_MS;
  liveState.value = "connecting";
  while (!stop.aborted) {
    const { last, ended } = await readStream(seen, stop);
    seen = last;
    if (stop.aborted) return;
    // A service that starts again is there in a moment; one that stays away is not asked all the time.
    wait = ended === "live" ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    liveState.value = ended === "refused" ? "refused" : "lost";
    await pause(wait, stop);
  }
};

interface ReadStream {
  readonly last: string | undefined;
  /** How far it had come. */
  readonly ended: Exclude<LiveState, "connecting">;
}

const readStream = async (after: string | undefined, stop: AbortSignal): Promise<ReadStream> => {
  const silent = new AbortController();
  try {
    const response = await openStream(after, AbortSignal.any([stop, silent.signal]));
    if (response === undefined) return { last: after, ended: "refused" };
    liveState.value = "live";
    // Between the page's first requests and here something may have changed.
    tell("anything");
    return { last: await readEvents(response, after, () => silent.abort()), ended: "live" };
  } catch {
    return { last: after, ended: "lost" };
  }
};

const openStream = async (
  after: string | undefined,
  stop: AbortSignal,
): Promise<ReadableStream<Uint8Array> | undefined> => {
  const headers = { Authorization: `Bearer ${token.peek() ?? ""}`, Accept: "text/event-stream" };
  const response = await fetch("/v1/events", {
    headers: after === undefined ? headers : { ...headers, "Last-Event-ID": after },
    signal: stop,
    credentials: "omit",
    redirect: "error",
    cache: "no-store",
  });
  if (response.status === 401) signOut("The service no longer accepts this token: it has expired or was revoked.");
  return response.ok ? (response.body ?? undefined) : undefined;
};

const readEvents = async (
  stream: ReadableStream<Uint8Array>,
  after: string | undefined,
  giveUp: () => void,
): Promise<string | undefined> => {
  const parser = createEventParser();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let seen = after;
  try {
    for (;;) {
      const late = setTimeout(giveUp, SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(late));
      heardAt.value = Date.now();
      const events = done ? undefined : parser.push(decoder.decode(value, { stream: true }));
      if (events === undefined) return seen;
      for (const { id, data } of events) {
        tell(JSON.parse(data) as LiveEvent);
        if (id !== "") seen = id;
      }
    }
  } catch {
    return seen;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
};

const tell = (event: LiveEvent | "anything"): void => {
  for (const listener of listeners) listener(event);
};

/** Ends early where the network comes back, or nobody waits any longer. */
const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const heard = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      heard.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end, { signal: heard.signal });
    addEventListener("online", end, { signal: heard.signal });
  });
