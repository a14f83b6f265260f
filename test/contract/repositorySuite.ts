import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError } from "#core/errors.ts";
import { manifestDescriptor, parseManifest, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { mergeTag, settleTags } from "#core/mergeTag.ts";
import type { TagMerge } from "#core/content.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { testCtx } from "../fakes/testCtx.ts";

/** What a store is asked to prove, and what it may be excused from, with the reason. */
export interface RepositorySubject {
  /** An empty repository, another one at each call. */
  readonly open: () => Promise<Repository>;
  /** Opens the same content once more, as another process would. */
  readonly reopen: (repository: Repository) => Promise<Repository>;
  /** Replaces the bytes of a stored blob behind the store's back; undefined where that is not possible. */
  readonly damage?: (repository: Repository, digest: Digest, bytes: Uint8Array) => Promise<void>;
  /** Conditions on tags are honoured. */
  readonly etags: boolean;
  /** A tag can be removed alone. */
  readonly deletesTags: boolean;
  /** Listed referrers carry their artifactType and annotations. */
  readonly describesReferrers: boolean;
  /** Set for a registry that refuses all deletes. */
  readonly refusesDeletes?: true;
  /** Set for a registry that forgets referrers pushed at the same time; written again one by one, all must be listed. */
  readonly forgetsParallelReferrers?: true;
}

const EMPTY = Buffer.from("{}");
const ARTIFACT_TYPE = "application/vnd.example.paper";
const ctx = testCtx();

const text = (words: string): Buffer => Buffer.from(words);
const blobOf = (bytes: Uint8Array) => ({ digest: digestOf(bytes), size: bytes.byteLength });

const manifestOf = (members: object): RawManifest =>
  rawManifest(
    text(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociManifest,
        config: { mediaType: MEDIA_TYPE.ociEmpty, ...blobOf(EMPTY) },
        layers: [],
        ...members,
      }),
    ),
    MEDIA_TYPE.ociManifest,
  );

/** An image like no other; its config is in the repository. */
const image = async (repository: Repository, words: string): Promise<RawManifest> => {
  await repository.writeBlob(ctx, blobOf(EMPTY), EMPTY);
  return manifestOf({ annotations: { words } });
};

const paperOn = (subject: RawManifest, words: string): RawManifest =>
  manifestOf({ artifactType: ARTIFACT_TYPE, subject: manifestDescriptor(subject), annotations: { words } });

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000);
}

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
    return "done";
  } catch (error) {
    return asWaybillError(error).code;
  }
};

const layersOf = (raw: RawManifest | undefined): readonly Descriptor[] => {
  const manifest = raw && parseManifest(raw);
  return manifest?.kind === "image" ? manifest.layers : [];
};

/** Adds one layer to an image, and keeps those that are there. */
const addLayer =
  (words: string): TagMerge["merge"] =>
  (current) => {
    const layer = { mediaType: "text/plain", ...blobOf(text(words)) };
    const layers = layersOf(current);
    if (layers.some((one) => one.digest === layer.digest)) return { kind: "unchanged" };
    const manifest = manifestOf({ layers: [...layers, layer] });
    return { kind: "write", manifest, blobs: [{ ...layer, bytes: text(words) }] };
  };

const read = (repository: Repository, blob: { digest: Digest; size: number }): Promise<Buffer> =>
  readAll(repository.readBlob(ctx, blob), 1 << 24, "blob");

