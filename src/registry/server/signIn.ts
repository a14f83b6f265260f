import { createHmac, randomBytes } from "node:crypto";
import type { PasswordHashes } from "#registry/server/htpasswd.ts";

/** Compares a password with a bcrypt hash, away from the thread that answers requests. */
export type CompareElsewhere = (password: string, hash: string) => Promise<boolean>;

/** Who asks: a user, nobody that is known, or one that cannot be checked now because too many are being checked. */
export type SignedIn = { readonly user: string } | "unknown" | "busy";

/** Judges an Authorization header. */
export type SignIn = (authorization: string | undefined) => Promise<SignedIn>;

// A check takes a tenth of a second of a core; this many wait at most a few seconds.
const MAX_WAITING = 32;
const MAX_REMEMBERED = 1000;

/**
 * Basic credentials (RFC 7617) against bcrypt hashes. Each right password costs one comparison, after which it is
 * remembered under a keyed hash until the user's hash changes: a client sends it with every request. Wrong ones are
 * compared each time, few at once, so that guessing costs the guesser time and nobody else the service. A user that is not
 * there costs what one that is there costs.
 */
export const createSignIn = (users: () => PasswordHashes, compare: CompareElsewhere): SignIn => {
  const secret = randomBytes(32);
  const remembered = new Set<string>();
  const underWay = new Map<string, Promise<boolean>>();

  const check = async (mark: string, password: string, hash: string): Promise<boolean> => {
    const found = compare(password, hash);
    underWay.set(mark, found);
    try {
      return await found;
    } finally {
      underWay.delete(mark);
    }
  };

  return async (authorization) => {
    const given = parseBasic(authorization);
    if (given === undefined) return "unknown";
    const { user, password } = given;
    const own = users().get(user);
    const hash = own ?? anyHash(users());
    // A keyed hash as the name of an entry: how long looking it up takes tells nothing of the password.
    const mark = createHmac("sha256", secret)
      .update(JSON.stringify([user, password, hash]))
      .digest("base64");
    if (own !== undefined && remembered.has(mark)) return { user };
    const shared = underWay.get(mark);
    if (shared === undefined && underWay.size >= MAX_WAITING) return "busy";
    const right = await (shared ?? check(mark, password, hash));
    if (!right || own === undefined) return "unknown";
    for (const oldest of remembered) {
      if (remembered.size < MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
    remembered.add(mark);
    return { user };
  };
};

/** A comparison with it takes as long as one with a user's own. */
const anyHash = (users: PasswordHashes): string => [...users.values()][0] ?? "";

// Node takes 16 KiB of headers; no password is that long.
const BASIC = /^basic +([A-Za-z0-9+/]{1,2000}={0,2})$/i;

const parseBasic = (
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined => {
  const [, encoded] = BASIC.exec(authorization?.trim() ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};
