import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCompression, MAGIC_BYTES } from "#archive/compression.ts";
import { decompress } from "#archive/decompress.ts";
import { INFLATE_LIMITS } from "#archive/inflateLimits.ts";
import { scanTar } from "#archive/scanTar.ts";
import type { TarMember } from "#archive/scanTar.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { writeChunks } from "#registry/archive/writeChunks.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { openRegularFile, readSpan } from "#registry/layout/regularFile.ts";

/** A part of a tar file. */
export interface TarSpan {
  readonly start: number;
  readonly size: number;
}

/** Where a blob of an archive is: in the file, or made by its reader. */
export type ArchivedBlob = TarSpan | Uint8Array;

export interface ArchivePath {
  /** Where the archive is; no link. */
  readonly file: string;
  /** How the user calls it, for messages. */
  readonly path: string;
}

/** A tar file on disk, whose members can be read in any order. */
export interface TarFile {
  /** By name. */
  readonly members: ReadonlyMap<string, TarMember>;
  /** Where a member's bytes are, links followed; undefined where there is none, or the links lead nowhere. */
  readonly find: (name: string) => TarSpan | undefined;
  /** A member whole; undefined where there is none, LIMIT_EXCEEDED beyond `cap` bytes. */
  readonly readWhole: (name: string, cap: number) => Promise<Uint8Array | undefined>;
  /** Bytes of a span from `from` to `to` (exclusive), in chunks that the caller may keep. */
  readonly readSpan: (span: TarSpan, from: number, to: number) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

const CHUNK = 1024 * 1024;
const MAX_LINKS = 8;

/**
 * Opens a tar file, plain or compressed with gzip or zstd; undefined where there is none. A compressed one is unpacked into a
 * file of the temporary directory that has no name, so that nothing is left of it however the program ends.
 */
export const openTarFile = async (ctx: Ctx, { file: name, path }: ArchivePath): Promise<TarFile | undefined> => {
  const opened = await openRegularFile(name);
  if (opened === undefined) return undefined;
  let { file, size } = opened;
  try {
    if (findCompression(await readSpan(file, path, 0, MAGIC_BYTES)) !== "none") {
      const unpacked = await unpack(ctx, file, path, size);
      await file.close();
      ({ file, size } = unpacked);
    }
    const read = (start: number, length: number): Promise<Buffer> => readSpan(file, path, start, length);
    return tarFile(file, path, await scanTar({ size, read }, path));
  } catch (error) {
    await file.close();
    throw hasCode(error, "IMAGE_REFUSED") ? noArchive(path, error) : error;
  }
};

const noArchive = (path: string, cause: WaybillError): WaybillError =>
  new WaybillError("IMAGE_REFUSED", cause.message, {
    cause,
    hint: `${path} must be a tar archive of an OCI layout, plain or compressed with gzip or zstd.`,
  });

const tarFile = (file: FileHandle, path: string, members: ReadonlyMap<string, TarMember>): TarFile => {
  const find = (name: string): TarSpan | undefined => {
    let member = members.get(name);
    for (let links = 0; member?.kind === "link" && links < MAX_LINKS; links++) member = members.get(member.target);
    return member?.kind === "file" ? member : undefined;
  };
  return {
    members,
    find,
    readWhole: async (name, cap) => {
      const span = find(name);
      if (span === undefined) return undefined;
      if (span.size > cap)
        throw new WaybillError("LIMIT_EXCEEDED", `${path}: ${name} has ${span.size} bytes, the limit is ${cap}`);
      return readSpan(file, path, span.start, span.size);
    },
    readSpan: async function* ({ start, size }, from, to) {
      const end = start + Math.min(size, to);
      for (let at = start + from; at < end;) {
        const chunk = await readSpan(file, path, at, Math.min(CHUNK, end - at));
        if (chunk.byteLength === 0) return;
        at += chunk.byteLength;
        yield chunk;
      }
    },
    close: () => file.close(),
  };
};

const unpack = async (
  ctx: Ctx,
  compressed: FileHandle,
  path: string,
  size: number,
): Promise<{ readonly file: FileHandle; readonly size: number }> => {
  const place = join(tmpdir(), `waybill-${randomBytes(9).toString("hex")}.tar`);
  const file = await onDisk(place, () => open(place, "wx+", 0o600));
  try {
    await rm(place);
    const plain = decompress(
      piecesOf(ctx, compressed, path, size),
      { what: path, size, limits: INFLATE_LIMITS },
      () => {},
    );
    return { file, size: await writeChunks(file, place, plain) };
  } catch (error) {
    await file.close();
    throw hasCode(error, "STORE_FAILED") ? noSpace(path, error) : error;
  }
};

const noSpace = (path: string, cause: WaybillError): WaybillError =>
  new WaybillError("STORE_FAILED", `${path} cannot be unpacked: ${cause.message}`, {
    cause,
    hint: "Compressed archives are unpacked into the temporary directory; set TMPDIR to one with more space.",
  });

async function* piecesOf(ctx: Ctx, file: FileHandle, path: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    ctx.signal.throwIfAborted();
    const piece = await readSpan(file, path, at, Math.min(CHUNK, size - at));
    if (piece.byteLength === 0) return;
    at += piece.byteLength;
    yield piece;
  }
}
