import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

/** What opens a registry: a password, a token that buys access tokens (docker's identitytoken), or an access token. */
export type Credential =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "refresh"; readonly token: string }
  | { readonly kind: "bearer"; readonly token: string };

/** What a credential is wanted for. `registry` is the canonical name (`docker.io`, `host`, `host:port`). */
export interface CredentialPlace {
  readonly registry: string;
  /** Undefined: for the registry as a whole. */
  readonly repository: string | undefined;
}

export interface FoundCredential {
  readonly credential: Credential;
  /** For people: the file and its key, the helper, the cloud. Never a part of the secret. */
  readonly from: string;
  /** Milliseconds since the epoch; nobody keeps it longer. */
  readonly usableUntil?: number;
}

/**
 * Asks for the credential of exactly this place. `refused`: what the registry has just refused, so that nobody answers from
 * memory. Undefined where none is known; a source that is there and fails throws.
 */
export type CredentialSource = (
  ctx: Ctx,
  place: CredentialPlace,
  refused?: FoundCredential,
) => Promise<FoundCredential | undefined>;

/**
 * Refuses a credential that cannot be sent: CONFIG_INVALID naming the registry, never the secret. A token stands in a header
 * as it is (RFC 6750 section 2.1: visible ASCII); user and password have no control characters (RFC 7617 section 2).
 */
export const checkCredential = (credential: Credential, registry: string): void => {
  if (credential.kind === "password") {
    if (CONTROL.test(credential.username)) throw unsendable(registry, "user name", "a control character");
    if (CONTROL.test(credential.password)) throw unsendable(registry, "password", "a control character");
  } else if (!/^[\x21-\x7e]*$/.test(credential.token)) {
    throw unsendable(registry, "token", "a blank, a control or another character that no token has");
  }
};

// oxlint-disable-next-line no-control-regex -- RFC 7617 section 2 names exactly these
const CONTROL = /[\x00-\x1f\x7f]/;

const unsendable = (registry: string, part: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `the ${part} for ${registry} holds ${what}`, {
    hint: "It is often a line break at the end that came from a file or a variable; give it without.",
  });
