import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { watchedBytes } from "#core/verifiedBytes.ts";
import type { CopyRoute } from "#app/copyRoute.ts";

// A stream that broke off in the middle of a push cannot be sent again by the transport, but it can be read again.
const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;

/** Brings a blob to the target unless it is there; the bytes are checked against digest and size on their way. */
export const copyBlob = async (ctx: Ctx, route: CopyRoute, blob: Descriptor): Promise<void> => {
  const name = `${route.to.name} ${blob.digest}`;
  if (route.brought.has(name)) return;
  await route.underWay(route.to.name, blob.digest, () => bring(ctx, route, blob));
  route.brought.add(name);
};

const bring = async (ctx: Ctx, route: CopyRoute, blob: Descriptor): Promise<void> => {
  const { from, to, tally } = route;
  const isSibling = to.mountBlob !== undefined && hostOf(to.name) === hostOf(from.name);
  if ((route.dryRun || isSibling || blob.urls !== undefined) && (await to.hasBlob(ctx, blob.digest))) {
    tally.present++;
    return;
  }
  // Layers with URLs of their own need not be in any registry (image-spec, descriptor, "urls").
  if (blob.urls !== undefined && !(await from.hasBlob(ctx, blob.digest))) return;
  if (!route.dryRun && isSibling && (await to.mountBlob?.(ctx, blob, from)) === true) {
    tally.mounted++;
    return;
  }
  if (!route.dryRun && !(await transfer(ctx, route, blob))) {
    tally.present++;
    return;
  }
  tally.copied++;
  tally.copiedBytes += blob.size;
};

/** A store asks for no byte of what it has: false where none was sent. */
const transfer = async (ctx: Ctx, { from, to }: CopyRoute, blob: Descriptor): Promise<boolean> => {
  for (let attempt = 1; ; attempt++) {
    let sent = false;
    let done = 0;
    const see = (chunk: Uint8Array): void => {
      done += chunk.byteLength;
      ctx.emit({ kind: "bytes", label: blob.digest, done, total: blob.size });
    };
    const bytes = watchedBytes(from.readBlob(ctx, blob), see, () => (sent = true));
    try {
      await to.writeBlob(ctx, blob, bytes);
      return sent;
    } catch (error) {
      if (!mayPass(error) || attempt === ATTEMPTS || ctx.signal.aborted) throw error;
      const delayMs = FIRST_DELAY_MS * 2 ** attempt * (0.5 + ctx.clock.jitter());
      ctx.emit({ kind: "retry", what: `copy of ${blob.digest}`, attempt, delayMs, reason: error.code });
      await ctx.clock.sleep(delayMs, ctx.signal);
    }
  }
};

const mayPass = (error: unknown): error is WaybillError =>
  hasCode(error, "NETWORK_FAILED", "NETWORK_TIMEOUT", "REGISTRY_UNAVAILABLE", "SIZE_SHORT") ||
  // The token ended while the layer was on its way, and there is another one; or the upload goes another way now.
  (hasCode(error, "AUTH_REQUIRED", "REGISTRY_REFUSED", "NOT_FOUND") && error.details["renewed"] === true);

const hostOf = (name: string): string => name.slice(0, name.indexOf("/"));
