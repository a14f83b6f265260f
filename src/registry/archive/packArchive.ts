import { extname } from "node:path";
import { formatTar } from "#archive/formatTar.ts";
import { formatLayoutIndex, LAYOUT_MARKER, sortedIndex } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { TarSource } from "#archive/tarSource.ts";
import { writeGzip } from "#archive/writeGzip.ts";
import { writeZstd } from "#archive/writeZstd.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestAlgorithm, digestHex } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { verifiedBytes } from "#core/verifiedBytes.ts";
import type { ArchiveContent } from "#registry/archive/archiveContent.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";

export interface PackedParts {
  /** How the archive is called: the ending says how it is compressed. */
  readonly file: string;
  readonly index: LayoutIndex;
  readonly blobs: StoredBlobs;
  /** The archive before. */
  readonly base: ArchiveContent | undefined;
  readonly startDigest: StartDigest | undefined;
}

// Layers are compressed already: more effort gains half a percent (airgap.md 2.5).
const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 3;

/**
 * The bytes of the archive: one sequence for one content (airgap.md 2.4). Metadata first, other tools' files, then blobs in
 * the order of their digests, each checked while it is read.
 */
export const packArchive = async (ctx: Ctx, parts: PackedParts): Promise<AsyncIterable<Uint8Array>> => {
  const { base, blobs, index, startDigest } = parts;
  const digests = [...(await blobs.list())].toSorted();
  const sources: TarSource[] = [
    inMemory("oci-layout", LAYOUT_MARKER),
    inMemory("index.json", formatLayoutIndex(sortedIndex(index))),
    ...(base?.extras ?? [])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, span }) => member(name, span.size, () => base?.read(span) ?? [])),
  ];
  for (const digest of digests) {
    const size = await blobs.size(digest);
    if (size !== undefined)
      sources.push(member(pathOf(digest), size, () => readBlob(ctx, blobs, { digest, size }, startDigest)));
  }
  return compress(parts.file, reported(ctx, parts.file, sources));
};

const pathOf = (digest: Digest): string => `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;

const member = (
  path: string,
  size: number,
  open: () => AsyncIterable<Uint8Array> | readonly Uint8Array[],
): TarSource => ({
  path,
  type: "file",
  mode: 0o644,
  size,
  open: async function* () {
    yield* open();
  },
});

const inMemory = (path: string, text: string): TarSource => {
  const bytes = Buffer.from(text);
  return member(path, bytes.byteLength, () => [bytes]);
};

async function* readBlob(
  ctx: Ctx,
  blobs: StoredBlobs,
  expected: { readonly digest: Digest; readonly size: number },
  startDigest: StartDigest | undefined,
): AsyncGenerator<Uint8Array> {
  const blob = await blobs.open(expected.digest);
  if (blob === undefined) return;
  try {
    for await (const chunk of verifiedBytes(expected, blob.read(0, blob.size), startDigest)) {
      ctx.signal.throwIfAborted();
      yield chunk;
    }
  } finally {
    await blob.close();
  }
}

async function* reported(ctx: Ctx, label: string, sources: readonly TarSource[]): AsyncGenerator<Uint8Array> {
  const total = sources.reduce((sum, one) => sum + (one.type === "file" ? one.size : 0), 0);
  let done = 0;
  for await (const chunk of formatTar(sources)) {
    yield chunk;
    done += chunk.byteLength;
    // Headers and padding are not counted in the total.
    ctx.emit({ kind: "bytes", label, done: Math.min(done, total), total });
  }
}

const compress = (file: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => {
  const ending = extname(file).toLowerCase();
  if (ending === ".gz" || ending === ".tgz") return writeGzip(bytes, GZIP_LEVEL);
  return ending === ".zst" ? writeZstd(bytes, ZSTD_LEVEL) : bytes;
};
