import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRegistry } from "../../src/registry/server/startRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import { seedDistribution } from "./seedDistribution.ts";
import { waybill } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Papers that real cosigns wrote, and the same bent in many ways, each with the answer that a verifier must give: asked of
// a registry without the referrers API, of our own, and of the layout directory itself.

interface Case {
  readonly name: string;
  readonly action: string;
  readonly layout: string;
  readonly ref: string;
  readonly key: string;
  readonly type?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly expect: "accept" | "refuse";
  readonly why: string;
  readonly exits?: readonly number[];
}

const PAPERS = join(process.cwd(), "../shared/data/papers");
const { cases } = JSON.parse(readFileSync(join(PAPERS, "cases.json"), "utf8")) as { readonly cases: readonly Case[] };
const covered = cases.filter(({ action }) => action === "verify" || action === "verify-attestation");
const layouts = [...new Set(covered.map((one) => one.layout))];

const workspace = openWorkspace();
const hosts = new Map<string, string>();
const closing: (() => PromiseLike<void>)[] = [];

beforeAll(async () => {
  const distribution = await startRealRegistry(workspace, "docker-registry", (storage) => {
    for (const layout of layouts) seedDistribution(storage, repositoryOf(layout), join(PAPERS, layout));
  });
  hosts.set("docker-registry", distribution.host);
  closing.push(() => distribution[Symbol.asyncDispose]());
  const embedded = await startRegistry({
    dir: workspace.path("embedded"),
    listen: { host: "127.0.0.1", port: 0 },
    log: () => undefined,
    layouts: Object.fromEntries(layouts.map((layout) => [repositoryOf(layout), join(PAPERS, layout)])),
  });
  hosts.set("embedded", embedded.address);
  closing.push(embedded.close);
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
  workspace[Symbol.dispose]();
});

const repositoryOf = (layout: string): string => layout.replace("layouts/", "papers/");

const referenceOf = (one: Case, place: string): string => {
  const end = one.ref.startsWith("sha256:") ? `@${one.ref}` : `:${one.ref}`;
  const name = place === "oci" ? `oci:${join(PAPERS, one.layout)}` : `${hosts.get(place)}/${repositoryOf(one.layout)}`;
  return `${name}${end}`;
};

const argumentsOf = (one: Case, place: string): readonly string[] => [
  one.action,
  "--key",
  join(PAPERS, one.key),
  ...(one.type === undefined ? [] : ["--type", one.type]),
  ...Object.entries(one.annotations ?? {}).flatMap(([name, value]) => ["-a", `${name}=${value}`]),
  referenceOf(one, place),
];

describe.each(["docker-registry", "embedded", "oci"])("from %s", (place) => {
  it.concurrent.each(covered)("$action $name: $expect ($why)", { timeout: 60_000 }, async (one) => {
    const outcome = await waybill(argumentsOf(one, place), { env: workspace.env });
    const allowed = one.expect === "accept" ? [0] : (one.exits ?? [1]);
    expect(allowed, `exit ${outcome.code}: ${outcome.stderr}`).toContain(outcome.code);
  });
});