/** The contract of core/content.ts: every store of content passes it. */
export const describeRepository = (name: string, subject: RepositorySubject): void => {
  const { open, reopen, damage } = subject;
  if (subject.etags) describeConditions(name, subject);
  if (subject.deletesTags) describeTagDeletes(name, subject);
  if (subject.refusesDeletes !== true) describeDeletes(name, subject);

  describe(`${name}: blobs`, () => {
    it("gives back what was written, whole or in pieces, empty or large", async () => {
      const repository = await open();
      const large = Buffer.alloc(3_000_000, "waybill ");
      for (const bytes of [text("a blob"), Buffer.alloc(0), large]) {
        const source = bytes === large ? inPieces(bytes) : bytes;
        await repository.writeBlob(ctx, blobOf(bytes), source);
        expect(await repository.hasBlob(ctx, blobOf(bytes).digest)).toBe(true);
        expect((await read(await reopen(repository), blobOf(bytes))).equals(bytes)).toBe(true);
      }
      await repository.writeBlob(ctx, blobOf(large), inPieces(large));
    });

    it("says of what is not there that it is not there", async () => {
      const repository = await open();
      const absent = blobOf(text("never written"));
      expect(await repository.hasBlob(ctx, absent.digest)).toBe(false);
      expect(await codeOf(() => read(repository, absent))).toBe("NOT_FOUND");
      await repository.writeBlob(ctx, blobOf(EMPTY), EMPTY);
      expect(await codeOf(() => read(repository, absent))).toBe("NOT_FOUND");
    });

    it.each(["whole", "in pieces"])("attack 3: refuses to store, %s, what is short, long or other", async (how) => {
      const repository = await open();
      const bytes = text("the right bytes, and nothing but the right bytes");
      const write = (wrong: Buffer) =>
        repository.writeBlob(ctx, blobOf(bytes), how === "whole" ? wrong : inPieces(wrong));
      expect(await codeOf(() => write(bytes.subarray(1)))).toBe("SIZE_SHORT");
      expect(await codeOf(() => write(Buffer.concat([bytes, text("!")])))).toBe("SIZE_LONG");
      expect(await codeOf(() => write(Buffer.alloc(bytes.length)))).toBe("DIGEST_MISMATCH");
      expect(await repository.hasBlob(ctx, blobOf(bytes).digest)).toBe(false);
      await write(bytes);
      expect(await repository.hasBlob(ctx, blobOf(bytes).digest)).toBe(true);
    });

    it("attack 3: refuses to give out what is not what was asked for", async () => {
      const repository = await open();
      const bytes = text("the right bytes");
      const blob = blobOf(bytes);
      await repository.writeBlob(ctx, blob, bytes);
      expect(await codeOf(() => read(repository, { ...blob, size: blob.size + 1 }))).toBe("SIZE_SHORT");
      expect(await codeOf(() => read(repository, { ...blob, size: blob.size - 1 }))).toBe("SIZE_LONG");
      if (damage === undefined) return;
      await damage(repository, blob.digest, text("the wrong bytes"));
      const again = await reopen(repository);
      expect(await codeOf(() => read(again, blob))).toBe("DIGEST_MISMATCH");
    });
  });

  describe(`${name}: manifests and tags`, () => {
    it("gives a manifest back by tag and by digest, to the byte", async () => {
      const repository = await open();
      const raw = await image(repository, "one");
      await repository.writeManifest(ctx, raw, "v1");
      for (const store of [repository, await reopen(repository)]) {
        for (const reference of ["v1", raw.digest]) {
          const found = await store.readManifest(ctx, reference);
          expect(Buffer.from(found?.bytes ?? []).equals(raw.bytes)).toBe(true);
          expect(found).toMatchObject({ mediaType: raw.mediaType, digest: raw.digest });
        }
      }
    });

    it("says of what is not there that it is not there", async () => {
      const repository = await open();
      const raw = await image(repository, "never written");
      expect(await repository.readManifest(ctx, "v1")).toBe(undefined);
      expect(await repository.readManifest(ctx, raw.digest)).toBe(undefined);
      expect(await repository.listReferrers(ctx, raw.digest)).toEqual([]);
    });

    it("keeps a manifest without a tag", async () => {
      const repository = await open();
      const raw = await image(repository, "untagged");
      await repository.writeManifest(ctx, raw, undefined);
      expect((await repository.readManifest(ctx, raw.digest))?.digest).toBe(raw.digest);
      await repository.writeManifest(ctx, raw, "now-tagged");
      expect(await repository.listTags(ctx)).toEqual(["now-tagged"]);
    });

    it("keeps indexes", async () => {
      const repository = await open();
      const child = await image(repository, "child");
      await repository.writeManifest(ctx, child, undefined);
      const members = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [manifestDescriptor(child)] };
      const index = rawManifest(text(JSON.stringify(members)), MEDIA_TYPE.ociIndex);
      await repository.writeManifest(ctx, index, "all");
      expect(await repository.readManifest(ctx, "all")).toMatchObject({
        mediaType: MEDIA_TYPE.ociIndex,
        digest: index.digest,
      });
    });

    it("moves a tag; the old manifest stays by digest", async () => {
      const repository = await open();
      const [one, two] = [await image(repository, "one"), await image(repository, "two")];
      for (const raw of [one, two, one, two]) {
        await repository.writeManifest(ctx, raw, "latest");
        expect((await repository.readManifest(ctx, "latest"))?.digest).toBe(raw.digest);
      }
      expect((await repository.readManifest(ctx, one.digest))?.digest).toBe(one.digest);
      expect(await repository.listTags(ctx)).toEqual(["latest"]);
    });

    it("refuses bytes that do not have the digest, and what is no tag", async () => {
      const repository = await open();
      const raw = await image(repository, "one");
      const lying = { ...raw, digest: digestOf("something else") };
      expect(await codeOf(() => repository.writeManifest(ctx, lying, undefined))).toBe("DIGEST_MISMATCH");
      expect(await codeOf(() => repository.writeManifest(ctx, raw, "../../etc"))).toMatch(/_INVALID$/);
      expect(await repository.readManifest(ctx, lying.digest)).toBe(undefined);
    });

    it("lists all tags in order", async () => {
      const repository = await open();
      const raw = await image(repository, "one");
      const tags = Array.from({ length: 30 }, (_, at) => `v${at}`);
      for (const tag of tags) await repository.writeManifest(ctx, raw, tag);
      expect(await repository.listTags(ctx)).toEqual(tags.sort());
    });
  });

  describe(`${name}: referrers`, () => {
    it("lists what was written on a subject, and nothing else", async () => {
      const repository = await open();
      const [one, two] = [await image(repository, "one"), await image(repository, "two")];
      await repository.writeManifest(ctx, one, "one");
      await repository.writeManifest(ctx, two, "two");
      const papers = [paperOn(one, "first"), paperOn(one, "second")];
      await repository.writeReferrers(ctx, one.digest, papers);
      await repository.writeReferrers(ctx, two.digest, [paperOn(two, "other")]);
      await repository.writeReferrers(ctx, one.digest, papers);
      for (const store of [repository, await reopen(repository)]) {
        const listed = await store.listReferrers(ctx, one.digest);
        expect(listed.map((paper) => paper.digest).toSorted()).toEqual(papers.map((raw) => raw.digest).toSorted());
        expect(listed.every((paper) => paper.mediaType === MEDIA_TYPE.ociManifest)).toBe(true);
        expect(listed.map((paper) => paper.size)).toEqual(listed.map((paper) => sizeOf(papers, paper.digest)));
        const wants = ({ digest }: Descriptor): boolean => digest === papers[1]?.digest;
        const wanted = await store.listReferrers(ctx, one.digest, { wants, onLimit: () => {} });
        expect(wanted.map(({ digest }) => digest)).toEqual([papers[1]?.digest]);
        if (!subject.describesReferrers) continue;
        expect(listed.map((paper) => paper.artifactType)).toEqual([ARTIFACT_TYPE, ARTIFACT_TYPE]);
        expect(new Set(listed.map((paper) => paper.annotations?.["words"]))).toEqual(new Set(["first", "second"]));
      }
    });

    it("takes a paper before its subject is there", async () => {
      const repository = await open();
      const raw = await image(repository, "late");
      await repository.writeReferrers(ctx, raw.digest, [paperOn(raw, "early")]);
      expect(await repository.listReferrers(ctx, raw.digest)).toHaveLength(1);
    });

    it("loses nothing when several write at once", async () => {
      const repository = await open();
      const raw = await image(repository, "busy");
      await repository.writeManifest(ctx, raw, "busy");
      const papers = Array.from({ length: 12 }, (_, at) => paperOn(raw, `paper ${at}`));
      const stores = await Promise.all([0, 1, 2, 3].map(() => reopen(repository)));
      await Promise.all(
        stores.map(async (store, at) => {
          const merges = await store.writeReferrers(ctx, raw.digest, papers.slice(at * 3, at * 3 + 3));
          await settleTags(ctx, merges, 100);
        }),
      );
      if (subject.forgetsParallelReferrers === true) await repository.writeReferrers(ctx, raw.digest, papers);
      const listed = await repository.listReferrers(ctx, raw.digest);
      expect(listed.map((paper) => paper.digest).toSorted()).toEqual(papers.map((paper) => paper.digest).toSorted());
    });
  });

  describe(`${name}: one tag of many writers`, () => {
    it("keeps the layers of all of them", async () => {
      const repository = await open();
      await repository.writeBlob(ctx, blobOf(EMPTY), EMPTY);
      const stores = await Promise.all(Array.from({ length: 5 }, () => reopen(repository)));
      const merges = stores.map((store, at) => ({ repository: store, tag: "merged", merge: addLayer(`layer ${at}`) }));
      const written = await Promise.all(merges.map((merge) => mergeTag(ctx, merge)));
      await settleTags(
        ctx,
        written.flatMap((one) => one.settling ?? []),
        50,
      );
      const digests = layersOf(await repository.readManifest(ctx, "merged")).map((layer) => layer.digest);
      expect(digests.toSorted()).toEqual(stores.map((_, at) => digestOf(`layer ${at}`)).toSorted());
    });
  });

  describe(`${name}: cancellation`, () => {
    it("does nothing for a caller that is gone", async () => {
      const repository = await open();
      const raw = await image(repository, "one");
      await repository.writeManifest(ctx, raw, "v1");
      const gone = testCtx({ signal: AbortSignal.abort() });
      const late = text("too late");
      expect(await codeOf(() => repository.readManifest(gone, "v1"))).toBe("ABORTED");
      expect(await codeOf(() => repository.writeManifest(gone, raw, "v2"))).toBe("ABORTED");
      expect(await codeOf(() => repository.writeBlob(gone, blobOf(late), late))).toBe("ABORTED");
      expect(await codeOf(() => repository.listReferrers(gone, raw.digest))).toBe("ABORTED");
      expect(await codeOf(() => readAll(repository.readBlob(gone, blobOf(EMPTY)), 10, "blob"))).toBe("ABORTED");
      expect(await repository.hasBlob(ctx, blobOf(late).digest)).toBe(false);
      expect(await repository.listTags(ctx)).toEqual(["v1"]);
    });

    it("stops in the middle of a write and keeps none of it", async () => {
      const repository = await open();
      const controller = new AbortController();
      const bytes = Buffer.alloc(400_000, "x");
      const pieces = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of inPieces(bytes)) {
          yield piece;
          controller.abort();
        }
      };
      const busy = testCtx({ signal: controller.signal });
      expect(await codeOf(() => repository.writeBlob(busy, blobOf(bytes), pieces()))).toBe("ABORTED");
      expect(await repository.hasBlob(ctx, blobOf(bytes).digest)).toBe(false);
    });
  });
};

