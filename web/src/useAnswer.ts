import { useEffect, useState } from "preact/hooks";
import type { LiveEvent } from "./apiTypes.ts";
import { askApi } from "./askApi.ts";
import type { Answer, Refusal } from "./askApi.ts";
import { onLiveEvent } from "./liveEvents.ts";

/** What a page knows of what it asked for; a refusal keeps the value from before, where there was one. */
export interface Known<T> {
  readonly value: T | undefined;
  readonly refusal: Refusal | undefined;
}

/** Which events make an answer out of date. */
export type Concerns = (event: LiveEvent) => boolean;

// Many events at once, such as a hundred builds a second, must not become as many requests: a token has 600 a minute.
const GATHER_MS = 1500;
const RETRY_MS = 10_000;

/** Asks `ask` now, again whenever an event concerns it, and after a while where the service was out of reach. */
export const useAnswer = <T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Answer<T>>,
  concerns: Concerns,
): Known<T> => {
  const [known, setKnown] = useState<Known<T> & { readonly key: string }>({
    key,
    value: undefined,
    refusal: undefined,
  });
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (ms: number): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void now();
      }, ms);
    };
    const now = async (): Promise<void> => {
      const answer = await ask(stop.signal).catch(() => undefined);
      if (answer === undefined || stop.signal.aborted) return;
      if (answer.ok) return setKnown({ key, value: answer.value, refusal: undefined });
      setKnown((before) => ({ key, value: before.key === key ? before.value : undefined, refusal: answer.refusal }));
      if (isPassing(answer.refusal)) later(RETRY_MS);
    };
    const end = onLiveEvent((event) => {
      if (event === "anything" || concerns(event)) later(event === "anything" ? 0 : GATHER_MS);
    });
    void now();
    return () => {
      end();
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]);
  return known.key === key ? known : { value: undefined, refusal: undefined };
};

/** What the API answers to GET `path`. */
export const useApi = <T>(path: string, concerns: Concerns): Known<T> =>
  useAnswer(path, (signal) => askApi<T>(path, signal), concerns);

const isPassing = ({ status }: Refusal): boolean => status === 0 || status === 429 || status >= 500;
