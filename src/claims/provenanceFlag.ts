import { WaybillError } from "#core/errors.ts";

/** An input of a build. */
export interface Material {
  readonly uri: string;
  /** Name of the digest as in-toto's DigestSet spells it. */
  readonly algorithm: string;
  readonly hex: string;
}

// RFC 3986 section 3, printable ASCII only.
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\u0021-\u007e]+$/;
const HTTP_USER = /^(?:[a-z0-9]+\+)?https?:\/\/[^/?#]*@/i;
const PASSWORD = /^[a-z0-9+.-]+:\/\/[^/?#]*:[^/?#]*@/i;
const MAX_TEXT = 2048;

// All readers take undefined and "" (an unset variable of a pipeline) for "not known", and throw USAGE_INVALID.

/** An absolute URI without credentials in it: what stands here is signed and published. */
export const readUri = (text: string | undefined, flag: string): string | undefined => {
  const uri = readName(text, flag);
  if (uri === undefined) return undefined;
  // These two never repeat the text: it may hold a password.
  if (HTTP_USER.test(uri) || PASSWORD.test(uri)) {
    throw new WaybillError("USAGE_INVALID", `${flag} holds credentials before the host's name`, {
      hint: "Remove them: provenance is signed and published.",
    });
  }
  if (!URI.test(uri)) {
    throw invalid(flag, uri, "an absolute URI", "Write for example git+https://git.example.com/team/app.");
  }
  return uri;
};

/** A name of any kind: printable, at most 2048 characters. */
export const readName = (text: string | undefined, flag: string): string | undefined => {
  if (text === undefined || text === "") return undefined;
  if (text.length > MAX_TEXT || /\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw invalid(flag, text, `text of at most ${MAX_TEXT} printable characters`);
  }
  return text;
};

/** A git object name: SHA-1 or SHA-256, in full. */
export const readCommit = (text: string | undefined, flag: string): string | undefined => {
  if (text === undefined || text === "") return undefined;
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  throw invalid(flag, text, "a commit's full name: 40 (or 64) lower-case hex digits");
};

// RFC 3339 section 5.6; the letters may be lower case there, here they are not.
const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A moment as UTC with whole seconds, which is how cosign and SLSA's examples write it. */
export const readMoment = (text: string | undefined, flag: string): string | undefined => {
  if (text === undefined || text === "") return undefined;
  const [, year, month, day] = MOMENT.exec(text) ?? [];
  const milliseconds = Date.parse(text);
  // Date.parse rolls 30 February over into March.
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (year === undefined || Number.isNaN(milliseconds) || Number(day) > lastDay) {
    throw invalid(flag, text, "a moment like 2026-01-02T03:04:05Z (RFC 3339)");
  }
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
};

const DIGEST = /^(?:(?:sha1|gitCommit):[0-9a-f]{40}|(?:sha256|gitCommit):[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** `URI@ALGORITHM:HEX` with sha256, sha512, sha1 or gitCommit. */
export const readMaterial = (text: string, flag: string): Material => {
  const at = text.lastIndexOf("@");
  const uri = at <= 0 ? undefined : readUri(text.slice(0, at), flag);
  const digest = text.slice(at + 1);
  if (uri === undefined || !DIGEST.test(digest)) {
    // Without the digest's grammar the text may still be a URL with a password.
    throw new WaybillError("USAGE_INVALID", `${flag} is not URI@ALGORITHM:HEX`, {
      hint: "Write for example pkg:docker/alpine@sha256:HEX, or git+https://host/repo@gitCommit:HEX.",
    });
  }
  const colon = digest.indexOf(":");
  return { uri, algorithm: digest.slice(0, colon), hex: digest.slice(colon + 1) };
};

const invalid = (flag: string, text: string, wanted: string, hint?: string): WaybillError => {
  const shown = JSON.stringify(text.slice(0, 160));
  return new WaybillError(
    "USAGE_INVALID",
    `${flag} is ${shown}; it must be ${wanted}`,
    hint === undefined ? {} : { hint },
  );
};
