import { decodeAnyBase64 } from "#claims/base64.ts";
import { hasCode } from "#core/errors.ts";
import { splitJson } from "#core/splitJson.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import type { Certificate } from "#trust/certificate.ts";
import { readDetailedKey } from "#trust/keyDetails.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { checkAuthority, isIssuer, isSame } from "#trust/trustedAuthority.ts";
import type { AuthorityKind } from "#trust/trustedAuthority.ts";
import { namedLog } from "#trust/trustedLog.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { Authority, TrustedLog, TrustRoot } from "#trust/trustRoot.ts";
import { readTrustRootDocument } from "#trust/trustRootDocument.ts";
import { overlaps, readWindow } from "#trust/window.ts";

/**
 * Reads trusted_root.json (sigstore_trustroot.proto, v0.1 and v0.2). `source` names it in errors and in results. A document
 * that leaves open what it trusts is refused: TRUST_INVALID with `details.flaw` (windows without a start, ids that are not the
 * key's, duplicates, chains that do not chain), KEY_WEAK, LIMIT_EXCEEDED.
 */
export const readTrustRoot = (bytes: Uint8Array, source: string): TrustRoot => {
  const document = readTrustRootDocument(bytes, source);
  return {
    source,
    published: undefined,
    certificateAuthorities: readAuthorities(document, "certificateAuthorities", "certificate authority", source),
    timestampAuthorities: readAuthorities(document, "timestampAuthorities", "timestamp authority", source),
    logs: readLogs(document, "tlogs", source),
    ctLogs: readLogs(document, "ctlogs", source),
  };
};

// GitHub publishes two.
const MAX_ROOTS = 16;

/** The same of one document or of several one after another, as in trusted_root.jsonl. TRUST_INVALID where there is none. */
export const readTrustRoots = (bytes: Uint8Array, source: string): readonly TrustRoot[] => {
  const documents = splitDocuments(bytes, source);
  if (documents.length === 0) throw trustFlaw("unreadable", `${source}: no trusted root is in it`);
  if (documents.length > MAX_ROOTS) {
    throw trustFlaw("unreadable", `${source}: ${documents.length} trusted roots, the limit is ${MAX_ROOTS}`);
  }
  const [only] = documents;
  if (only !== undefined && documents.length === 1) return [readTrustRoot(only, source)];
  return documents.map((document, index) => readTrustRoot(document, `${source}#${index + 1}`));
};

const splitDocuments = (bytes: Uint8Array, source: string): readonly Uint8Array[] => {
  try {
    return splitJson(bytes, source);
  } catch (thrown) {
    if (!hasCode(thrown, "INPUT_INVALID")) throw thrown;
    throw trustFlaw("unreadable", thrown.message, thrown);
  }
};

const readAuthorities = (
  document: JsonObject,
  member: string,
  kind: AuthorityKind,
  source: string,
): readonly Authority[] => {
  const all = listOf(document[member]).map((one, index) => {
    const what = `${source}: ${member}[${index}]`;
    const chain = listOf(objectOf(one["certChain"])["certificates"]);
    const authority = {
      uri: textOf(one["uri"]) ?? "",
      certificates: chain.map((link, at) => readLink(link, `${what}, certificate ${at + 1} of ${chain.length}`)),
      window: readWindow(one["validFor"], `${what}.validFor`),
    };
    return demandRoot(checkAuthority(authority, kind, what), what);
  });
  // A root may stand in several chains, and one chain in several windows; twice at the same time it is a mistake.
  demandDistinct(
    all,
    (one, other) => sameChain(one, other) && overlaps(one.window, other.window),
    `${source}: ${member}`,
  );
  return all;
};

const sameChain = (one: Authority, other: Authority): boolean =>
  isSame(
    Buffer.concat(one.certificates.map(({ der }) => der)),
    Buffer.concat(other.certificates.map(({ der }) => der)),
  );

const readLink = (link: JsonObject, what: string): Certificate => {
  try {
    return readCertificate(bytesOf(link["rawBytes"], what), what);
  } catch (thrown) {
    if (!hasCode(thrown, "INPUT_INVALID")) throw thrown;
    throw trustFlaw("unreadable", thrown.message, thrown);
  }
};

/** Whoever publishes a root says whose word all of it is in the end; single files may begin below that (`looseTrustRoot`). */
const demandRoot = (authority: Authority, what: string): Authority => {
  const last = authority.certificates.at(-1);
  if (last !== undefined && isIssuer(last, last)) return authority;
  throw trustFlaw("broken-chain", `${what} ends with a certificate that another issued; the root belongs there`);
};

const readLogs = (document: JsonObject, member: string, source: string): readonly TrustedLog[] => {
  const all = listOf(document[member]).map((one, index) => readLog(one, `${source}: ${member}[${index}]`));
  demandDistinct(all, (one, other) => isSame(one.logId, other.logId), `${source}: the log ids of ${member}`);
  return all;
};

const readLog = (log: JsonObject, what: string): TrustedLog => {
  const { hashAlgorithm } = log;
  // The hash of the log's tree (RFC 6962 section 2.1); nobody runs one with another.
  if (hashAlgorithm !== "SHA2_256" && hashAlgorithm !== 1) {
    const shown = JSON.stringify(hashAlgorithm ?? null).slice(0, 80);
    throw trustFlaw("unreadable", `${what}.hashAlgorithm is ${shown}, only SHA2_256 is supported`);
  }
  const publicKey = objectOf(log["publicKey"]);
  const where = `${what}.publicKey`;
  const facts = {
    uri: textOf(log["baseUrl"]) ?? "",
    key: readDetailedKey(bytesOf(publicKey["rawBytes"], `${where}.rawBytes`), publicKey["keyDetails"], where),
    window: readWindow(publicKey["validFor"], `${where}.validFor`),
    operator: textOf(log["operator"]),
  };
  const idOf = (member: string): Uint8Array | undefined => {
    const { keyId } = objectOf(log[member]);
    return keyId === undefined ? undefined : bytesOf(keyId, `${what}.${member}.keyId`);
  };
  return namedLog(facts, { logId: idOf("logId"), checkpointKeyId: idOf("checkpointKeyId") }, what);
};

const demandDistinct = <T>(all: readonly T[], isTwice: (one: T, other: T) => boolean, what: string): void => {
  for (const [index, one] of all.entries()) {
    const other = all.findIndex((later, at) => at > index && isTwice(one, later));
    if (other >= 0) throw trustFlaw("duplicate", `${what}: entry ${index} stands there again as entry ${other}`);
  }
};

// The document's shape is checked (`readTrustRootDocument`): a list of objects, an object, a plain value.
const listOf = (value: Json | undefined): readonly JsonObject[] => (value ?? []) as readonly JsonObject[];
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
// An empty text is a member that is left out (protobuf 3).
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const bytesOf = (value: Json | undefined, what: string): Uint8Array => {
  const bytes = typeof value === "string" ? decodeAnyBase64(value) : undefined;
  if (bytes === undefined || bytes.byteLength === 0) throw trustFlaw("unreadable", `${what} is no base64`);
  return bytes;
};
