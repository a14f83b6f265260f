import { readUri } from "#claims/provenanceFlag.ts";

// What ends at the host's name and holds an @ before it (RFC 3986 section 3.2.1).
const USER_INFO = /(?<scheme>[a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi;
// git's short form for ssh, gitprotocol: `[user@]host:path`, with no slash before the colon.
const SHORT_SSH = /^(?:(?<user>[\w.-]+)@)?(?<host>[\w.-]+\.[\w.-]+|localhost):(?!\/\/)\/?(?<path>[^\s?#]+)$/;
const REMOTE = /^(?:git\+)?(?<scheme>https?|ssh|git):\/\/(?<authority>[^/?#\s]+)(?<path>\/[^?#\s]*)?/i;

/** The same text with nothing before the host's name of any URL in it: what stands there may be a token. */
export const withoutCredentials = (text: string): string => text.replace(USER_INFO, "$<scheme>");

/**
 * A remote of git's as a URI of SLSA's form, `git+https://HOST/PATH` or `git+ssh://git@HOST/PATH`: without credentials, query
 * and fragment. Undefined for a path on this machine, which names no source to anybody else. USAGE_INVALID where it is no URI.
 */
export const cleanSource = (remote: string): string | undefined => {
  // What is too long for a fact is too long to be looked at.
  if (remote.length > 2048) return undefined;
  const short = SHORT_SSH.exec(remote)?.groups;
  if (short !== undefined)
    return readUri(
      `git+ssh://${gitUser(short["user"])}${short["host"]}/${withoutCredentials(short["path"] ?? "")}`,
      "",
    );
  const found = REMOTE.exec(remote)?.groups;
  if (found === undefined) return undefined;
  const scheme = (found["scheme"] ?? "").toLowerCase();
  const [, user, host] = /^(?:(.*)@)?(.*)$/s.exec(found["authority"] ?? "") ?? [];
  const kept = scheme === "ssh" ? gitUser(user) : "";
  return readUri(`git+${scheme}://${kept}${host}${withoutCredentials(found["path"] ?? "")}`, "");
};

// The one user that every forge has; anybody else is a person or a token.
const gitUser = (user: string | undefined): string => (user === "git" ? "git@" : "");
