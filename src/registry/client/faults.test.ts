import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { startFaultProxy } from "../../../test/fakes/faultProxy.ts";
import type { FaultProxy } from "../../../test/fakes/faultProxy.ts";
import { FAULTS } from "../../../test/fakes/faults.ts";
import { hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { benchRegistry, imageOf } from "../../../test/fakes/registryBench.ts";
import type { RegistryBench } from "../../../test/fakes/registryBench.ts";

// Every fault for every operation ends in the truth or in an error with a code, never in a wrong answer.

const bench = benchRegistry();
/** A proxy for each operation, so that all meet a fault at the same time. */
const lines: { readonly operation: string; readonly proxy: FaultProxy }[] = [];
beforeAll(async () => {
  for (const operation of Object.keys(OPERATIONS)) lines.push({ operation, proxy: await startFaultProxy(bench.url()) });
});
afterAll(async () => {
  for (const { proxy } of lines) await proxy.close();
});

const LAYER = Buffer.alloc(300_000, "layer ");
const LAYER_BLOB = { digest: digestOf(LAYER), size: LAYER.length };
const manifestOf = (members: object): RawManifest => rawManifest(Buffer.from(imageOf(members)), MEDIA_TYPE.ociManifest);
const IMAGE = manifestOf({ annotations: { is: "image" } });
const SUBJECT = { mediaType: IMAGE.mediaType, digest: IMAGE.digest, size: IMAGE.bytes.byteLength };
const PAPER = manifestOf({ artifactType: "application/x", subject: SUBJECT });
const OTHER = manifestOf({ annotations: { is: "other" } });

const ctx = hastyCtx();

interface Operation {
  /** Requests that the fault is for. */
  readonly at: RegExp;
  /** What the client says. */
  readonly run: (repository: Repository) => Promise<unknown>;
  /** What is so; asked without the proxy, after the run. */
  readonly truth: (name: string) => Promise<unknown>;
}

const read = async (bytes: AsyncIterable<Uint8Array>): Promise<Digest> =>
  digestOf(await readAll(bytes, LAYER.length, "layer"));

/** What a plain HEAD of the registry itself says. */
const isThere = async (path: string): Promise<boolean> => (await bench.call("HEAD", path)).status === 200;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "read by tag": {
    at: /^GET .*\/manifests\/1\.0/,
    run: async (repository) => (await repository.readManifest(ctx, "1.0"))?.digest,
    truth: async () => IMAGE.digest,
  },
  "read by digest": {
    at: /^GET .*\/manifests\/sha256:/,
    run: async (repository) => (await repository.readManifest(ctx, IMAGE.digest))?.digest,
    truth: async () => IMAGE.digest,
  },
  "read blob": {
    at: /^GET .*\/blobs\//,
    run: (repository) => read(repository.readBlob(ctx, LAYER_BLOB)),
    truth: async () => LAYER_BLOB.digest,
  },
  "ask for blob": {
    at: /^HEAD .*\/blobs\//,
    run: (repository) => repository.hasBlob(ctx, digestOf("absent")),
    truth: async () => false,
  },
  "list tags": {
    at: /\/tags\/list/,
    run: (repository) => repository.listTags(ctx),
    truth: async () => ["1.0"],
  },
  "list referrers": {
    at: /\/referrers\//,
    run: async (repository) => (await repository.listReferrers(ctx, IMAGE.digest)).map(({ digest }) => digest),
    truth: async () => [PAPER.digest],
  },
  "write blob": {
    at: /^(?:POST|PUT|GET) .*\/blobs\/uploads\//,
    run: async (repository) => {
      const bytes = Buffer.from("new");
      await repository.writeBlob(ctx, { digest: digestOf(bytes), size: bytes.length }, bytes);
      return true;
    },
    truth: (name) => isThere(`/v2/${name}/blobs/${digestOf("new")}`),
  },
  "write manifest": {
    at: /^PUT .*\/manifests\//,
    run: async (repository) => {
      await repository.writeManifest(ctx, OTHER, "2.0");
      return true;
    },
    truth: (name) => isThere(`/v2/${name}/manifests/2.0`),
  },
  "delete manifest": {
    at: /^DELETE .*\/manifests\//,
    run: (repository) => repository.deleteManifest(ctx, IMAGE.digest),
    truth: async (name) => !(await isThere(`/v2/${name}/manifests/${IMAGE.digest}`)),
  },
};