/** Not for registries that refuse all deletes. */
const describeDeletes = (name: string, { open }: RepositorySubject): void => {
  describe(`${name}: deleting manifests`, () => {
    it("deletes a manifest with all its tags", async () => {
      const repository = await open();
      const [one, two] = [await image(repository, "one"), await image(repository, "two")];
      await repository.writeManifest(ctx, one, "a");
      await repository.writeManifest(ctx, one, "b");
      await repository.writeManifest(ctx, two, "c");
      expect(await repository.deleteManifest(ctx, digestOf("never written"))).toBe(false);
      expect(await repository.deleteManifest(ctx, one.digest)).toBe(true);
      expect(await repository.readManifest(ctx, "a")).toBe(undefined);
      expect(await repository.readManifest(ctx, one.digest)).toBe(undefined);
      expect(await repository.listTags(ctx)).toEqual(["c"]);
      await repository.writeManifest(ctx, one, "a");
      expect((await repository.readManifest(ctx, "a"))?.digest).toBe(one.digest);
    });
  });
};

/** Not for registries that delete by digest alone. */
const describeTagDeletes = (name: string, { open }: RepositorySubject): void => {
  describe(`${name}: deleting tags`, () => {
    it("deletes a tag and leaves its manifest", async () => {
      const repository = await open();
      const raw = await image(repository, "one");
      await repository.writeManifest(ctx, raw, "a");
      expect(await repository.deleteManifest(ctx, "a")).toBe(true);
      expect(await repository.deleteManifest(ctx, "a")).toBe(false);
      expect(await repository.readManifest(ctx, "a")).toBe(undefined);
      expect((await repository.readManifest(ctx, raw.digest))?.digest).toBe(raw.digest);
    });
  });
};

