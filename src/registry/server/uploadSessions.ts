import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { hashHere } from "#core/streamDigest.ts";
import type { StartDigest, StreamDigest } from "#core/streamDigest.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { writeBatches } from "#registry/layout/writeBatches.ts";
import type { StorageQuota } from "#registry/server/storageQuota.ts";

/** A blob on its way in. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  /** Bytes taken so far. */
  readonly size: number;
}

export interface UploadLimits {
  /** Bytes of one blob. */
  readonly maxBytes: number;
  /** Uploads under way at once. */
  readonly maxSessions: number;
  /** An upload that nobody touched for so long is dropped, milliseconds. */
  readonly idleMs: number;
  /** One that is not finished so long after it began is dropped too, however often it was touched. */
  readonly ageMs: number;
}

/** A request's body, and how many bytes its Content-Range announced. */
export interface UploadBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly announced: number | undefined;
}

/** Receives the path of a whole, synced file; resolves to false where the same bytes were there before. */
export type TakeOver = (path: string) => Promise<boolean>;

/** Uploads under way. They do not survive a restart: clients begin such an upload again. */
export interface UploadSessions {
  readonly count: () => number;
  /** Undefined when too many are under way. */
  readonly start: (repository: string) => Promise<UploadSession | undefined>;
  /** Undefined too while another request is writing to it. */
  readonly find: (repository: string, id: string) => UploadSession | undefined;
  /**
   * Appends a request's body, all of it or nothing: LIMIT_EXCEEDED beyond the cap or the quota, SIZE_SHORT or SIZE_LONG
   * when it does not have the `announced` bytes. Of one that breaks off stays what came, so that the client may go on from
   * there. One at a time for each upload.
   */
  readonly append: (id: string, body: UploadBody) => Promise<void>;
  /**
   * Appends the last body, checks the digest and hands the synced file over; DIGEST_MISMATCH otherwise. Once the body was
   * taken the upload is over in any case.
   */
  readonly finish: (id: string, last: UploadBody, digest: Digest, takeOver: TakeOver) => Promise<void>;
  readonly cancel: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Session {
  readonly id: string;
  readonly repository: string;
  readonly path: string;
  digest: StreamDigest;
  size: number;
  busy: boolean;
  touched: number;
  readonly begun: number;
}

export interface UploadOptions {
  readonly limits: UploadLimits;
  readonly quota: StorageQuota;
  /** Where they are hashed; here, when not given. */
  readonly startDigest?: StartDigest | undefined;
}

/** Keeps the bytes in `directory`, which is emptied first: what a process before left there is nobody's. */
export const openUploadSessions = async (
  directory: string,
  { limits, quota, startDigest = hashHere }: UploadOptions,
): Promise<UploadSessions> => {
  const sessions = new Map<string, Session>();
  await onDisk(directory, () => mkdir(directory, { recursive: true }));
  for (const left of await readdir(directory))
    await onDisk(directory, () => rm(join(directory, left), { force: true }));

  const forget = (session: Session): void => {
    sessions.delete(session.id);
    session.digest.discard();
  };
  const drop = async (session: Session): Promise<void> => {
    forget(session);
    await rm(session.path, { force: true });
    quota.giveBack(session.size);
  };
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const session of sessions.values()) {
      const over = session.touched < now - limits.idleMs || session.begun < now - limits.ageMs;
      if (!session.busy && over) drop(session).catch(() => {});
    }
  }, limits.idleMs / 2).unref();

  /** Runs one step of an upload, and nobody else's meanwhile. */
  const alone = async (id: string, step: (session: Session) => Promise<void>): Promise<void> => {
    const session = sessions.get(id);
    if (session === undefined || session.busy) throw new WaybillError("INTERNAL", `upload ${id} is not free`);
    session.busy = true;
    try {
      await step(session);
    } finally {
      session.busy = false;
      session.touched = performance.now();
    }
  };

  return {
    count: () => sessions.size,
    start: async (repository) => {
      if (sessions.size >= limits.maxSessions) return undefined;
      const id = randomUUID();
      const path = join(directory, id);
      const touched = performance.now();
      const fresh = { digest: startDigest("sha256"), size: 0, busy: false, touched, begun: touched };
      const session: Session = { id, repository, path, ...fresh };
      sessions.set(id, session);
      return session;
    },
    find: (repository, id) => {
      const session = sessions.get(id);
      return session?.repository === repository && !session.busy ? session : undefined;
    },
    append: (id, body) =>
      alone(id, async (session) => {
        const breaks: unknown[] = [];
        const bytes = untilBroken(body.bytes, (error) => breaks.push(error));
        await append(
          session,
          { ...body, bytes },
          { maxBytes: limits.maxBytes, quota, isBroken: () => breaks.length > 0 },
        );
        // The next part may be long in coming.
        await session.digest.flush();
        if (breaks.length > 0) throw breaks[0];
      }),
    finish: (id, last, digest, takeOver) =>
      alone(id, async (session) => {
        await append(session, last, { maxBytes: limits.maxBytes, quota, durably: true });
        let isNew = false;
        try {
          const actual = await digestOfSession(session, digest);
          if (actual !== digest)
            throw new WaybillError("DIGEST_MISMATCH", `expected ${digest}, the bytes have ${actual}`);
          isNew = await takeOver(session.path);
        } finally {
          await (isNew ? forget(session) : drop(session));
        }
      }),
    cancel: (id) => alone(id, drop),
    close: async () => {
      clearInterval(sweep);
      for (const session of sessions.values()) await drop(session);
    },
  };
};