const seed = async (name: string, to: RegistryBench): Promise<void> => {
  await to.pushBlob(name, "{}");
  await to.pushBlob(name, LAYER.toString());
  for (const [tag, manifest] of [
    ["1.0", IMAGE],
    [PAPER.digest, PAPER],
  ] as const) {
    const text = Buffer.from(manifest.bytes).toString();
    const stored = await to.call("PUT", `/v2/${name}/manifests/${tag}`, text, { "Content-Type": manifest.mediaType });
    expect(stored.status).toBe(201);
  }
};

/** `=`: the truth was told; else the code of the error. */
const outcomes = new Map<string, string>();
const cell = (fault: string, operation: string): string => `${fault}/${operation}`;

describe("a registry behind a faulty line", () => {
  it.each(Object.keys(FAULTS))("%s", { timeout: 60_000 }, async (fault) => {
    // Where waiting is not what is tested, a busy machine must not make it so.
    const waitMs = /^(?:never|drips|stalls)/.test(fault) ? 200 : 15_000;
    const meet = async ({ operation, proxy }: (typeof lines)[number]): Promise<void> => {
      const { at, run, truth } = OPERATIONS[operation] as Operation;
      const name = cell(fault, operation)
        .toLowerCase()
        .replaceAll(/[^a-z0-9/]+/g, "-");
      await seed(name, bench);
      proxy.set(at, FAULTS[fault] ?? (async () => "pass"));
      const open = openTestClient({ stallMs: waitMs, answerMs: waitMs });
      const said = () => run(open(`${proxy.host}/${name}`));
      outcomes.set(cell(fault, operation), await outcomeOf(said, () => truth(name)));
    };
    await Promise.all(lines.map(meet));
    expect(lines.filter(({ operation }) => !outcomes.has(cell(fault, operation)))).toEqual([]);
  });

  const outcomeOf = async (run: () => Promise<unknown>, truth: () => Promise<unknown>): Promise<string> => {
    let said: unknown;
    try {
      said = await run();
    } catch (thrown) {
      const error = asWaybillError(thrown);
      // What is longer than any honest answer is over a limit (3); all else is the network's or the registry's (6, 7).
      expect([3, 6, 7], `${error.code} ${error.message}`).toContain(error.exitCode);
      expect(error.exitCode !== 3 || error.code === "LIMIT_EXCEEDED").toBe(true);
      return error.code;
    }
    expect(said).toEqual(await truth());
    return "=";
  };

  it("docs/registries.md says so (UPDATE_GOLDEN=1 writes it again)", () => {
    const file = join(import.meta.dirname, "../../../docs/registries.md");
    const document = readFileSync(file, "utf8");
    const [before = "", rest = ""] = document.split("<!-- faults -->\n");
    const after = rest.slice(rest.indexOf("<!-- /faults -->"));
    const table = tableOf();
    if (process.env["UPDATE_GOLDEN"] === "1")
      return writeFileSync(file, `${before}<!-- faults -->\n\n${table}\n\n${after}`);
    return expect(squeeze(rest.slice(0, rest.indexOf("<!-- /faults -->")))).toBe(squeeze(table));
  });

  const tableOf = (): string => {
    const names = Object.keys(OPERATIONS);
    const rows = Object.keys(FAULTS).map((fault) => [
      fault,
      ...names.map((one) => outcomes.get(cell(fault, one)) ?? ""),
    ]);
    return [["the line", ...names], names.concat("").map(() => "---"), ...rows]
      .map((row) => `| ${row.join(" | ")} |`)
      .join("\n");
  };

  /** The formatter of documents pads tables. */
  const squeeze = (text: string): string => text.replaceAll(/-+/g, "-").replaceAll(/ +/g, " ").trim();
});
