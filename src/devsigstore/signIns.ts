import { createHash, randomBytes } from "node:crypto";
import { WaybillError } from "#core/errors.ts";

/** What a browser was told, until a program fetches its token. */
export interface SignIn {
  readonly email: string;
  readonly nonce: string | undefined;
  /** SHA-256 of the verifier, base64url (RFC 7636 section 4.2). */
  readonly challenge: string | undefined;
  /** Where the code was sent. */
  readonly redirect: string;
}

export interface SignIns {
  /** The code for it, good for one minute and one exchange. LIMIT_EXCEEDED for too many at once. */
  readonly open: (signIn: SignIn) => string;
  /** Undefined for a code that is unknown, used or old, and for another verifier or redirection. */
  readonly take: (code: string, verifier: string | undefined, redirect: string) => SignIn | undefined;
}

const LIFETIME_MS = 60_000;
const MAX_OPEN = 1000;

export const createSignIns = (now: () => number): SignIns => {
  const open = new Map<string, SignIn & { readonly until: number }>();
  return {
    open: (signIn) => {
      for (const [code, { until }] of open) if (until <= now()) open.delete(code);
      if (open.size >= MAX_OPEN) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_OPEN} sign-ins at once`);
      const code = randomBytes(16).toString("hex");
      open.set(code, { ...signIn, until: now() + LIFETIME_MS });
      return code;
    },
    take: (code, verifier, redirect) => {
      const found = open.get(code);
      open.delete(code);
      if (found === undefined || found.until <= now() || found.redirect !== redirect) return undefined;
      return found.challenge === undefined || found.challenge === challengeOf(verifier) ? found : undefined;
    },
  };
};

/** What S256 makes of a verifier (RFC 7636 section 4.2). */
export const challengeOf = (verifier = ""): string => createHash("sha256").update(verifier).digest("base64url");
