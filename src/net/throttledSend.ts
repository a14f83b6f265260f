import type { Ctx } from "#core/ctx.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { abortError } from "#net/networkError.ts";
import { retryAfter } from "#net/retryAfter.ts";
import type { HttpAnswer, Send } from "#net/send.ts";

/** How many requests to one host may wait for their answers. */
interface Gate {
  limit: number;
  running: number;
  /** Good answers since the limit changed. */
  good: number;
  /** Counts the times that the limit was halved. */
  halved: number;
  readonly queue: (() => void)[];
}

// So many good answers for each request that may be under way earn one more.
const GOOD_FOR_MORE = 4;
// Whoever asks for more is left alone by `retryingSend`, and should not hold up others here either.
const MAX_HOLD_MS = 60_000;

/**
 * Asks a host for less at once when it says that it is too much (429, or 503 with Retry-After): half of what was under way,
 * and nothing new before the time that it named; one more again after a while of good answers. A host that never says so
 * costs a look into a map.
 */
export const throttledSend = (send: Send, perHost: number): Send => {
  const gates = new Map<string, Gate>();
  const holds = new Map<string, number>();
  const gateOf = (host: string): Gate => {
    const known = gates.get(host) ?? { limit: perHost, running: 0, good: 0, halved: 0, queue: [] };
    gates.set(host, known);
    return known;
  };
  return async (ctx, request) => {
    const { host } = request.url;
    // The bytes of a streamed body may come from the same host, and must not wait for the request that wants them.
    if (request.body !== undefined && !(request.body instanceof Uint8Array)) return send(ctx, request);
    const gate = gateOf(host);
    await enter(ctx, gate);
    try {
      await waitUntil(ctx, holds.get(host) ?? 0);
      const { halved } = gate;
      const answer = await send(ctx, request);
      const holdMs = holdOf(ctx, answer);
      if (holdMs === undefined) recover(gate, perHost);
      else {
        // All that were under way are refused together: only the first of them halves.
        if (halved === gate.halved) halve(gate);
        holds.set(host, Math.max(holds.get(host) ?? 0, ctx.clock.now() + holdMs));
      }
      return answer;
    } finally {
      gate.running--;
      admit(gate);
    }
  };
};

/** Milliseconds in which the host wants nothing; undefined: it did not complain. */
const holdOf = (ctx: Ctx, answer: HttpAnswer): number | undefined => {
  const asked = retryAfter(answerHeader(answer, "retry-after"), ctx.clock.now());
  if (answer.status !== 429 && (answer.status !== 503 || asked === undefined)) return undefined;
  return asked === undefined || asked > MAX_HOLD_MS ? 0 : asked;
};

const halve = (gate: Gate): void => {
  gate.limit = Math.max(1, Math.floor(gate.running / 2));
  gate.halved++;
  gate.good = 0;
};

const recover = (gate: Gate, perHost: number): void => {
  if (gate.limit >= perHost || ++gate.good < gate.limit * GOOD_FOR_MORE) return;
  gate.limit++;
  gate.good = 0;
};

const admit = (gate: Gate): void => {
  while (gate.running < gate.limit) {
    const next = gate.queue.shift();
    if (next === undefined) return;
    gate.running++;
    next();
  }
};

const enter = async (ctx: Ctx, gate: Gate): Promise<void> => {
  if (gate.running >= gate.limit) return turn(ctx, gate);
  gate.running++;
};

const turn = (ctx: Ctx, gate: Gate): Promise<void> =>
  new Promise((resolve, reject) => {
    const leave = (): void => {
      gate.queue.splice(gate.queue.indexOf(go), 1);
      reject(abortError(ctx.signal));
    };
    const go = (): void => {
      ctx.signal.removeEventListener("abort", leave);
      resolve();
    };
    if (ctx.signal.aborted) return reject(abortError(ctx.signal));
    ctx.signal.addEventListener("abort", leave, { once: true });
    gate.queue.push(go);
    return undefined;
  });

const waitUntil = async (ctx: Ctx, time: number): Promise<void> => {
  const ms = time - ctx.clock.now();
  if (ms > 0) await ctx.clock.sleep(ms, ctx.signal);
};
