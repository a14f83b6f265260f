import { writeFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { QuickstartEvent } from "#app/quickstart.ts";
import type { RunningControlPlane } from "#cli/deps.ts";
import type { RegistryValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { startControlPlane } from "#main/startControlPlane.ts";

export interface QuickstartPlane {
  readonly url: string;
  readonly token: string;
  readonly dashboard: boolean;
  readonly close: () => Promise<void>;
}

/** A control plane for the tour's registry, everything below `dir`, with the tour's key, whose password is empty. */
export const startQuickstartPlane = async (
  ctx: Ctx,
  settings: RegistryValues,
  { dir, registry }: { readonly dir: string; readonly registry: string },
): Promise<QuickstartPlane> => {
  const passwordFile = join(dir, "password");
  const tokenFile = join(dir, "operator.token");
  await writeFile(passwordFile, "", { mode: 0o600 });
  const plane: RunningControlPlane = await startControlPlane(ctx, {
    ...settings,
    data: join(dir, "control-plane"),
    store: undefined,
    listen: { host: "127.0.0.1", port: 0 },
    metricsListen: undefined,
    allowPlainHttp: false,
    key: join(dir, "cosign.key"),
    passwordFile,
    repositories: [`${registry}/**`],
    builderId: "https://waybill.dev/quickstart",
    tokenFile,
    rateLimit: "on",
    trustedProxies: [],
    workers: 1,
    jobs: 2,
    settleMs: 0,
    drainMs: 0,
    mode: "gate",
    issue: true,
    oidcIssuer: undefined,
    oidcAudience: undefined,
    logFrom: "warn",
  });
  const token = (await readFile(tokenFile, "utf8")).trim();
  return { url: plane.url, token, dashboard: await hasDashboard(ctx, plane.url), close: plane.close };
};

const hasDashboard = async (ctx: Ctx, url: string): Promise<boolean> => {
  const { headers } = await fetch(url, { method: "HEAD", signal: ctx.signal });
  return headers.get("content-type")?.startsWith("text/html") === true;
};

type Ask = (method: "GET" | "POST", path: string, body?: unknown, accept?: string) => Promise<Response>;

const BUILD = "/v1/apps/quickstart/builds/build-1";
const POLL_MS = 100;

/** What a build platform does: registers the build, asks for papers, and reads them as anybody with a token does. */
export const askQuickstartPlane = async (
  ctx: Ctx,
  { url, token }: Pick<QuickstartPlane, "url" | "token">,
  image: string,
): Promise<QuickstartEvent> => {
  const ask: Ask = async (method, path, body, accept = "*/*") => {
    const headers = {
      accept,
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(url + path, { method, headers, signal: ctx.signal, ...sent });
  };
  const requests: { readonly request: string; readonly answer: string }[] = [];
  const note = (request: string, answer: string): void => void requests.push({ request, answer });
  const registered = await ask("POST", "/v1/apps/quickstart/builds", { build_id: "build-1", builder: "quickstart" });
  note("POST /v1/apps/quickstart/builds", `${registered.status}, the build is registered`);
  const issued = await ask("POST", `${BUILD}/issue`, { image });
  note(`POST ${BUILD}/issue`, `${issued.status}, ${await waitForEnd(ctx, () => ask("GET", `${BUILD}`))}`);
  const badge = (await (await ask("GET", `${BUILD}/badge.json`)).json()) as { readonly message?: string };
  note(`GET ${BUILD}/badge.json`, badge.message ?? "unknown");
  note(`GET ${BUILD}/sbom`, await describeSbom(ask));
  return { kind: "served", url, requests };
};

const waitForEnd = async (ctx: Ctx, look: () => Promise<Response>): Promise<string> => {
  for (;;) {
    // One look after another.
    // oxlint-disable-next-line no-await-in-loop
    const { state, reason } = (await (await look()).json()) as {
      readonly state?: string;
      readonly reason?: { readonly message?: string } | null;
    };
    if (state === "failed")
      throw new WaybillError(
        "INTERNAL",
        `the control plane could not issue: ${reason?.message ?? "it says no reason"}`,
      );
    if (state !== "pending" && state !== "running") return `then ${state ?? "unknown"}`;
    // oxlint-disable-next-line no-await-in-loop
    await ctx.clock.sleep(POLL_MS, ctx.signal);
  }
};

const describeSbom = async (ask: Ask): Promise<string> => {
  const response = await ask("GET", `${BUILD}/sbom`);
  // An index has none of its own; each of its platform images has one.
  if (response.status === 404) return "404, an index has none of its own";
  const bytes = Buffer.from(await response.arrayBuffer());
  const signed = await ask("GET", `${BUILD}/sbom`, undefined, "application/vnd.in-toto+json");
  const { payload } = (await signed.json()) as { readonly payload: string };
  if (!Buffer.from(payload, "base64").includes(bytes))
    throw new WaybillError("INTERNAL", "the SBOM that the API gives is not the one that was signed");
  const { components = [] } = JSON.parse(bytes.toString()) as { readonly components?: readonly unknown[] };
  return `${components.length} components, byte for byte what was signed`;
};
