import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { buildImage } from "#app/buildImage.ts";
import type { BuildInput } from "#app/buildImage.ts";
import type { BlobWriter, ManifestWriter } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import { parseManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { checkBytes, readAll } from "#core/verifiedBytes.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const openStore = () => {
  const blobs = new Map<string, Buffer>();
  const tags = new Map<string, RawManifest>();
  const order: string[] = [];
  const repository: BlobWriter & ManifestWriter = {
    writeBlob: async (_ctx, blob, bytes) => {
      const whole = bytes instanceof Uint8Array ? Buffer.from(bytes) : await readAll(bytes, 1e9, "a blob");
      checkBytes(blob, whole);
      blobs.set(blob.digest, whole);
      order.push("blob");
    },
    writeManifest: async (_ctx, manifest, tag) => {
      tags.set(tag ?? manifest.digest, manifest);
      order.push("manifest");
    },
    deleteManifest: async () => false,
  };
  return { repository, blobs, tags, order };
};

const entry = (path: string, text: string) => {
  const bytes = Buffer.from(text);
  return { path, type: "file", mode: 0o644, size: bytes.length, open: () => once(bytes) } as const;
};

const input: BuildInput = {
  layers: [
    { comment: "base", entries: [entry("etc/os-release", "ID=debian\n")] },
    { comment: "program", entries: [entry("app/main.js", "0")] },
  ],
  settings: {
    entrypoint: ["/bin/node", "/app/main.js"],
    env: ["A=b"],
    workingDir: "/app",
    created: "2026-01-02T03:04:05Z",
  },
  platform: { os: "linux", architecture: "arm64", variant: "v8" },
  tag: "1.0",
};

describe("buildImage", () => {
  it("pushes layers and config before the manifest, and every digest is that of its bytes", async () => {
    const store = openStore();
    const built = await buildImage({ repository: store.repository }, ctx, input);
    expect(store.order).toEqual(["blob", "blob", "blob", "manifest"]);
    const raw = store.tags.get("1.0");
    const manifest = parseManifest(raw!);
    expect(raw?.digest).toBe(built.digest);
    expect(manifest).toMatchObject({ kind: "image", config: built.config, layers: built.layers });
  });

  it("writes a config whose diff_ids are the digests of the inflated layers, in order", async () => {
    const store = openStore();
    const built = await buildImage({ repository: store.repository }, ctx, input);
    const inflated = built.layers.map((layer) => gunzipSync(store.blobs.get(layer.digest)!));
    expect(inflated.map((tar) => tar.subarray(0, 100).toString().replaceAll("\0", ""))).toEqual(["etc/", "app/"]);
    expect(JSON.parse(store.blobs.get(built.config.digest)!.toString())).toEqual({
      created: "2026-01-02T03:04:05Z",
      os: "linux",
      architecture: "arm64",
      variant: "v8",
      config: { Env: ["A=b"], Entrypoint: ["/bin/node", "/app/main.js"], WorkingDir: "/app" },
      rootfs: { type: "layers", diff_ids: inflated.map((tar) => digestOf(tar)) },
      history: [
        { created: "2026-01-02T03:04:05Z", created_by: "base" },
        { created: "2026-01-02T03:04:05Z", created_by: "program" },
      ],
    });
  });

  it("gives the same digest for the same content", async () => {
    const [one, two] = [openStore(), openStore()];
    expect((await buildImage(one, ctx, input)).digest).toBe((await buildImage(two, ctx, input)).digest);
  });

  it("stops when it is aborted", async () => {
    const store = openStore();
    const aborted = { ...ctx, signal: AbortSignal.abort() };
    await expect(buildImage(store, aborted, input)).rejects.toThrow(/abort/i);
    expect(store.order).toEqual([]);
  });
});
