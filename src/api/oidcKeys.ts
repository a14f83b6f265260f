import type { JWK } from "jose";
import { publicKeysOf, pickKey } from "#api/oidcKeySet.ts";
import type { IssuerKey, OidcAlgorithm } from "#api/oidcKeySet.ts";
import type { Clock } from "#core/clock.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** Where an issuer's keys come from. */
export interface IssuerAccess {
  readonly issuer: string;
  /** The body of a GET as text, at most `cap` bytes. */
  readonly fetchText: (ctx: Ctx, url: URL, cap: number) => Promise<string>;
  readonly clock: Clock;
}

/** Finds the one public key that a token of this algorithm and `kid` must be signed with; undefined where there is none. */
type FindIssuerKey = (ctx: Ctx, alg: OidcAlgorithm, kid: string | undefined) => Promise<JWK | undefined>;

const KEEP_MS = 10 * 60_000;
// Tokens with invented kids must not make us hammer the issuer; a true rotation is seen after this long at the latest.
const REFRESH_GAP_MS = 30_000;
// Without any key nothing can be decided, so the first load is tried again sooner.
const FIRST_GAP_MS = 5000;
// While the issuer is down its last keys serve on; not for ever, since a withdrawn key must end to be good.
const OUTLIVE_MS = 60 * 60_000;
const DEADLINE_MS = 10_000;
const LIMITS = { maxBytes: 256 * 1024, maxDepth: 16, maxValues: 20_000 };

/**
 * The keys of an OIDC issuer, found through its discovery document (OpenID Connect Discovery 1.0, section 4), kept for ten
 * minutes, loaded again for an unknown `kid` at most once in 30 s. A `kid` is only ever compared, never resolved. Throws
 * NETWORK_FAILED or NETWORK_TIMEOUT where the issuer cannot be asked and its last keys do not answer.
 */
export const openIssuerKeys = (access: IssuerAccess): FindIssuerKey => {
  const { clock } = access;
  let kept: { readonly keys: readonly IssuerKey[]; readonly at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: WaybillError | undefined;
  let loading: Promise<void> | undefined;

  const load = async (ctx: Ctx): Promise<void> => {
    triedAt = clock.now();
    try {
      // Several requests wait for this one load, so that no single one of them may abort it.
      kept = { keys: await fetchKeys(access, { ...ctx, signal: AbortSignal.timeout(DEADLINE_MS) }), at: triedAt };
      failure = undefined;
    } catch (thrown) {
      failure = unreachable(access.issuer, thrown);
      ctx.log("warn", "the OIDC issuer's keys cannot be loaded", { issuer: access.issuer, reason: failure.message });
    }
  };
  const refresh = async (ctx: Ctx): Promise<void> => {
    if (loading === undefined && !isPast(clock, triedAt, kept === undefined ? FIRST_GAP_MS : REFRESH_GAP_MS)) return;
    loading ??= load(ctx).finally(() => (loading = undefined));
    await loading;
    ctx.signal.throwIfAborted();
  };
  return async (ctx, alg, kid) => {
    if (kept === undefined || isPast(clock, kept.at, KEEP_MS)) await refresh(ctx);
    if (kept !== undefined && clock.now() - kept.at >= OUTLIVE_MS) kept = undefined;
    const found = pickKey(kept?.keys ?? [], alg, kid);
    if (found !== undefined) return found;
    await refresh(ctx);
    const rotated = pickKey(kept?.keys ?? [], alg, kid);
    // "No such key" may only be said of keys that are the issuer's now.
    if (rotated === undefined && failure !== undefined) throw failure;
    return rotated;
  };
};

// A clock that was set back counts as past: otherwise nothing would be loaded until it caught up.
const isPast = (clock: Clock, since: number, ms: number): boolean => {
  const elapsed = clock.now() - since;
  return elapsed < 0 || elapsed >= ms;
};

const fetchKeys = async (access: IssuerAccess, ctx: Ctx): Promise<readonly IssuerKey[]> => {
  const { issuer } = access;
  const discovery = await fetchObject(
    access,
    ctx,
    new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`),
  );
  // Section 4.3: exactly equal, or another issuer's document stands there.
  if (discovery["issuer"] !== issuer) throw bad("its discovery document names another issuer");
  return publicKeysOf(await fetchObject(access, ctx, readKeysUrl(discovery["jwks_uri"], issuer)));
};

const readKeysUrl = (value: unknown, issuer: string): URL => {
  const url = typeof value === "string" ? readTrustworthyUrl(value) : undefined;
  // A remote issuer has no business on this machine's own ports.
  if (url === undefined || (url.protocol === "http:" && !issuer.startsWith("http:"))) {
    throw bad("its jwks_uri is not an https address");
  }
  return url;
};

/** A URL that keys may be loaded from: https, or plain http on this machine itself; without credentials. */
export const readTrustworthyUrl = (text: string): URL | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return undefined;
  const loopback = ["localhost", "[::1]"].includes(url.hostname) || /^127(?:\.\d{1,3}){3}$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && loopback) ? url : undefined;
};

const fetchObject = async ({ fetchText }: IssuerAccess, ctx: Ctx, url: URL): Promise<JsonObject> => {
  const text = await fetchText(ctx, url, LIMITS.maxBytes);
  const value = parseStrict(Buffer.from(text), url.pathname, LIMITS);
  if (!isJsonObject(value)) throw bad(`${url.pathname} is not a JSON object`);
  return value;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", reason);

// Whatever went wrong there (a 404, a malformed document) is no fault of the request that needed the keys.
const unreachable = (issuer: string, cause: unknown): WaybillError => {
  const timeout =
    hasCode(cause, "NETWORK_TIMEOUT", "ABORTED") || (cause instanceof Error && cause.name === "TimeoutError");
  const reason = cause instanceof WaybillError ? cause.message : "no answer";
  return new WaybillError(timeout ? "NETWORK_TIMEOUT" : "NETWORK_FAILED", `OIDC issuer ${issuer}: ${reason}`, {
    cause,
    hint: "Check that the OIDC issuer is up, reachable, and configured with the name that it gives itself.",
  });
};
