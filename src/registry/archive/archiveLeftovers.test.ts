import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ProgressEvent } from "#core/ctx.ts";
import { digestHex, digestOf } from "#core/digest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import type { OpenArchive } from "#registry/archive/openArchive.ts";
import { codeOfPromise } from "../../../test/fakes/codeOfPromise.ts";
import { pushImage } from "../../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-leftovers-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();
let count = 0;

const LAYER = Buffer.alloc(1_500_000, "a layer");
const layer = { digest: digestOf(LAYER), size: LAYER.length };
const PAPER = Buffer.from("a paper");
const paper = { digest: digestOf(PAPER), size: PAPER.length };

/** A folder of its own with nothing in it. */
const folder = (): string => {
  const path = join(root, String(count++));
  mkdirSync(path);
  return path;
};

const open = (place: string): Promise<OpenArchive> => openArchive(ctx, { path: join(place, "app.tar"), create: true });
const blobFile = (place: string, name: string): string => join(place, ".app.tar.waybill", "blobs", "sha256", name);

/** A run that fetches a layer and a paper and then ends with `outcome`; what it warned of. */
const cutOff = async (
  place: string,
  outcome: "save" | "discard",
  blobs = [LAYER, PAPER],
): Promise<readonly string[]> => {
  const events: ProgressEvent[] = [];
  const archive = await open(place);
  for (const bytes of blobs)
    await archive.repository.writeBlob(ctx, { digest: digestOf(bytes), size: bytes.length }, bytes);
  await archive.finish(testCtx({ emit: (event) => void events.push(event) }), outcome);
  return events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
};

async function* never(): AsyncGenerator<Uint8Array> {
  yield* [];
  throw new TypeError("fetched again");
}

describe("what a run that was cut off had fetched", () => {
  it.each(["discard", "save"] as const)("stays beside the archive on %s, and is not fetched again", async (outcome) => {
    const place = folder();
    const warnings = await cutOff(place, outcome);
    expect(warnings).toEqual([
      `what was fetched for ${place}/app.tar stays in ${place}/.app.tar.waybill (1.5 MB): the next run goes on from there`,
    ]);
    expect(readdirSync(place)).toEqual([".app.tar.waybill"]);
    expect(readdirSync(join(place, ".app.tar.waybill"))).toEqual(["blobs"]);
    const archive = await open(place);
    await archive.repository.writeBlob(ctx, layer, never());
    await pushImage(ctx, archive.repository, "1.0", "the image");
    await archive.finish(ctx, "save");
    expect(readdirSync(place)).toEqual(["app.tar"]);
    const saved = await open(place);
    expect((await readAll(saved.repository.readBlob(ctx, layer), 1e7, "")).equals(LAYER)).toBe(true);
    // It was not asked for.
    expect(await saved.repository.hasBlob(ctx, paper.digest)).toBe(false);
    await saved.finish(ctx, "discard");
  });

  it("goes where it is small", async () => {
    const place = folder();
    expect(await cutOff(place, "discard", [PAPER])).toEqual([]);
    expect(readdirSync(place)).toEqual([]);
  });

  it("is fetched again where it was damaged since", async () => {
    const place = folder();
    await cutOff(place, "discard");
    writeFileSync(blobFile(place, digestHex(layer.digest)), Buffer.alloc(LAYER.length));
    const archive = await open(place);
    await expect(archive.repository.writeBlob(ctx, layer, never())).rejects.toThrow("fetched again");
    await archive.repository.writeBlob(ctx, layer, LAYER);
    await pushImage(ctx, archive.repository, "1.0", "the image");
    await archive.finish(ctx, "save");
    expect(readdirSync(place)).toEqual(["app.tar"]);
  });

  it("is cleared of files that are half-written", async () => {
    const place = folder();
    await cutOff(place, "discard");
    writeFileSync(blobFile(place, ".0123456789.0123456789abcdef01.tmp"), "half");
    await cutOff(place, "discard");
    expect(readdirSync(join(blobFile(place, ""))).toSorted()).toEqual(
      [layer.digest, paper.digest].map(digestHex).toSorted(),
    );
  });
});

describe("somebody else's link in the place of the work", () => {
  const elsewhere = (): string => {
    const victim = folder();
    for (const name of ["index.json", "letter.txt"]) writeFileSync(join(victim, name), "precious");
    return victim;
  };

  it("is refused, and nothing that it leads to is touched", async () => {
    const [place, victim] = [folder(), elsewhere()];
    symlinkSync(victim, join(place, ".app.tar.waybill"));
    const archive = await open(place);
    expect(await codeOfPromise(archive.repository.writeBlob(ctx, layer, LAYER))).toBe("STORE_FAILED");
    await archive.finish(ctx, "discard");
    expect(readdirSync(victim)).toEqual(["index.json", "letter.txt"]);
  });

  it("goes where it stands for the blobs", async () => {
    const [place, victim] = [folder(), elsewhere()];
    mkdirSync(join(place, ".app.tar.waybill"));
    symlinkSync(victim, join(place, ".app.tar.waybill", "blobs"));
    await cutOff(place, "discard");
    expect(readdirSync(victim)).toEqual(["index.json", "letter.txt"]);
    expect(lstatSync(join(place, ".app.tar.waybill", "blobs")).isDirectory()).toBe(true);
    expect(existsSync(blobFile(place, digestHex(layer.digest)))).toBe(true);
  });
});
