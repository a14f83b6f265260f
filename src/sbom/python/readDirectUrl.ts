import { publicUrl } from "#sbom/publicUrl.ts";
import { isJsonFields, readJsonObject } from "#sbom/readJsonObject.ts";
import type { JsonFields } from "#sbom/readJsonObject.ts";

/** Where a package came from that no index gave (packaging.python.org/specifications/direct-url). */
export interface DirectUrl {
  /** Without credentials; a directory of the build machine as `file:///...`. */
  readonly url?: string;
  readonly editable?: true;
  /** `git+https://host/path@commit`, as the qualifier `vcs_url` has it. */
  readonly vcsUrl?: string;
  /** Of the archive, in hex. */
  readonly sha256?: string;
}

/** Reads direct_url.json. Throws INPUT_INVALID or LIMIT_EXCEEDED. */
export const readDirectUrl = (bytes: Uint8Array): DirectUrl => {
  const document = readJsonObject(bytes, "direct_url.json");
  const url = cleanUrl(document["url"]);
  const vcsUrl = url === undefined ? undefined : vcsUrlOf(url, members(document["vcs_info"]));
  const sha256 = sha256Of(members(document["archive_info"]));
  return {
    ...(url === undefined ? {} : { url }),
    ...(members(document["dir_info"])["editable"] === true ? { editable: true as const } : {}),
    ...(vcsUrl === undefined ? {} : { vcsUrl }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
};

const members = (value: unknown): JsonFields => (isJsonFields(value) ? value : {});

// ssh addresses carry a user name that is no secret, and git's scp-like ones are no URLs at all.
const cleanUrl = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value.length > 2000) return undefined;
  const [, host, path] = /^ssh:\/\/(?:[^@/\s]*@)?([^@/\s]+)(\/[^\s?#]*)/.exec(value) ?? [];
  if (host !== undefined) return `ssh://${host}${path}`;
  return /^file:\/\/\/[^\p{Cc}?#]*$/u.test(value) ? value : publicUrl(value);
};

const vcsUrlOf = (url: string, info: JsonFields): string | undefined => {
  const { vcs, commit_id: commit } = info;
  if (typeof vcs !== "string" || !/^(?:git|hg|svn|bzr)$/.test(vcs)) return undefined;
  if (typeof commit !== "string" || !/^[0-9A-Za-z._:-]{1,128}$/.test(commit)) return undefined;
  return `${vcs}+${url}@${commit}`;
};

const sha256Of = (info: JsonFields): string | undefined => {
  const listed = members(info["hashes"])["sha256"];
  const single = typeof info["hash"] === "string" ? /^sha256=(.*)$/.exec(info["hash"])?.[1] : undefined;
  const hex = listed ?? single;
  return typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
};
