import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatTar } from "#archive/formatTar.ts";
import type { TarSource } from "#archive/tarSource.ts";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { parseManifest } from "#core/manifest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { codeOfPromise } from "../../../test/fakes/codeOfPromise.ts";
import { pushImage } from "../../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-open-archive-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();
let count = 0;
const place = (ending = "tar"): string => join(root, `${count++}.${ending}`);

const save = async (path: string, write: (repository: Repository) => Promise<unknown>): Promise<void> => {
  const archive = await openArchive(ctx, { path, create: true });
  await write(archive.repository);
  await archive.finish(ctx, "save");
};

const using = async <T>(
  path: string,
  read: (repository: Repository) => Promise<T>,
  logs: string[] = [],
): Promise<T> => {
  const archive = await openArchive(testCtx({ log: (_, message) => void logs.push(message) }), { path, create: false });
  try {
    return await read(archive.repository);
  } finally {
    await archive.finish(ctx, "discard");
  }
};

const list = (path: string): readonly string[] =>
  execFileSync("tar", ["--numeric-owner", "-tvf", path], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } })
    .trim()
    .split("\n");

const file = (path: string, text: string | Uint8Array): TarSource => {
  const bytes = Buffer.from(text);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { path, type: "file", mode: 0o644, size: bytes.length, open };
};

const writeRaw = async (...sources: readonly TarSource[]): Promise<string> => {
  const path = place();
  writeFileSync(path, await readAll(formatTar(sources), 1e7, "tar"));
  return path;
};