/** Only for stores with ETags. */
const describeConditions = (name: string, { open, reopen }: RepositorySubject): void => {
  describe(`${name}: conditions`, () => {
    it("writes only while the tag still is what it was", async () => {
      const repository = await open();
      const raws = await Promise.all(["1", "2", "3"].map((words) => image(repository, words)));
      const [one, two, three] = raws as [RawManifest, RawManifest, RawManifest];
      await repository.writeManifest(ctx, one, "t");
      const etag = (await repository.readManifest(ctx, "t"))?.etag;
      if (etag === undefined) throw new TypeError("no etag");
      await repository.writeManifest(ctx, two, "t", { ifMatch: etag });
      const first = () => repository.writeManifest(ctx, three, "t", { ifAbsent: true });
      expect(await codeOf(first)).toBe("TAG_CONTENDED");
      await repository.writeManifest(ctx, one, "first", { ifAbsent: true });
      const late = () => repository.writeManifest(ctx, three, "t", { ifMatch: etag });
      expect(await codeOf(late)).toBe("TAG_CONTENDED");
      expect((await repository.readManifest(ctx, "t"))?.digest).toBe(two.digest);
      expect(await codeOf(() => repository.writeManifest(ctx, three, "new", { ifMatch: etag }))).toBe("TAG_CONTENDED");
      expect(await repository.readManifest(ctx, "new")).toBe(undefined);
    });

    it("lets exactly one of several conditional writers win", async () => {
      const repository = await open();
      await repository.writeManifest(ctx, await image(repository, "start"), "t");
      const etag = (await repository.readManifest(ctx, "t"))?.etag ?? "";
      const stores = await Promise.all(Array.from({ length: 6 }, () => reopen(repository)));
      const codes = await Promise.all(
        stores.map(async (store, at) => {
          const raw = await image(store, `writer ${at}`);
          return codeOf(() => store.writeManifest(ctx, raw, "t", { ifMatch: etag }));
        }),
      );
      expect(codes.toSorted()).toEqual([...Array.from({ length: 5 }, () => "TAG_CONTENDED"), "done"]);
    });
  });
};

const sizeOf = (raws: readonly RawManifest[], digest: Digest): number | undefined =>
  raws.find((raw) => raw.digest === digest)?.bytes.byteLength;
