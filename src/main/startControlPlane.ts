import { isIPv4 } from "node:net";
import { issueWorker } from "#main/issueWorker.ts";
import { repositoryRules } from "#app/repositoryRules.ts";
import type { ControlPlaneSettings, RunningControlPlane } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { answerRequests } from "#main/answerRequests.ts";
import { firstToken } from "#main/firstToken.ts";
import { listenHttp } from "#main/httpListener.ts";
import { jsonLog } from "#main/jsonLog.ts";
import { knownKeys } from "#main/knownKeys.ts";
import type { KnownKeys } from "#main/knownKeys.ts";
import { watchKey } from "#main/keyWatch.ts";
import type { KeyWatch } from "#main/keyWatch.ts";
import { openOidcIssuer } from "#main/oidcIssuer.ts";
import { meteredStore } from "#main/meteredStore.ts";
import { readPaperVariables } from "#main/readPaperVariables.ts";
import { repeat } from "#main/repeat.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { openServiceKey } from "#main/serviceKey.ts";
import { createServiceMeter } from "#main/serviceMeter.ts";
import { openStore } from "#main/openStore.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import { watchEventLoop } from "#main/watchEventLoop.ts";
import { startWorkers } from "#main/workers.ts";

// A load balancer has so long to notice that this replica takes nothing new.
const GRACE_MS = 10_000;
const IDLE_MS = 1000;
const KEY_LOOK_MS = 2000;
const LOOKS_PER_WAKE = 10;
const FORGET_MS = 600_000;
const DAY_MS = 86_400_000;
/** Rows that are removed in one write, some milliseconds: others write between two. */
const ROWS_AT_ONCE = 400;

/**
 * Starts the control plane: store, worker and API in this process. USAGE_INVALID for an address that is taken or open to
 * others without being told so, STORE_FAILED for a directory that cannot be used.
 */
export const startControlPlane = async (ctx: Ctx, settings: ControlPlaneSettings): Promise<RunningControlPlane> => {
  checkListen(settings);
  const rules = repositoryRules(settings.repositories);
  // Its workers read them each for itself, after the start: a mistake in them must show at once.
  readPaperVariables(process.env);
  const log = jsonLog((line) => process.stderr.write(line), settings.logFrom);
  const stop = new AbortController();
  const inner: Ctx = { ...ctx, log, emit: () => undefined, signal: stop.signal };
  // What was started is ended in the opposite order, also where a later part does not start.
  await using opened = new AsyncDisposableStack();
  const issuer = openOidcIssuer(settings.oidcIssuer, settings.oidcAudience, ctx.clock);
  opened.defer(issuer.close);
  const meter = createServiceMeter();
  const store = meteredStore(await openStore(inner, settings), meter);
  opened.defer(store.close);
  opened.defer(watchEventLoop(meter).stop);
  const known = knownKeys({ store });
  const openSigner = openServiceKey(settings.passwordFile);
  const key = watchKey({ key: settings.key, openSigner, note: known.note });
  const first = await key.open(inner);
  await known.note(inner, { kind: "held", key: first?.publicKey });
  const deps = { store, newId: uuidv7 };
  const worker = issueWorker({ ...deps, key, settings, meter });
  opened.defer(worker.close);
  const workers = startWorkers(inner, { count: settings.workers, work: worker.work, idleMs: IDLE_MS });
  const loops = [
    repeat(inner, "looking for the key", KEY_LOOK_MS, lookForKey(inner, { key, known, store, wake: workers.wake })),
    repeat(inner, "forgetting what is old", FORGET_MS, () => forgetOld(inner, store)),
  ];
  opened.defer(async () => {
    stop.abort(new WaybillError("ABORTED", "the service stops"));
    await Promise.all([workers.stopped, ...loops]);
  });
  const verifyElsewhere = issuer.verify;
  const { clock } = ctx;
  const api = answerRequests({
    ...deps,
    key,
    known,
    rules,
    settings,
    meter,
    log,
    clock,
    verifyElsewhere,
    wake: workers.wake,
  });
  const metrics = settings.metricsListen && (await listenHttp(settings.metricsListen, api.metrics));
  if (metrics) opened.defer(() => metrics.close(0));
  const listener = await listenHttp(settings.listen, api.answer);
  opened.defer(async () => {
    api.drain();
    await clock.sleep(settings.drainMs, AbortSignal.timeout(settings.drainMs + GRACE_MS));
    await listener.close(GRACE_MS);
  });
  // Last of all: a token that nobody gets to see would be one that nobody can have.
  const token = await firstToken(inner, deps, settings.tokenFile);
  const all = opened.move();
  return { url: listener.url, metricsUrl: metrics ? metrics.url : undefined, token, close: () => all.disposeAsync() };
};

const checkListen = ({ listen, metricsListen, allowPlainHttp }: ControlPlaneSettings): void => {
  if (allowPlainHttp) return;
  const hint = "Listen on a loopback address, or give --allow-plain-http when something in front of it speaks TLS.";
  if (!isLoopback(listen.host))
    throw new WaybillError("USAGE_INVALID", `--listen ${listen.host}: tokens would travel unprotected`, { hint });
  if (metricsListen !== undefined && !isLoopback(metricsListen.host))
    throw new WaybillError("USAGE_INVALID", `--metrics-listen ${metricsListen.host}: anybody could read them`, {
      hint,
    });
};

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

interface KeyLook {
  readonly key: KeyWatch;
  readonly known: KnownKeys;
  readonly store: RecordStore;
  readonly wake: () => void;
}

/** Wakes what waits for a key: at once where one appears, and now and then, since a replica without one may have parked it. */
const lookForKey = (ctx: Ctx, { key, known, store, wake }: KeyLook): (() => Promise<void>) => {
  let sinceWake = Number.POSITIVE_INFINITY;
  return async () => {
    const signer = await key.open(ctx);
    await known.note(ctx, { kind: "held", key: signer?.publicKey });
    if (signer === undefined) sinceWake = Number.POSITIVE_INFINITY;
    else if (++sinceWake >= LOOKS_PER_WAKE) {
      sinceWake = 0;
      if ((await store.write(ctx, (records) => records.jobs.wake(ctx.clock.now()))) > 0) wake();
    }
  };
};

/** Answers are kept for a day for their Idempotency-Key, events for a week for whoever was away. */
const forgetOld = async (ctx: Ctx, store: RecordStore): Promise<void> => {
  const now = ctx.clock.now();
  await store.write(ctx, async ({ replies, events }) => {
    await replies.prune(now - DAY_MS);
    await events.prune(now - 7 * DAY_MS);
  });
  // Lists that were replaced, and those of jobs that did not end; a job that stages one is done with it in minutes.
  while (await store.write(ctx, ({ packages }) => packages.prune(now - DAY_MS, ROWS_AT_ONCE)));
};
