import { copyImages } from "#app/copyImages.ts";
import type { Paper } from "#app/paper.ts";
import { signImages } from "#app/signImages.ts";
import { verifyImages } from "#app/verifyImages.ts";
import type { PaperPlace, Repositories } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import { readProxies } from "#net/proxies.ts";
import { createRegistryClient } from "#registry/client/registryClient.ts";
import type { RegistryClient, RegistryClientOptions } from "#registry/client/registryClient.ts";
import type { Quirk } from "./quirk/quirk.ts";
import { startFaultRegistry } from "./faultRegistry.ts";
import type { FaultRegistry } from "./faultRegistry.ts";
import { startForwardProxy } from "./forwardProxy.ts";
import { LOOPBACK_TLS } from "./loopbackTls.ts";
import { createMemoryRepositories, pushImage } from "./memoryRepositories.ts";
import { always, hastyCtx } from "./openTestClient.ts";
import { createTestSigner } from "./testSigner.ts";

const ctx = hastyCtx();
const signer = createTestSigner();
const trust = { keys: [{ name: "key", key: signer.publicKey }] };
const many = { recursive: false, dryRun: false, maxWorkers: 4, settleMs: 0 } as const;
const signature = (tenant: string): Paper => ({ kind: "signature", annotations: { tenant } });

const sign = (repositories: Repositories, reference: string, tenant: string) =>
  signImages({ repositories, signer })(ctx, {
    ...many,
    references: [reference],
    storage: "both",
    paper: signature(tenant),
  });

/** `=`: done whole. */
const signed = async (...args: Parameters<typeof sign>): Promise<string> => {
  const [one] = await sign(...args);
  if (one?.kind !== "done") return one === undefined ? "nothing" : one.error.code;
  const failed = one.images.flatMap(({ report }) => report.failed);
  return (
    failed
      .map(({ form, error }) => `${form}: ${error.code}`)
      .toSorted()
      .join(", ") || "="
  );
};

const verified = async (repositories: Repositories, reference: string): Promise<string> => {
  const [one] = await verifyImages({ repositories })(ctx, {
    references: [reference],
    storage: "both",
    trust,
    wanted: { kind: "signature", annotations: {}, checkClaims: true },
    maxWorkers: 1,
  });
  if (one?.kind !== "decided") return one === undefined ? "nothing" : one.error.code;
  return one.verdict.ok ? "yes" : "no";
};

/** `=`: the image is there with papers of both forms; else the forms that are. */
const copied = async (repositories: Repositories, from: string, to: string): Promise<string> => {
  const [one] = await copyImages({ repositories })(ctx, {
    ...many,
    lines: [{ from, to }],
    only: undefined,
    platform: undefined,
    force: false,
  });
  if (one?.kind !== "done") return one === undefined ? "nothing" : one.error.code;
  if (one.copied.failed.length > 0) return [...new Set(one.copied.failed.map(({ error }) => error.code))].join(", ");
  const forms = [...new Set(one.copied.papers.map(({ form }) => form))].toSorted().join(", ");
  return forms === "referrer, tag" ? "=" : forms;
};

const deleted = async (run: () => Promise<boolean>): Promise<string> => {
  try {
    return (await run()) ? "=" : "not there";
  } catch (error) {
    return asWaybillError(error).code;
  }
};

const MEMORY = createMemoryRepositories();
const SIGNED = "memory.test/source/signed";
const PLAIN = "memory.test/source/plain";

const clientOf = (over: Partial<RegistryClientOptions> = {}): RegistryClient =>
  createRegistryClient({ version: "0.0.0-test", credentials: async () => undefined, allowInsecure: true, ...over });

/** Those of a client, and those in memory. */
const repositoriesOf = (client: RegistryClient, papers: PaperPlace = {}): Repositories => ({
  open: async (call, reference, access) =>
    reference.kind === "registry" && reference.registry !== "memory.test"
      ? { ...client.repository(reference, access), papers }
      : MEMORY.open(call, reference, access),
});

interface Seed {
  readonly registry: FaultRegistry;
  readonly signed: Digest;
}

