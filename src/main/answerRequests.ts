import type { ApiDeps } from "#api/apiDeps.ts";
import { createApi } from "#api/createApi.ts";
import type { OidcVerifier } from "#api/oidcTokens.ts";
import { askGate } from "#app/askGate.ts";
import { authenticate } from "#app/authenticate.ts";
import { buildPapers } from "#app/buildPapers.ts";
import { cancelOperation } from "#app/cancelOperation.ts";
import { createToken } from "#app/createToken.ts";
import { registerBuild } from "#app/registerBuild.ts";
import type { RepositoryRules } from "#app/repositoryRules.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { revokeToken } from "#app/revokeToken.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import type { Clock } from "#core/clock.ts";
import type { Ctx, Log } from "#core/ctx.ts";
import { clientAddress } from "#main/clientAddress.ts";
import { openDashboard } from "#main/dashboardFiles.ts";
import type { Handle } from "#main/httpListener.ts";
import type { KnownKeys } from "#main/knownKeys.ts";
import type { KeyWatch } from "#main/keyWatch.ts";
import { formatPublicKey, keyFingerprint } from "#trust/publicKey.ts";
import { createReadiness } from "#main/readiness.ts";
import { createScrape } from "#main/scrape.ts";
import type { Meter } from "#main/serviceMeter.ts";
import { TOKEN_PREFIX, newSecret } from "#main/newSecret.ts";

export interface AnswerDeps extends ServiceDeps {
  readonly key: KeyWatch;
  readonly known: KnownKeys;
  readonly rules: RepositoryRules;
  readonly settings: ControlPlaneSettings;
  readonly meter: Meter;
  readonly log: Log;
  readonly clock: Clock;
  /** Access tokens of the OIDC issuer that was named. */
  readonly verifyElsewhere: OidcVerifier | undefined;
  /** Something was put into the queue. */
  readonly wake: () => void;
}

export interface Answers {
  readonly answer: Handle;
  /** For the address that only the operator's network sees. */
  readonly metrics: Handle;
  /** From now on `/readyz` says no, and event streams end. */
  readonly drain: () => void;
}

// Beside the bundle's flat chunks; from source, where the build leaves it.
const DASHBOARD = new URL(import.meta.url.endsWith(".ts") ? "../../dist/web/" : "./web/", import.meta.url);

/** Everything that the control plane answers: health, metrics, the dashboard, and the API. */
export const answerRequests = (deps: AnswerDeps): Answers => {
  const { store, newId, key, known, rules, settings, meter, log, clock, wake } = deps;
  const drained = new AbortController();
  const dashboard = openDashboard(DASHBOARD);
  const makeCtx = ({ signal, lasting }: { readonly signal: AbortSignal; readonly lasting: boolean }): Ctx => ({
    signal: lasting ? AbortSignal.any([signal, drained.signal]) : signal,
    log,
    emit: () => undefined,
    clock,
  });
  const records = { store, newId };
  const request = requestIssue({ ...records, allowed: rules.allows, mode: settings.mode });
  const api = createApi({
    ...records,
    authenticate: authenticator(deps),
    registerBuild: registerBuild(records),
    requestIssue: async (ctx, input) => {
      const result = await request(ctx, input);
      wake();
      return result;
    },
    askGate: askGate({ store, mode: settings.mode }),
    cancelOperation: cancelOperation(records),
    buildPapers: buildPapers(records),
    createToken: createToken({ ...records, newSecret }),
    revokeToken: revokeToken(records),
    serviceKey: () => {
      const publicKey = key.current()?.publicKey;
      return publicKey && { pem: formatPublicKey(publicKey), id: `sha256:${keyFingerprint(publicKey)}` };
    },
    signingKeys: known.ids,
    draining: drained.signal,
    watch: (what, count) => meter.set(GAUGES[what], count),
    makeCtx,
    clock,
    rateLimit: settings.rateLimit,
    log,
  });
  const storeAnswers = createReadiness(makeCtx({ signal: drained.signal, lasting: false }), store);
  const ready = async (): Promise<Response> =>
    !drained.signal.aborted && (await storeAnswers()) ? plain(200, "ready\n") : plain(503, "not ready\n");
  const scrape = createScrape({ meter, store, hasKey: () => key.current() !== undefined });
  const addressOf = clientAddress(settings.trustedProxies);
  const route = async (request: Request, { address: peer }: Parameters<Handle>[1]): Promise<Response> => {
    const path = pathOf(request.url);
    if (path === "/healthz") return plain(200, "ok\n");
    if (path === "/readyz") return ready();
    // Nobody answers before the store is open and of this version, and the key was looked for.
    if (path === "/startupz") return plain(200, "started\n");
    const shown = API.test(path) ? undefined : dashboard.answer(request);
    if (shown !== undefined) return shown;
    return api.fetch(request, { address: addressOf(peer, request.headers.get("X-Forwarded-For")) });
  };
  return {
    answer: async (request, facts) => {
      const started = performance.now();
      const response = await route(request, facts);
      const method = METHODS.has(request.method) ? request.method : "other";
      meter.count("waybill_http_requests_total", { method, status: String(response.status) });
      if (response.status === 429) meter.count("waybill_http_rate_limited_total");
      meter.observe("waybill_http_request_duration_seconds", (performance.now() - started) / 1000);
      return response;
    },
    metrics: async (request) => {
      if (new URL(request.url).pathname !== "/metrics") return plain(404, "there is only /metrics here\n");
      return plain(200, await scrape(makeCtx({ signal: request.signal, lasting: false })));
    },
    drain: () => drained.abort(),
  };
};

/** Who asks must not be able to make series without end. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

const GAUGES = { "event streams": "waybill_event_streams", "waiting requests": "waybill_waiting_requests" } as const;

// No place of the dashboard begins so.
const API = /^\/(?:api\/)?v1\//;

/** Parsing the address of each request takes longer than finding who answers it. */
const pathOf = (url: string): string => /^[^/]*\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "";

/** Tokens of the service's own are told by their prefix; everything else is the issuer's to vouch for. */
const authenticator = ({ store, verifyElsewhere }: AnswerDeps): ApiDeps["authenticate"] => {
  const own = authenticate({ store });
  return async (ctx, bearer) => (bearer.startsWith(TOKEN_PREFIX) ? own(ctx, bearer) : verifyElsewhere?.(ctx, bearer));
};

const plain = (status: number, text: string): Response =>
  new Response(text, {
    status,
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" },
  });
