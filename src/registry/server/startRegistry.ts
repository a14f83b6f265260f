import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { takeFileLock } from "#registry/layout/fileLock.ts";
import { checkListen, isLoopback } from "#registry/server/checkListen.ts";
import type { Holdings } from "#registry/server/exchange.ts";
import { handleRequests } from "#registry/server/handleRequest.ts";
import type { RequestFacts } from "#registry/server/handleRequest.ts";
import { parseHtpasswd } from "#registry/server/htpasswd.ts";
import { listenHttp } from "#registry/server/httpServer.ts";
import type { ListenAddress } from "#net/openListener.ts";
import type { HttpServer } from "#registry/server/httpServer.ts";
import { readSettingFile } from "#registry/server/readSettingFile.ts";
import { openRepositoryTree } from "#registry/server/repositoryTree.ts";
import { createSignIn } from "#registry/server/signIn.ts";
import type { CompareElsewhere, SignIn } from "#registry/server/signIn.ts";
import { NO_QUOTA, openStorageQuota } from "#registry/server/storageQuota.ts";
import { readTlsPair } from "#registry/server/tlsFiles.ts";
import type { TlsFiles } from "#registry/server/tlsFiles.ts";
import { NO_UPLOADS, openUploadSessions } from "#registry/server/uploadSessions.ts";
import { watchSetting } from "#registry/server/watchSettings.ts";

export interface RegistryOptions {
  /** Where everything is kept: `DIR/NAME` is the OCI layout of repository NAME. Made when missing. */
  readonly dir: string;
  readonly listen: ListenAddress;
  readonly log: Log;
  /** Read again when they change. */
  readonly tls?: TlsFiles | undefined;
  /** Something in front speaks TLS: plain http is fine on any address. */
  readonly allowPlainHttp?: boolean;
  /** Who may do anything at all, by bcrypt hash, read again when the file changes; everybody when not given. */
  readonly htpasswd?: { readonly path: string; readonly compare: CompareElsewhere } | undefined;
  /** Nothing is written, not even beside the repositories, and another process may serve or write the directory. */
  readonly readOnly?: boolean;
  /** Bytes of all content together; no limit when not given. */
  readonly maxSize?: number | undefined;
  /** Told of each request that was answered. */
  readonly observe?: (facts: RequestFacts) => void;
  /** Repositories shown from layouts elsewhere, read-only and exactly as they are, damage included: name to path. */
  readonly layouts?: Readonly<Record<string, string>>;
  /** Largest blob, bytes; 64 GiB when not given. */
  readonly maxBlobBytes?: number;
  /** An upload that nobody touched for so long is dropped, milliseconds; an hour when not given. */
  readonly uploadIdleMs?: number;
  /** How often files are looked at for changes, milliseconds; 2 seconds when not given. */
  readonly lookMs?: number;
  /** Where layers are hashed; here, when not given. */
  readonly startDigest?: StartDigest | undefined;
}

export interface RunningRegistry {
  /** `http://HOST:PORT`, or https. */
  readonly url: string;
  /** `HOST:PORT`, as it stands in references. */
  readonly address: string;
  /** Uploads under way. */
  readonly uploads: () => number;
  /** Ends the requests under way within `graceMs`, two seconds when not given, then lets go of the directory. */
  readonly close: (graceMs?: number) => Promise<void>;
}

const MAX_BLOB_BYTES = 64 * 1024 ** 3;
const UPLOAD_IDLE_MS = 3_600_000;
const UPLOAD_AGE_MS = 24 * 3_600_000;
const MAX_UPLOADS = 1000;
const CLOSE_MS = 2000;
const LOOK_MS = 2000;

/**
 * An OCI registry (distribution-spec 1.1) in this process. What it acknowledged is on disk. USAGE_INVALID for an address
 * that is not free, or open to others without TLS; CONFIG_INVALID for files that are no use; STORE_FAILED when another
 * process serves the directory.
 */
