import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { checkContent } from "#app/checkContent.ts";
import { issueJob } from "#app/issueJob.ts";
import type { WatchVerification } from "#app/readIssuedPapers.ts";
import { repositoryRules } from "#app/repositoryRules.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Signer } from "#core/signer.ts";
import { systemClock } from "#main/clock.ts";
import { openContentLister } from "#main/contentLister.ts";
import { plainManner } from "#main/plainManner.ts";
import { openStore } from "#main/openStore.ts";
import { openRepositories } from "#main/repositoryAccess.ts";
import { receiveError, sendError } from "#main/sentError.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import type { IssueAnswer, IssueRequest, Verification } from "#main/worker/issueMessage.ts";

// Issues the papers of one build after the other: what is parsed, verified and listed of large papers keeps this thread busy,
// and never the one that answers requests.

const settings = workerData as ControlPlaneSettings;
const answer = (message: IssueAnswer, moved: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, [...moved]);
const log: Ctx["log"] = (level, message, fields) => answer({ kind: "log", level, message, fields });

// Whatever the flags say of credentials is for the registries that the rules name.
const rules = repositoryRules(settings.repositories);
const repositories = openRepositories(
  settings,
  rules.hosts.map((host) => `${host}/any`),
);
// The layers of all images share what may be inflated at once.
const lister = openContentLister(plainManner(Math.max(1, Math.floor(settings.jobs / settings.workers))));

let opened: ReturnType<typeof openStore> | undefined;
/** The index, by a connection of this thread's own. What failed may go well the next time. */
const store = (ctx: Ctx): ReturnType<typeof openStore> => {
  opened ??= openStore(ctx, settings);
  opened.catch(() => (opened = undefined));
  return opened;
};

let stop = new AbortController();
const signing = new Map<number, { resolve: (signature: Uint8Array) => void; reject: (error: WaybillError) => void }>();
let count = 0;

/** Signs where the key is. */
const remoteSigner = (publicKey: PublicKey): Signer => ({
  publicKey,
  sign: (ctx, bytes) => {
    ctx.signal.throwIfAborted();
    const copy = new Uint8Array(bytes);
    const id = count++;
    return new Promise((resolve, reject) => {
      signing.set(id, { resolve, reject });
      answer({ kind: "sign", id, bytes: copy }, [copy.buffer]);
    });
  },
});

/** Keeps what is to be counted where requests are answered. */
const timeInto =
  (verifications: Verification[]): WatchVerification =>
  (kind, verify) => {
    const started = performance.now();
    const answer = verify();
    const refusal = answer.kind === "refused" ? answer.refusal.code : undefined;
    verifications.push({ kind, refusal, seconds: (performance.now() - started) / 1000 });
    return answer;
  };

const isLarge = (): boolean => getHeapStatistics().total_heap_size > LARGE_HEAP_BYTES;
const LARGE_HEAP_BYTES = 128 * 1024 * 1024;

const issue = async ({ build, image, publicKey }: Extract<IssueRequest, { kind: "issue" }>): Promise<void> => {
  stop = new AbortController();
  const verifications: Verification[] = [];
  try {
    const ctx: Ctx = { signal: stop.signal, log, emit: () => undefined, clock: systemClock };
    const run = issueJob({
      store: await store(ctx),
      newId: uuidv7,
      repositories,
      makeSbom: async (inner, one, made) =>
        one.manifest.kind === "index"
          ? (await lister.describe(inner, one, made, "1.6")).document
          : checkContent(await lister.list(inner, one, "1.6")),
      settleMs: settings.settleMs,
      builderId: settings.builderId,
      allowed: rules.allows,
      watch: timeInto(verifications),
    });
    const images = await run(ctx, build, image, remoteSigner(publicKey));
    answer({ kind: "done", images, verifications, isLarge: isLarge() });
  } catch (thrown) {
    answer({ kind: "failed", error: sendError(thrown), verifications, isLarge: isLarge() });
  } finally {
    signing.clear();
  }
};

parentPort?.on("message", (request: IssueRequest) => {
  switch (request.kind) {
    case "issue":
      void issue(request);
      return;
    case "signed":
      return signing.get(request.id)?.resolve(request.signature);
    case "unsigned":
      return signing.get(request.id)?.reject(receiveError(request.error));
    case "stop": {
      const reason = new WaybillError("ABORTED", "the job was ended");
      for (const { reject } of signing.values()) reject(reason);
      return stop.abort(reason);
    }
  }
});
