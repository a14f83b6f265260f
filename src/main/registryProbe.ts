import type { Knock, RegistryProbe } from "#app/registryProbe.ts";
import type { RegistryValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { apiHost } from "#core/reference.ts";
import { flagCredentials } from "#main/flagCredentials.ts";
import { openRegistryClient } from "#main/openRegistryClient.ts";
import { readPaperVariables } from "#main/readPaperVariables.ts";
import { registryCredentials } from "#main/registryCredentials.ts";
import { withinTime } from "#main/withinTime.ts";
import { answerHeader } from "#net/answerHeader.ts";
import type { HttpAnswer } from "#net/send.ts";

/** A probe with the credentials and connections that other commands would have; `close` ends them. */
export const openRegistryProbe = async (
  ctx: Ctx,
  settings: RegistryValues,
  references: readonly string[],
): Promise<RegistryProbe & { readonly close: () => Promise<void> }> => {
  const papers = readPaperVariables(process.env);
  const answers = watchAnswers(ctx);
  const asked = new Set<string>();
  const source = await registryCredentials(ctx, settings, flagCredentials(settings, references));
  const client = await openRegistryClient(
    ctx,
    settings,
    (own, place, refused) => {
      asked.add(place.registry);
      return source(own, place, refused);
    },
    answers.watch,
  );
  return {
    knock: async (own, registry) => {
      const opening = answered(own, (call) => client.checkLogin(call, registry));
      const failure = await opening.then(() => undefined, asWaybillError);
      return { ...answers.of(apiHost(registry)), asks: asked.has(registry), failure };
    },
    findCredential: async (own, registry) =>
      (await answered(own, (call) => source(call, { registry, repository: undefined })))?.from,
    findImage: async (own, reference) => {
      const name = reference.digest ?? reference.tag ?? "latest";
      return (await answered(own, (call) => client.repository(reference).readManifest(call, name)))?.digest;
    },
    placeOfPapers: (reference) => papers.repository ?? reference,
    listsReferrers: (own, place, subject) => answered(own, (call) => client.probe(place).listsReferrers(call, subject)),
    tryUpload: (own, place) => answered(own, (call) => client.probe(place).tryUpload(call)),
    close: client.close,
  };
};

// One place that does not answer must not take the time of all others.
const ANSWER_MS = 20_000;

const answered = async <T>(ctx: Ctx, work: (ctx: Ctx) => Promise<T>): Promise<T> => {
  try {
    return await withinTime(ctx, ANSWER_MS, work);
  } catch (error) {
    if (ctx.signal.aborted || !hasCode(error, "ABORTED")) throw error;
    throw new WaybillError("NETWORK_TIMEOUT", `there was no answer within ${ANSWER_MS / 1000} s`, { cause: error });
  }
};

type Seen = Pick<Knock, "url" | "times">;

/** Remembers where each host was reached and which time it said it was. */
const watchAnswers = (ctx: Ctx) => {
  const seen = new Map<string, Seen>();
  return {
    watch: (answer: Pick<HttpAnswer, "url" | "headers">): void => {
      const theirs = Date.parse(answerHeader(answer, "date") ?? "");
      const times = Number.isNaN(theirs) ? undefined : { theirs, ours: ctx.clock.now() };
      seen.set(answer.url.host, { url: `${answer.url.origin}/`, times });
    },
    // A URL leaves out the port of its scheme.
    of: (host: string): Seen =>
      ["https", "http"].map((scheme) => seen.get(URL.parse(`${scheme}://${host}`)?.host ?? "")).find((one) => one) ?? {
        url: undefined,
        times: undefined,
      },
  };
};