export const startRegistry = async (options: RegistryOptions): Promise<RunningRegistry> => {
  const { listen, tls, allowPlainHttp = false, observe = () => {}, log } = options;
  checkListen({ host: listen.host, tls: tls !== undefined, allowPlainHttp });
  // What was opened is closed in the opposite order, also where a later part does not open.
  await using opened = new AsyncDisposableStack();
  const signIn = await openSignIn(options, opened);
  const holdings = await openHoldings(options, opened);
  const server = await openServer(options, handleRequests({ holdings, signIn, log, observe }), opened);
  let graceMs = CLOSE_MS;
  opened.defer(() => server.close(graceMs));
  warnOfOpenDoors(options);
  const all = opened.move();
  return {
    url: `${tls === undefined ? "http" : "https"}://${server.address}`,
    address: server.address,
    uploads: holdings.uploads.count,
    close: (grace = CLOSE_MS) => {
      graceMs = grace;
      return all.disposeAsync();
    },
  };
};

const openServer = async (
  { listen, tls, log, lookMs = LOOK_MS }: RegistryOptions,
  answer: ReturnType<typeof handleRequests>,
  opened: AsyncDisposableStack,
): Promise<HttpServer> => {
  if (tls === undefined) return listenHttp(listen, undefined, answer);
  let server: HttpServer | undefined;
  const pair = await watchSetting({
    what: "the TLS certificate",
    paths: [tls.cert, tls.key],
    load: () => readTlsPair(tls),
    onChange: (next) => server?.renew(next),
    lookMs,
    log,
  });
  opened.defer(async () => pair.close());
  server = await listenHttp(listen, pair.current(), answer);
  return server;
};

const openSignIn = async (
  { htpasswd, log, lookMs = LOOK_MS }: RegistryOptions,
  opened: AsyncDisposableStack,
): Promise<SignIn | undefined> => {
  if (htpasswd === undefined) return undefined;
  const { path, compare } = htpasswd;
  const users = await watchSetting({
    what: "the users",
    paths: [path],
    load: async () => parseHtpasswd(await readSettingFile(path), path),
    lookMs,
    log,
  });
  opened.defer(async () => users.close());
  return createSignIn(users.current, compare);
};

const openHoldings = async (options: RegistryOptions, opened: AsyncDisposableStack): Promise<Holdings> => {
  const { dir, log, layouts: shown = {}, readOnly = false } = options;
  const maxBlobBytes = options.maxBlobBytes ?? MAX_BLOB_BYTES;
  const tree = openRepositoryTree({ root: dir, shown, readOnly, log });
  const facts = { tree, readOnly, maxBlobBytes };
  if (readOnly) {
    await checkDirectory(dir);
    return { ...facts, uploads: NO_UPLOADS, quota: NO_QUOTA };
  }
  const own = join(dir, ".waybill");
  await onDisk(own, () => mkdir(own, { recursive: true }));
  const release = await takeFileLock(join(own, "lock"));
  if (release === undefined) throw held(dir);
  opened.defer(async () => release());
  const limits = {
    maxBytes: maxBlobBytes,
    maxSessions: MAX_UPLOADS,
    idleMs: options.uploadIdleMs ?? UPLOAD_IDLE_MS,
    ageMs: UPLOAD_AGE_MS,
  };
  const quota = options.maxSize === undefined ? NO_QUOTA : await openStorageQuota(dir, options.maxSize);
  const uploads = await openUploadSessions(join(own, "uploads"), { limits, quota, startDigest: options.startDigest });
  opened.defer(uploads.close);
  return { ...facts, uploads, quota };
};

const checkDirectory = async (dir: string): Promise<void> => {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new WaybillError("NOT_FOUND", `${dir}: there is no such directory to serve`, {
    hint: "A registry that only reads makes none; check the path.",
  });
};

const warnOfOpenDoors = ({ listen, htpasswd, readOnly = false, log }: RegistryOptions): void => {
  if (isLoopback(listen.host) || htpasswd !== undefined) return;
  const may = readOnly ? "read" : "read, push and delete";
  log("warn", `whoever reaches ${listen.host} may ${may}: there is no --htpasswd`);
};

const held = (dir: string): WaybillError =>
  new WaybillError("STORE_FAILED", `${dir}: another process serves this directory`, {
    hint: "Stop the other registry, or name another directory.",
  });
