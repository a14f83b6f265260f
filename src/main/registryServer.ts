import type { RegistrySettings, RunningRegistry } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { listenHttp } from "#main/httpListener.ts";
import { createMeterOf } from "#main/meter.ts";
import type { MeterOf } from "#main/meter.ts";
import { startPasswordThread } from "#main/passwordThread.ts";
import { startDigest } from "#main/startDigest.ts";
import { isLoopback } from "#registry/server/checkListen.ts";
import type { RequestFacts } from "#registry/server/handleRequest.ts";
import { startRegistry } from "#registry/server/startRegistry.ts";

const METRICS = {
  waybill_registry_requests_total: { kind: "counter", help: "Requests, by method, what they were about and status." },
  waybill_registry_request_duration_seconds: {
    kind: "histogram",
    help: "Time from a request to the end of its answer, by method and what it was about.",
  },
  waybill_registry_received_bytes_total: { kind: "counter", help: "Bytes that came in, headers among them." },
  waybill_registry_sent_bytes_total: { kind: "counter", help: "Bytes that went out, headers among them." },
  waybill_registry_open_uploads: { kind: "gauge", help: "Uploads that were begun and are not finished." },
} as const;

// Uploads under way have so long to end when the process is asked to stop.
const GRACE_MS = 10_000;

/** Starts the embedded registry with its thread for passwords and its metrics. Errors as those of `startRegistry`. */
export const startRegistryServer = async (ctx: Ctx, settings: RegistrySettings): Promise<RunningRegistry> => {
  const { htpasswd, metricsListen, allowPlainHttp, ...rest } = settings;
  checkMetricsListen(settings);
  const meter = createMeterOf(METRICS);
  await using opened = new AsyncDisposableStack();
  const thread = htpasswd === undefined ? undefined : startPasswordThread();
  if (thread !== undefined) opened.defer(thread.close);
  const registry = await startRegistry({
    ...rest,
    allowPlainHttp,
    log: ctx.log,
    startDigest,
    observe: (facts) => count(meter, facts),
    htpasswd: htpasswd === undefined || thread === undefined ? undefined : { path: htpasswd, compare: thread.compare },
  });
  opened.defer(() => registry.close(GRACE_MS));
  const metrics = metricsListen && (await listenHttp(metricsListen, answerMetrics(meter, registry.uploads)));
  if (metrics) opened.defer(() => metrics.close(0));
  const all = opened.move();
  return { url: registry.url, metricsUrl: metrics ? metrics.url : undefined, close: () => all.disposeAsync() };
};

type RegistryMeter = MeterOf<keyof typeof METRICS>;

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

const count = (meter: RegistryMeter, facts: RequestFacts): void => {
  // Whoever asks must not be able to make series without end.
  const method = METHODS.has(facts.method) ? facts.method : "other";
  const labels = { method, about: facts.kind ?? "none" };
  meter.count("waybill_registry_requests_total", { ...labels, status: String(facts.status) });
  meter.observe("waybill_registry_request_duration_seconds", facts.seconds, labels);
  meter.count("waybill_registry_received_bytes_total", {}, facts.bytesReceived);
  meter.count("waybill_registry_sent_bytes_total", {}, facts.bytesSent);
};

const answerMetrics =
  (meter: RegistryMeter, uploads: () => number) =>
  async (request: Request): Promise<Response> => {
    const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" };
    if (new URL(request.url).pathname !== "/metrics")
      return new Response("there is only /metrics here\n", { status: 404, headers });
    meter.set("waybill_registry_open_uploads", uploads());
    return new Response(meter.text(), { headers });
  };

const checkMetricsListen = ({ metricsListen, allowPlainHttp }: RegistrySettings): void => {
  if (metricsListen === undefined || allowPlainHttp || isLoopback(metricsListen.host)) return;
  throw new WaybillError("USAGE_INVALID", `--metrics-listen ${metricsListen.host}: anybody could read them`, {
    hint: "Listen on a loopback address, or give --allow-plain-http.",
  });
};
