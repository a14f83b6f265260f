import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { WaybillError } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { networkReason } from "#net/networkError.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

type Blob = Pick<Descriptor, "digest" | "size">;

const MAX_RESUMES = 4;
const RESUME_DELAY_MS = 250;

/**
 * The bytes of a blob as they come, unverified. A transfer that breaks off goes on where it was (RFC 9110 section 14), so
 * that a large layer does not begin again; SIZE_SHORT when it stays broken off, NOT_FOUND when absent.
 */
export async function* downloadBlob(calls: RepositoryCalls, ctx: Ctx, blob: Blob): AsyncGenerator<Uint8Array> {
  let at = 0;
  let broken: unknown;
  for (let resumes = 0; ; resumes++) {
    const answer = await request(calls, ctx, blob, at);
    const wrong = at === 0 ? wrongLength(calls, blob, answer) : undefined;
    if (wrong !== undefined || (at > 0 && !continuesAt(answer, at))) {
      answer.stream?.discard();
      throw wrong ?? brokenOff(calls, blob, at, broken);
    }
    try {
      for await (const chunk of answer.stream?.chunks ?? []) {
        at += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      const reason = networkReason(error);
      if (reason !== "reset" && reason !== "cut") throw error;
      if (at === 0 || at >= blob.size || resumes === MAX_RESUMES) throw brokenOff(calls, blob, at, error);
      broken = error;
      ctx.emit({ kind: "retry", what: `GET ${blob.digest}`, attempt: resumes + 1, delayMs: RESUME_DELAY_MS, reason });
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

const continuesAt = (answer: SessionAnswer, at: number): boolean =>
  answer.status === 206 && answerHeader(answer, "content-range")?.startsWith(`bytes ${at}-`) === true;

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
  new WaybillError("SIZE_SHORT", `${calls.name}: blob ${blob.digest} broke off after ${at} of ${blob.size} bytes`, {
    cause,
  });
