import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { networkReason } from "#net/networkError.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

type Blob = Pick<Descriptor, "digest" | "size">;

// So often in a row without the progress that makes going on worthwhile.
const MAX_RESUMES = 4;
const PROGRESS_BYTES = 1024 * 1024;
const RESUME_DELAY_MS = 250;
// A line that stalls is left for another one; what it carried is not asked for again.
const RESUMED: ReadonlySet<string | undefined> = new Set(["reset", "closed", "cut", "timeout"]);

/**
 * The bytes of a blob as they come, unverified. A transfer that breaks off or stalls goes on where it was (RFC 9110 section
 * 14), so that a large layer does not begin again; SIZE_SHORT when it stays broken off, NETWORK_TIMEOUT when it stays
 * stalled, NOT_FOUND when absent.
 */
export async function* downloadBlob(calls: RepositoryCalls, ctx: Ctx, blob: Blob): AsyncGenerator<Uint8Array> {
  let at = 0;
  let from = 0;
  let resumes = 0;
  for (;;) {
    const answer = await request(calls, ctx, blob, at);
    const wrong = answer.status === 200 ? wrongLength(calls, blob, answer) : wrongRange(calls, answer, at);
    if (wrong !== undefined) {
      answer.stream?.discard();
      throw wrong;
    }
    try {
      // A registry may ignore the wish for a part (RFC 9110 section 14.2): what is known by now is passed over.
      let skip = answer.status === 200 ? at : 0;
      for await (const chunk of answer.stream?.chunks ?? []) {
        const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - rest.byteLength;
        at += rest.byteLength;
        if (rest.byteLength > 0) yield rest;
      }
      return;
    } catch (error) {
      const reason = networkReason(error);
      if (reason === undefined || !RESUMED.has(reason)) throw error;
      if (at - from >= PROGRESS_BYTES) [from, resumes] = [at, 0];
      if (at === 0 || at >= blob.size || resumes++ === MAX_RESUMES) throw brokenOff(calls, blob, at, error);
      ctx.emit({ kind: "retry", what: `GET ${blob.digest}`, attempt: resumes, delayMs: RESUME_DELAY_MS, reason });
      await ctx.clock.sleep(RESUME_DELAY_MS, ctx.signal);
    }
  }
}

const request = async (calls: RepositoryCalls, ctx: Ctx, blob: Blob, at: number): Promise<SessionAnswer> => {
  const answer = await calls.send(ctx, {
    method: "GET",
    target: `blobs/${blob.digest}`,
    headers: at === 0 ? {} : { range: `bytes=${at}-` },
    maxBytes: 0,
    streamed: true,
  });
  if (answer.status === 404) throw new WaybillError("NOT_FOUND", `${calls.name}: there is no blob ${blob.digest}`);
  if (answer.status === 200 || answer.status === 206) return answer;
  throw answer.error();
};

const wrongRange = (calls: RepositoryCalls, answer: SessionAnswer, at: number): WaybillError | undefined => {
  const range = answerHeader(answer, "content-range");
  if (at > 0 && range?.startsWith(`bytes ${at}-`) === true) return undefined;
  return new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: asked for the bytes from ${at} on, got others`);
};

/** A length that is wrong from the start saves the transfer; the count of bytes decides all the same. */
const wrongLength = (calls: RepositoryCalls, blob: Blob, answer: SessionAnswer): WaybillError | undefined => {
  const length = answerHeader(answer, "content-length");
  if (length === undefined || Number(length) === blob.size) return undefined;
  return new WaybillError(
    Number(length) < blob.size ? "SIZE_SHORT" : "SIZE_LONG",
    `${calls.name}: blob ${blob.digest} has ${Number(length)} bytes, announced were ${blob.size}`,
  );
};

const brokenOff = (calls: RepositoryCalls, blob: Blob, at: number, cause: unknown): WaybillError =>
  hasCode(cause, "NETWORK_TIMEOUT")
    ? cause
    : new WaybillError("SIZE_SHORT", `${calls.name}: blob ${blob.digest} broke off after ${at} of ${blob.size} bytes`, {
        cause,
      });
