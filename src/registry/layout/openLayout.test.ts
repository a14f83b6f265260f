import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { digestHex, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError } from "#core/errors.ts";
import { parseManifest, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { takeFileLock } from "#registry/layout/fileLock.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const LAYOUTS = "../shared/data/papers/layouts";
const root = mkdtempSync(join(tmpdir(), "waybill-open-"));
afterAll(() => rmSync(root, { recursive: true }));
const warnings: string[] = [];
const ctx = testCtx({ log: (level, message) => void warnings.push(`${level} ${message}`) });

const open = (path: string, create = false) => openLayout(ctx, { path, create });
let copies = 0;
const golden = (name: string): string => {
  const path = join(root, `${name}-${++copies}`);
  cpSync(join(LAYOUTS, name), path, { recursive: true });
  return path;
};
const blobPath = (path: string, digest: Digest): string => join(path, "blobs", "sha256", digestHex(digest));
const empty = Buffer.from("{}");
const blob = { digest: digestOf(empty), size: 2 };

describe("opening a layout", () => {
  it("says what is wrong with a path that holds none", async () => {
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "other", "file"), "");
    writeFileSync(join(root, "image.tar"), "");
    cpSync(join(LAYOUTS, "docker"), join(root, "future"), { recursive: true });
    writeFileSync(join(root, "future", "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
    await expect(open(join(root, "absent"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(open(join(root, "other"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(open(join(root, "other"), true)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(open(join(root, "image.tar"))).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(open(join(root, "image.tar"), true)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(open(join(root, "future"))).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("makes a layout at the first write, not before", async () => {
    const path = join(root, "new", "layout");
    const layout = await open(path, true);
    expect(await layout.listTags(ctx)).toEqual([]);
    expect(await layout.hasBlob(ctx, blob.digest)).toBe(false);
    expect(existsSync(path)).toBe(false);
    await layout.writeBlob(ctx, blob, empty);
    expect(JSON.parse(readFileSync(join(path, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(await (await open(path)).hasBlob(ctx, blob.digest)).toBe(true);
    expect(readdirSync(join(path, "blobs", "sha256"))).toEqual([digestHex(blob.digest)]);
  });

  it("goes on with one that another process is making, or was when it was killed", async () => {
    const path = join(root, "half-made");
    mkdirSync(join(path, "blobs"), { recursive: true });
    writeFileSync(join(path, "index.json"), '{"schemaVersion":2,"manifests":[]}');
    await expect(open(path, true)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    writeFileSync(join(path, ".waybill-lock"), "");
    const layout = await open(path, true);
    await layout.writeBlob(ctx, blob, empty);
    expect(await (await open(path)).hasBlob(ctx, blob.digest)).toBe(true);
    writeFileSync(join(path, "notes.txt"), "");
    rmSync(join(path, "oci-layout"));
    await expect(open(path, true)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("notices a lost or damaged index.json", async () => {
    const lost = golden("docker");
    rmSync(join(lost, "index.json"));
    const layout = await open(lost);
    await expect(layout.readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "STORE_FAILED" });
    writeFileSync(join(lost, "index.json"), "{");
    await expect(layout.readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});

describe("reading a layout", () => {
  it.each(
    ["bundle-cosign3", "fallback-cosign3", "both-forms", "index-bundle"].filter((name) =>
      existsSync(join(LAYOUTS, name)),
    ),
  )("finds the papers of %s", async (name) => {
    const layout = await open(join(LAYOUTS, name));
    const image = await layout.readManifest(ctx, "1.0");
    const listed = await layout.listReferrers(ctx, image?.digest ?? blob.digest);
    expect(listed.map((one) => one.artifactType)).toContain(MEDIA_TYPE.bundle);
    for (const one of listed) {
      const raw = await layout.readManifest(ctx, one.digest);
      expect(raw && parseManifest(raw).subject?.digest).toBe(image?.digest);
    }
  });

  it("finds children that only their index names", async () => {
    const path = join(root, "children");
    const layout = await open(path, true);
    await layout.writeBlob(ctx, blob, empty);
    const child = rawManifest(
      Buffer.from(
        JSON.stringify({ schemaVersion: 2, config: { mediaType: MEDIA_TYPE.ociEmpty, ...blob }, layers: [] }),
      ),
      MEDIA_TYPE.ociManifest,
    );
    await layout.writeBlob(ctx, { digest: child.digest, size: child.bytes.length }, child.bytes);
    expect(await layout.readManifest(ctx, child.digest)).toBe(undefined);
    const entry = { mediaType: child.mediaType, digest: child.digest, size: child.bytes.length };
    const index = rawManifest(
      Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] })),
      MEDIA_TYPE.ociIndex,
    );
    await layout.writeManifest(ctx, index, "all");
    expect(await layout.readManifest(ctx, child.digest)).toMatchObject({ mediaType: MEDIA_TYPE.ociManifest });
  });

  it("sees at once what another one wrote", async () => {
    const path = golden("bundle-cosign3");
    const [one, two] = [await open(path), await open(path)];
    const image = await one.readManifest(ctx, "1.0");
    for (let at = 0; at < 30; at++) {
      if (image !== undefined) await two.writeManifest(ctx, image, `copy-${at}`);
      expect((await one.readManifest(ctx, `copy-${at}`))?.digest).toBe(image?.digest);
    }
  });

  it("refuses a manifest that was exchanged, and one that is gone under its tag", async () => {
    const path = golden("both-forms");
    const image = await (await open(path)).readManifest(ctx, "1.0");
    const file = blobPath(path, image?.digest ?? blob.digest);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.toString().replace("2", "3"));
    await expect((await open(path)).readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    writeFileSync(file, bytes.subarray(1));
    await expect((await open(path)).readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "SIZE_SHORT" });
    rmSync(file);
    await expect((await open(path)).readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("lists the good papers beside one that cannot be read", async () => {
    const path = golden("bundle-cosign3-notes");
    const layout = await open(path);
    const image = await layout.readManifest(ctx, "1.0");
    const subject = image?.digest ?? blob.digest;
    const before = await layout.listReferrers(ctx, subject);
    const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as { manifests: object[] };
    const garbage = Buffer.from("no manifest at all");
    const entry = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(garbage), size: garbage.length };
    const missing = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf("missing"), size: 7 };
    writeFileSync(blobPath(path, entry.digest), garbage);
    writeFileSync(
      join(path, "index.json"),
      JSON.stringify({ ...index, manifests: [entry, missing, ...index.manifests] }),
    );
    expect(before.length).toBeGreaterThan(0);
    expect(await layout.listReferrers(ctx, subject)).toEqual(before);
    expect(warnings).toContain("warn manifest skipped");
  });
});

describe("a paper that index.json lists and that is lost", () => {
  type Entry = Readonly<Record<string, unknown>> & { readonly digest: Digest };

  /** A signed image whose paper index.json describes with `more`, and whose file `lose` has damaged. */
  const damaged = async (name: string, more: object, lose: (file: string) => void) => {
    const path = golden("bundle-cosign3");
    const whole = await open(path);
    const image = await whole.readManifest(ctx, "1.0");
    const subject = image?.digest ?? blob.digest;
    const [paper] = await whole.listReferrers(ctx, subject);
    const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as { manifests: readonly Entry[] };
    const manifests = index.manifests.map((one) => (one.digest === paper?.digest ? { ...one, ...more } : one));
    writeFileSync(join(path, "index.json"), JSON.stringify({ ...index, manifests }));
    lose(blobPath(path, paper?.digest ?? blob.digest));
    warnings.length = 0;
    const layout = await open(path);
    const listed = await layout.listReferrers(ctx, subject);
    return { layout, paper: paper?.digest ?? name, listed: listed.map(({ digest }) => digest) };
  };
  const missing = (file: string): void => rmSync(file);
  const linked = (file: string): void => {
    renameSync(file, `${file}.moved`);
    symlinkSync(`${file}.moved`, file);
  };
  const garbled = (file: string): void => writeFileSync(file, "no manifest at all");

  it.each([
    ["missing, by its type", { artifactType: MEDIA_TYPE.bundle }, missing],
    ["missing, by its annotations", { annotations: { "dev.sigstore.bundle.content": "dsse-envelope" } }, missing],
    ["a link", { artifactType: MEDIA_TYPE.bundle }, linked],
    ["garbled", { artifactType: MEDIA_TYPE.bundle }, garbled],
  ])("is listed as what it was said to be: %s", async (name, more, lose) => {
    const { layout, paper, listed } = await damaged(name, more, lose);
    expect(listed).toEqual([paper]);
    expect(warnings).toEqual(["warn manifest skipped"]);
    // One broken paper: neither readable nor a fault of the whole store.
    const read = layout.readManifest(ctx, listed[0] ?? "").catch((error: unknown) => asWaybillError(error).code);
    expect([undefined, "SIZE_SHORT"]).toContain(await read);
  });

  it.each([
    ["missing", missing],
    ["a link", linked],
  ])("is warned of once where nothing says what it was: %s", async (name, lose) => {
    const { layout, listed } = await damaged(name, {}, lose);
    expect(listed).toEqual([]);
    await layout.writeBlob(ctx, blob, empty);
    await layout.deleteManifest(ctx, "1.0");
    await layout.listReferrers(ctx, blob.digest);
    expect(warnings).toEqual(["warn manifest skipped"]);
  });
});

describe("a hostile layout", () => {
  it("does not make us read outside of it", async () => {
    const secret = join(root, "secret");
    writeFileSync(secret, empty);
    const linked = golden("att-cosign3");
    symlinkSync(secret, blobPath(linked, blob.digest));
    await expect(readAll((await open(linked)).readBlob(ctx, blob), 10, "blob")).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
    expect(await (await open(linked)).hasBlob(ctx, blob.digest)).toBe(false);
    const outside = join(root, "outside");
    mkdirSync(outside);
    renameSync(join(linked, "blobs", "sha256"), join(outside, "sha256"));
    symlinkSync(join(outside, "sha256"), join(linked, "blobs", "sha256"));
    await expect((await open(linked)).readManifest(ctx, "1.0")).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect((await open(linked)).writeBlob(ctx, blob, empty)).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  it("does not bring a lock file of its own", async () => {
    const path = golden("att-cosign2");
    writeFileSync(join(path, ".waybill-lock"), "SQLite format 3\0");
    await expect((await open(path)).deleteManifest(ctx, "1.0")).rejects.toMatchObject({ code: "STORE_FAILED" });
    writeFileSync(join(path, ".waybill-lock"), "");
    writeFileSync(join(path, ".waybill-lock-journal"), "");
    await expect((await open(path)).deleteManifest(ctx, "1.0")).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});

describe("waiting for another writer", () => {
  it("ends for those who give up, and for nobody else", async () => {
    const path = golden("both-forms");
    const layout = await open(path);
    const image = await layout.readManifest(ctx, "1.0");
    if (image === undefined) throw new TypeError("the layout has no image");
    const release = await takeFileLock(join(path, ".waybill-lock"));
    const controller = new AbortController();
    const impatient = testCtx({ signal: controller.signal });
    const gone = ["a", "b"].map((tag) => layout.writeManifest(impatient, image, tag));
    const stays = layout.writeManifest(ctx, image, "c");
    const removed = layout.deleteManifest(impatient, "1.0");
    controller.abort();
    const ended = await Promise.allSettled([...gone, removed]);
    expect(ended.map((one) => one.status === "rejected" && (one.reason as Error).name)).toEqual(
      ended.map(() => "AbortError"),
    );
    release?.();
    await stays;
    const tags = await layout.listTags(ctx);
    expect(tags.filter((tag) => !tag.startsWith("sha256-"))).toEqual(["1.0", "c"]);
  });
});