/** A registry with an image that is signed in both forms and one that is not, whose content is copied into others. */
const makeSeed = async (referrers: boolean): Promise<Seed> => {
  await pushImage(ctx, MEMORY.at(PLAIN), "1.0", "unsigned");
  const signedImage = await pushImage(ctx, MEMORY.at(SIGNED), "1.0", "signed");
  await sign(MEMORY, `${SIGNED}:1.0`, "first");
  const registry = await startFaultRegistry({ tls: LOOPBACK_TLS, referrers });
  const client = clientOf();
  for (const name of [SIGNED, PLAIN])
    await copied(repositoriesOf(client), `${name}:1.0`, `${registry.host}/${name.slice(name.indexOf("/") + 1)}:1.0`);
  await client.close();
  await registry.close();
  return { registry, signed: signedImage };
};
const seeds = new Map<boolean, Promise<Seed>>();
const seedOf = (referrers: boolean): Promise<Seed> => {
  const seed = seeds.get(referrers) ?? makeSeed(referrers);
  seeds.set(referrers, seed);
  return seed;
};

/** Fills a repository with what another registry has under `source/...`. */
const fill = (registry: FaultRegistry, seed: FaultRegistry, source: string, name: string): void => {
  for (const kind of ["blobs", "manifests", "tags"] as const)
    for (const [key, value] of seed[kind])
      if (key.startsWith(source)) (registry[kind] as Map<string, unknown>).set(name + key.slice(source.length), value);
};

/** What is asked of a registry. */
export const QUIRK_TRIALS = [
  "sign",
  "sign again",
  "verify",
  "verify unsigned",
  "copy there",
  "copy from",
  "copy within",
  "delete",
] as const;
export type QuirkTrial = (typeof QUIRK_TRIALS)[number];
const UNSIGNED: ReadonlySet<QuirkTrial> = new Set(["sign", "verify unsigned"]);

/** What our use cases come to with a registry of that kind; each trial has a repository of its own. */
export const tryQuirk = async (quirk: Quirk): Promise<Readonly<Record<QuirkTrial, string>>> => {
  const seed = await seedOf(quirk.referrers !== false);
  const registry = await startFaultRegistry({ tls: LOOPBACK_TLS, referrers: quirk.referrers !== false });
  const port = Number(registry.host.split(":")[1]);
  const names = quirk.hosts ?? [quirk.host];
  const proxy = await startForwardProxy(Object.fromEntries(names.map((name) => [name, port])));
  const client = clientOf({
    credentials: always(quirk.credential),
    proxies: readProxies({ HTTPS_PROXY: `http://${proxy.host}` }),
  });
  const nameOf = (trial: string): string => `${quirk.repository ?? "team/app"}-${trial.replaceAll(" ", "-")}`;
  for (const trial of QUIRK_TRIALS)
    if (trial !== "copy there")
      fill(registry, seed.registry, UNSIGNED.has(trial) ? "source/plain" : "source/signed", nameOf(trial));
  registry.fault = quirk.make(registry);
  try {
    const all = repositoriesOf(client, quirk.papers);
    return await runTrials(client, all, (trial) => `${quirk.host}/${nameOf(trial)}:1.0`, seed.signed);
  } finally {
    await client.close();
    await proxy.close();
    await registry.close();
  }
};

const runTrials = async (
  client: RegistryClient,
  all: Repositories,
  at: (trial: QuirkTrial | "target") => string,
  digest: Digest,
): Promise<Readonly<Record<QuirkTrial, string>>> => {
  const own = client.repository(parseReference(at("delete")) as RegistryReference, "write");
  return {
    sign: await signed(all, at("sign"), "one"),
    "sign again": await signed(all, at("sign again"), "another"),
    verify: await verified(all, at("verify")),
    "verify unsigned": await verified(all, at("verify unsigned")),
    "copy there": await copied(all, `${SIGNED}:1.0`, at("copy there")),
    "copy from": await copied(all, at("copy from"), `memory.test/${at("copy from")}`),
    "copy within": await copied(all, at("copy within"), at("target")),
    delete: await deleted(() => own.deleteManifest(ctx, digest)),
  };
};
