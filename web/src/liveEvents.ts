import { signal } from "@preact/signals";
import type { LiveEvent } from "./apiTypes.ts";
import { createEventParser } from "./eventParser.ts";
import { signOut, token } from "./session.ts";

export type LiveState = "connecting" | "live" | "waiting";

/** Whether changes reach this tab at once. */
export const liveState = signal<LiveState>("connecting");

type Listener = (event: LiveEvent | "anything") => void;

const listeners = new Set<Listener>();

/** Calls `listener` for each event, and with "anything" where events may have been missed. Returns what ends it. */
export const onLiveEvent = (listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Keeps a stream of `/v1/events` open until `stop` aborts: after a break it goes on after the last event that was seen.
 * EventSource cannot send a token in a header, so fetch reads the stream.
 */
export const followEvents = async (stop: AbortSignal): Promise<void> => {
  let seen: string | undefined;
  let wait = FIRST_WAIT_MS;
  while (!stop.aborted) {
    const began = Date.now();
    seen = await readStream(seen, stop);
    if (stop.aborted) return;
    wait = Date.now() - began > LONGEST_WAIT_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    liveState.value = "waiting";
    await pause(wait, stop);
  }
};

const readStream = async (after: string | undefined, stop: AbortSignal): Promise<string | undefined> => {
  try {
    const response = await openStream(after, stop);
    if (response === undefined) return after;
    liveState.value = "live";
    // Between the page's first requests and here something may have changed.
    tell("anything");
    return await readEvents(response, after);
  } catch {
    return after;
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
): Promise<string | undefined> => {
  const parser = createEventParser();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let seen = after;
  try {
    for (;;) {
      const { done, value } = await reader.read();
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

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