interface AppendManner {
  readonly maxBytes: number;
  readonly quota: StorageQuota;
  /** Whether the body ended because its connection did. */
  readonly isBroken?: () => boolean;
  /** These are the last bytes: all of them are on disk when it resolves. */
  readonly durably?: boolean;
}

const append = async (
  session: Session,
  { bytes, announced }: UploadBody,
  { maxBytes, quota, isBroken = () => false, durably = false }: AppendManner,
): Promise<void> => {
  const { path, size } = session;
  const digest = session.digest.fork();
  let reserved = 0;
  const reserve = async (more: number): Promise<void> => {
    await quota.take(more);
    reserved += more;
  };
  try {
    // The first one makes it: many an upload has no bytes before its end.
    const file = await onDisk(path, () => open(path, constants.O_RDWR | constants.O_CREAT, 0o644));
    try {
      const taken = await writeBatches(
        file,
        path,
        counted(bytes, digest, { room: maxBytes - size, announced, reserve }),
        size,
      );
      if (announced !== undefined && taken < announced && !isBroken())
        throw new WaybillError("SIZE_SHORT", `${taken} bytes arrived, announced were ${announced}`);
      if (durably) await onDisk(path, () => file.sync());
      session.digest.discard();
      session.digest = digest;
      session.size = size + taken;
    } finally {
      await file.close();
    }
  } catch (error) {
    digest.discard();
    quota.giveBack(reserved);
    await onDisk(path, () => cutBack(path, size));
    throw error;
  }
};

const cutBack = async (path: string, size: number): Promise<void> => {
  // Without bytes of its own it may not have come into being.
  await (size === 0 ? rm(path, { force: true }) : truncate(path, size));
};

/** The connection's failure ends the bytes and is told aside; only what whoever reads them throws ends the writing. */
async function* untilBroken(
  bytes: AsyncIterable<Uint8Array>,
  onBreak: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    onBreak(error);
  }
}

interface Bounds {
  readonly room: number;
  readonly announced: number | undefined;
  readonly reserve: (bytes: number) => Promise<void>;
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  digest: StreamDigest,
  { room, announced, reserve }: Bounds,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (announced !== undefined && size > announced)
      throw new WaybillError("SIZE_LONG", `more than the announced ${announced} bytes arrived`);
    if (size > room) throw new WaybillError("LIMIT_EXCEEDED", "the blob is larger than this registry takes");
    await reserve(chunk.byteLength);
    const behind = digest.update(chunk);
    if (behind !== undefined) await behind;
    yield chunk;
  }
}

/** Chunks are hashed with SHA-256 as they come; another algorithm, known only at the end, reads the file again. */
const digestOfSession = async (session: Session, wanted: Digest): Promise<string> => {
  const algorithm = digestAlgorithm(wanted);
  if (algorithm === "sha256") return session.digest.digest();
  const hash = createHash(algorithm);
  const file = await onDisk(session.path, () => open(session.path, "r"));
  for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024 })) hash.update(chunk as Uint8Array);
  return `${algorithm}:${hash.digest("hex")}`;
};

/** Of a registry that takes nothing. */
export const NO_UPLOADS: UploadSessions = {
  count: () => 0,
  start: async () => undefined,
  find: () => undefined,
  append: async () => {},
  finish: async () => {},
  cancel: async () => {},
  close: async () => {},
};
