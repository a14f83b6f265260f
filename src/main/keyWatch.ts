import { stat } from "node:fs/promises";
import type { KeyNote } from "#app/noteKey.ts";
import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";

/** The service's key: there, or not yet. */
export interface KeyWatch {
  /** The signer of the file as it is now; undefined while there is none that can be opened. */
  readonly open: (ctx: Ctx) => Promise<Signer | undefined>;
  /** The one that was opened last. */
  readonly current: () => Signer | undefined;
}

export interface KeyWatchDeps {
  /** A file, or `env://VARIABLE`, which never changes; undefined: the service has no key. */
  readonly key: string | undefined;
  /** Opens the key; never asks anybody. */
  readonly openSigner: (ctx: Ctx, key: string) => Promise<Signer>;
  /** Called before a key is given out for the first time, and when there is none any more; a key that cannot be noted is not used. */
  readonly note: (ctx: Ctx, note: KeyNote) => Promise<void>;
}

// Each try costs the time of a decryption.
const RETRY_MS = 30_000;

/**
 * Opens a key that may appear, change or go while the service runs. A key that cannot be opened counts as not there, and is
 * told, and tried again every half minute: builds must not fail for it (builders.md A21).
 */
export const watchKey = ({ key, openSigner, note }: KeyWatchDeps): KeyWatch => {
  let seen: string | undefined;
  let signer: Signer | undefined;
  let noted = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  const open = async (ctx: Ctx): Promise<Signer | undefined> => {
    if (key === undefined) return undefined;
    const mark = await markOf(key);
    const now = ctx.clock.now();
    // What could not be opened may be mended elsewhere, such as in the file of its password.
    const isKnown = noted && mark === seen && (signer !== undefined || mark === undefined || now - failedAt < RETRY_MS);
    if (isKnown) return signer;
    const found = mark === undefined ? undefined : await openOrTell(ctx, key, openSigner);
    if (!noted || !sameKey(found, signer)) {
      await note(ctx, found ? { kind: "loaded", key: found.publicKey } : { kind: "lost", key: signer?.publicKey });
    }
    noted = true;
    signer = found;
    if (signer === undefined) failedAt = now;
    seen = mark;
    return signer;
  };
  // One after another: decrypting takes long, and two at once would do it twice.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    open: (ctx) => {
      const next = turn.then(() => open(ctx));
      turn = next.catch(() => undefined);
      return next;
    },
    current: () => signer,
  };
};

const sameKey = (a: Signer | undefined, b: Signer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.from(a.publicKey.spki).equals(b.publicKey.spki);

/** Changes whenever the file does; undefined where there is none. */
const markOf = async (key: string): Promise<string | undefined> => {
  if (key.startsWith("env://")) return key;
  try {
    const { dev, ino, size, mtimeNs } = await stat(key, { bigint: true });
    return [dev, ino, size, mtimeNs].join(" ");
  } catch {
    return undefined;
  }
};

const openOrTell = async (
  ctx: Ctx,
  key: string,
  openSigner: KeyWatchDeps["openSigner"],
): Promise<Signer | undefined> => {
  try {
    return await openSigner(ctx, key);
  } catch (thrown) {
    if (hasCode(thrown, "ABORTED")) throw thrown;
    const { code, message } = asWaybillError(thrown);
    ctx.log("error", "the key cannot be opened", { code, message });
    return undefined;
  }
};
