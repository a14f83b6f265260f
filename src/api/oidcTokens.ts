import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JWK, JWTPayload } from "jose";
import { OIDC_ALGORITHMS } from "#api/oidcKeySet.ts";
import type { OidcAlgorithm } from "#api/oidcKeySet.ts";
import { openIssuerKeys, readTrustworthyUrl } from "#api/oidcKeys.ts";
import type { IssuerAccess } from "#api/oidcKeys.ts";
import { CLAIM_NAMES, principalOf } from "#api/oidcPrincipal.ts";
import type { ClaimNames } from "#api/oidcPrincipal.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";

interface OidcSettings extends IssuerAccess {
  /** What `aud` of every token must be or hold. */
  readonly audience: string;
  /** Those allowed, where not all asymmetric ones are. */
  readonly algorithms?: readonly string[];
  readonly claims?: Partial<ClaimNames>;
}

/** Who a token speaks for; undefined for every token that is not good. */
export type OidcVerifier = (ctx: Ctx, token: string) => Promise<Principal | undefined>;

const MAX_TOKEN = 16 * 1024;
const MAX_KID = 256;
const TOLERANCE_S = 60;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
// RFC 9068 section 4 wants at+jwt; many issuers write JWT or nothing.
const TYPES: ReadonlySet<unknown> = new Set([undefined, "jwt", "at+jwt", "application/at+jwt"]);

/**
 * A verifier of OIDC access tokens (RFC 9068; BCP RFC 8725). Throws CONFIG_INVALID for settings that would let too much in;
 * the verifier throws NETWORK_FAILED or NETWORK_TIMEOUT where the issuer cannot be asked for its keys, and nothing else but
 * the abort of its ctx.
 */
export const createOidcVerifier = (settings: OidcSettings): OidcVerifier => {
  const { issuer, audience, clock } = settings;
  const algorithms = checkSettings(settings);
  const names = { ...CLAIM_NAMES, ...settings.claims };
  const findKey = openIssuerKeys(settings);
  return async (ctx, token) => {
    const refuse = (reason: string): undefined => {
      ctx.log("debug", "OIDC token refused", { reason });
      return undefined;
    };
    const header = readHeader(token, algorithms);
    if (header === undefined) return refuse("its form or header");
    // Not verified yet: this only spares the issuer a question over tokens that can be nothing to us.
    if (claimedIssuer(token) !== issuer) return refuse("its issuer");
    const key = await findKey(ctx, header.alg, header.kid);
    if (key === undefined) return refuse("its key is not the issuer's");
    const claims = await verifyToken(token, key, { issuer, audience, alg: header.alg, now: clock.now() });
    if (typeof claims === "string") return refuse(claims);
    return principalOf(claims, issuer, names) ?? refuse("its tenant, subject or role");
  };
};

const checkSettings = ({ issuer, audience, algorithms }: OidcSettings): readonly OidcAlgorithm[] => {
  const url = readTrustworthyUrl(issuer);
  if (url === undefined || issuer.includes("?") || issuer.includes("#")) {
    throw new WaybillError("CONFIG_INVALID", "the OIDC issuer is not an https address without query and credentials");
  }
  if (audience === "") throw new WaybillError("CONFIG_INVALID", "OIDC tokens need an audience that they must be for");
  const unknown = algorithms?.find((one) => !isAllowed(one, OIDC_ALGORITHMS));
  if (unknown !== undefined || algorithms?.length === 0) {
    throw new WaybillError("CONFIG_INVALID", `OIDC algorithms: ${unknown ?? "none"} is not allowed`, {
      hint: `Choose of ${OIDC_ALGORITHMS.join(", ")}.`,
    });
  }
  return OIDC_ALGORITHMS.filter((one) => algorithms?.includes(one) !== false);
};

const isAllowed = (alg: unknown, allowed: readonly OidcAlgorithm[]): alg is OidcAlgorithm =>
  allowed.some((one) => one === alg);

/** What of the header is used: everything that could bring a key along (`jwk`, `jku`, `x5c`, `x5u`) is not even read. */
const readHeader = (
  token: string,
  allowed: readonly OidcAlgorithm[],
): { readonly alg: OidcAlgorithm; readonly kid: string | undefined } | undefined => {
  if (token.length > MAX_TOKEN || !COMPACT.test(token)) return undefined;
  const header = decoded(() => decodeProtectedHeader(token));
  if (header === undefined || Object.hasOwn(header, "crit")) return undefined;
  const { alg, kid, typ } = header as Readonly<Record<string, unknown>>;
  if (!isAllowed(alg, allowed) || !TYPES.has(typeof typ === "string" ? typ.toLowerCase() : typ)) return undefined;
  if (kid !== undefined && (typeof kid !== "string" || kid === "" || kid.length > MAX_KID)) return undefined;
  return { alg, kid };
};

const claimedIssuer = (token: string): unknown => decoded(() => decodeJwt(token))?.iss;

const decoded = <T>(decode: () => T): T | undefined => {
  try {
    return decode();
  } catch {
    // jose throws for everything that is no token, which says nothing but that.
    return undefined;
  }
};

interface Demand {
  readonly issuer: string;
  readonly audience: string;
  readonly alg: OidcAlgorithm;
  readonly now: number;
}

/** The claims of a token that is good, or why it is not. */
const verifyToken = async (
  token: string,
  key: JWK,
  { issuer, audience, alg, now }: Demand,
): Promise<JWTPayload | string> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [alg],
      issuer,
      audience,
      requiredClaims: ["exp", "sub"],
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(now),
    });
    const issuedAt: unknown = payload.iat;
    if (issuedAt === undefined) return payload;
    const past = typeof issuedAt === "number" && issuedAt * 1000 <= now + TOLERANCE_S * 1000;
    return past ? payload : "it was issued in the future";
  } catch (error) {
    // Also a key that cannot be used, such as RSA of 1024 bits: what is not proven is not good.
    return error instanceof errors.JOSEError ? error.code : "its key cannot be used";
  }
};
