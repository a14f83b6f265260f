import type { Ctx } from "#core/ctx.ts";
import type { WaybillError } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { networkReason } from "#net/networkError.ts";
import { retryAfter } from "#net/retryAfter.ts";
import type { HttpAnswer, HttpRequest, Send } from "#net/send.ts";

const STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const BROKEN: ReadonlySet<number> = new Set([500, 502, 504]);
const REASONS: ReadonlySet<string | undefined> = new Set(["refused", "reset", "closed", "cut"]);
const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5000;
// Who asks for more is not asked again: whoever called knows better whether to wait that long.
const MAX_RETRY_AFTER_MS = 60_000;

type Outcome = { readonly answer: HttpAnswer } | { readonly error: unknown };

/**
 * Sends again what failed in a way that may pass: throttling, server errors, connections refused or broken off. All our
 * requests may be repeated (an upload session begun twice is only one left over), save those with a streamed body.
 * The last answer or error is what the caller gets.
 */
export const retryingSend =
  (send: Send): Send =>
  async (ctx, request) => {
    const attempts = isRepeatable(request) ? MAX_ATTEMPTS : 1;
    let repeated = false;
    for (let attempt = 1; ; attempt++) {
      const outcome = await attemptOnce(send, ctx, request);
      const reason = reasonToRepeat(outcome);
      const delayMs = reason === undefined || attempt === attempts ? undefined : delayOf(ctx, outcome, attempt);
      if (reason === undefined || delayMs === undefined) return result(outcome, repeated);
      repeated ||= mayHaveArrived(outcome);
      ctx.emit({ kind: "retry", what: `${request.method} ${describeUrl(request.url)}`, attempt, delayMs, reason });
      await ctx.clock.sleep(delayMs, ctx.signal);
    }
  };

const isRepeatable = (request: HttpRequest): boolean =>
  request.once !== true && (request.body === undefined || request.body instanceof Uint8Array);

const attemptOnce = async (send: Send, ctx: Ctx, request: HttpRequest): Promise<Outcome> => {
  try {
    return { answer: await send(ctx, request) };
  } catch (error) {
    return { error };
  }
};

const reasonToRepeat = (outcome: Outcome): string | undefined => {
  if ("answer" in outcome) return STATUSES.has(outcome.answer.status) ? `status ${outcome.answer.status}` : undefined;
  const reason = networkReason(outcome.error);
  return REASONS.has(reason) ? `connection ${reason}` : undefined;
};

const mayHaveArrived = (outcome: Outcome): boolean =>
  "answer" in outcome ? BROKEN.has(outcome.answer.status) : networkReason(outcome.error) !== "refused";

/** Undefined where waiting that long makes no sense. */
const delayOf = (ctx: Ctx, outcome: Outcome, attempt: number): number | undefined => {
  const backoff = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * (0.5 + ctx.clock.jitter() / 2);
  const asked =
    "answer" in outcome ? retryAfter(answerHeader(outcome.answer, "retry-after"), ctx.clock.now()) : undefined;
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) return undefined;
  return Math.round(Math.max(asked ?? 0, backoff));
};

const result = (outcome: Outcome, repeated: boolean): HttpAnswer => {
  if ("answer" in outcome) return repeated ? { ...outcome.answer, repeated } : outcome.answer;
  throw outcome.error as WaybillError;
};