const MARKER = file("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
const INDEX = file("index.json", '{"schemaVersion":2,"manifests":[]}');

describe("openArchive", () => {
  it("writes one sequence of bytes for one content, metadata first, nobody's and of no time", async () => {
    const [one, two] = [place(), place()];
    await save(one, async (repository) => {
      await pushImage(ctx, repository, "a", "text a");
      await pushImage(ctx, repository, "b", "text b");
    });
    // In another order, which is what papers arrive in.
    await save(two, async (repository) => pushImage(ctx, repository, "b", "text b"));
    await save(two, async (repository) => pushImage(ctx, repository, "a", "text a"));
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    const lines = list(one);
    const names = lines.map((line) => line.split(" ").at(-1) ?? "");
    expect(names.slice(0, 2)).toEqual(["oci-layout", "index.json"]);
    expect(names.slice(2)).toEqual(names.slice(2).toSorted());
    expect(lines.every((line) => /^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 /.test(line))).toBe(true);
  });

  it("unpacks to a layout, and reads what GNU tar makes of one, compressed or not", async () => {
    const made = place();
    await save(made, (repository) => pushImage(ctx, repository, "1.0", "the image"));
    const dir = join(root, "unpacked");
    mkdirSync(dir);
    execFileSync("tar", ["-xf", made, "-C", dir]);
    const layout = await openLayout(ctx, { path: dir, create: false });
    const digest = (await layout.readManifest(ctx, "1.0"))?.digest;
    for (const [ending, flag] of [
      ["tar", "-cf"],
      ["tar.gz", "-czf"],
    ] as const) {
      const path = place(ending);
      execFileSync("tar", ["-C", dir, flag, path, "."]);
      expect(await using(path, async (repository) => (await repository.readManifest(ctx, "1.0"))?.digest)).toBe(digest);
    }
  });

  it("keeps files of other tools, and follows a link to the archive", async () => {
    const path = await writeRaw(MARKER, INDEX, file("extra/notes.json", "kept"));
    const link = place();
    symlinkSync(path, link);
    await save(link, (repository) => pushImage(ctx, repository, "1.0", "the image"));
    expect(readFileSync(path).equals(readFileSync(link))).toBe(true);
    expect(execFileSync("tar", ["-xOf", path, "extra/notes.json"], { encoding: "utf8" })).toBe("kept");
  });

  it("leaves the file alone when it is not saved, and when nothing was written", async () => {
    const path = place();
    const archive = await openArchive(ctx, { path, create: true });
    await pushImage(ctx, archive.repository, "1.0", "the image");
    await archive.finish(ctx, "discard");
    expect(await codeOfPromise(openArchive(ctx, { path, create: false }))).toBe("NOT_FOUND");
    const nothing = await openArchive(ctx, { path, create: true });
    await nothing.finish(ctx, "save");
    expect(await codeOfPromise(openArchive(ctx, { path, create: false }))).toBe("NOT_FOUND");
  });

  it("attack 3: gives out no blob that is not what its name says", async () => {
    const blob = Buffer.from("right");
    const hex = digestOf(blob).slice("sha256:".length);
    const path = await writeRaw(MARKER, INDEX, file(`blobs/sha256/${hex}`, "wrong"));
    const read = (repository: Repository) =>
      readAll(repository.readBlob(ctx, { digest: digestOf(blob), size: 5 }), 9, "");
    expect(await using(path, (repository) => codeOfPromise(read(repository)))).toBe("DIGEST_MISMATCH");
    // Nor is it carried on in a new archive.
    const archive = await openArchive(ctx, { path, create: false });
    await pushImage(ctx, archive.repository, "1.0", "the image");
    expect(await codeOfPromise(archive.finish(ctx, "save"))).toBe("DIGEST_MISMATCH");
  });

  it.each([
    ["leads out", [MARKER, INDEX, file("blobs/../../etc/passwd", "x")]],
    ["is absolute", [MARKER, INDEX, file("/etc/passwd", "x")]],
    ["is there twice", [MARKER, INDEX, INDEX]],
    ["is unusual", [MARKER, INDEX, file("blobs/a b", "x")]],
    [
      "leads out by a link",
      [MARKER, INDEX, { path: "a", type: "symlink", mode: 0o777, linkTarget: "../../etc" } as const],
    ],
  ])("refuses an archive in which a name %s", async (_, sources) => {
    expect(await codeOfPromise(openArchive(ctx, { path: await writeRaw(...sources), create: true }))).toBe(
      "IMAGE_REFUSED",
    );
  });

  it("refuses what is no archive of images, one that is cut off, and one that is damaged", async () => {
    const open = (path: string) => codeOfPromise(openArchive(ctx, { path, create: true }));
    expect(await open(await writeRaw(file("a", "b")))).toBe("INPUT_INVALID");
    expect(await open(await writeRaw(MARKER))).toBe("INPUT_INVALID");
    const whole = readFileSync(await writeRaw(MARKER, INDEX));
    for (const bytes of [whole.subarray(0, 520), Buffer.alloc(2000, "text"), Buffer.from("1f8b0000", "hex")]) {
      const path = place();
      writeFileSync(path, bytes);
      expect(await open(path)).toBe("IMAGE_REFUSED");
    }
  });

  it("reads a docker archive, and says that its digest is not the one that was signed", async () => {
    const layer = Buffer.from("a layer");
    const config = JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    });
    const images = [{ Config: "config.json", RepoTags: ["example.test:5000/app:1.0"], Layers: ["1/layer.tar"] }];
    const path = await writeRaw(
      file("manifest.json", JSON.stringify(images)),
      file("config.json", config),
      file("2/layer.tar", layer),
      { path: "1/layer.tar", type: "symlink", mode: 0o777, linkTarget: "../2/layer.tar" },
    );
    const logs: string[] = [];
    const read = async (repository: Repository): Promise<void> => {
      const raw = await repository.readManifest(ctx, "1.0");
      const manifest = raw && parseManifest(raw);
      if (manifest?.kind !== "image" || raw === undefined) throw new TypeError("no image");
      const [first] = manifest.layers;
      expect(first).toMatchObject({ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(layer) });
      expect((await readAll(repository.readBlob(ctx, manifest.config), 1000, "")).toString()).toBe(config);
      expect(
        (await readAll(repository.readBlob(ctx, { digest: digestOf(layer), size: 7 }), 1000, "")).equals(layer),
      ).toBe(true);
      expect(logs).toEqual([expect.stringContaining(`${raw.digest} was made for it, and is not the digest signed`)]);
    };
    await using(path, read, logs);
    const before = readFileSync(path);
    const archive = await openArchive(ctx, { path, create: true });
    expect(await codeOfPromise(pushImage(ctx, archive.repository, "2.0", "more"))).toBe("INPUT_INVALID");
    await archive.finish(ctx, "save");
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
