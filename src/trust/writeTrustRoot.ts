import { encodeBase64 } from "#claims/base64.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import type { GoJson } from "#claims/goJson.ts";
import { writeProtoTime } from "#claims/protoTime.ts";
import type { ProtoTime } from "#claims/protoTime.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { noteKeyHash, spkiHash } from "#ledger/noteKey.ts";
import type { Certificate } from "#trust/certificate.ts";
import { keyDetailsOf } from "#trust/keyDetails.ts";
import { ATTRIBUTE, nameAttributes } from "#trust/nameAttributes.ts";
import { readTrustRootDocument } from "#trust/trustRootDocument.ts";

export interface NewWindow {
  readonly start: ProtoTime;
  readonly end: ProtoTime | undefined;
}

export interface NewAuthority extends NewWindow {
  readonly uri: string;
  /** The root last. */
  readonly certificates: readonly Certificate[];
}

export interface NewLog extends NewWindow {
  readonly uri: string;
  readonly key: PublicKey;
  /** What its checkpoints call it, for logs that go by the id of their checkpoint key; undefined: SHA-256 of the key. */
  readonly origin: string | undefined;
}

/** The members of a trusted root; undefined: as in the base. */
export interface NewTrustRoot {
  readonly tlogs: readonly NewLog[] | undefined;
  readonly certificateAuthorities: readonly NewAuthority[] | undefined;
  readonly ctlogs: readonly NewLog[] | undefined;
  readonly timestampAuthorities: readonly NewAuthority[] | undefined;
}

/**
 * Compact JSON with the bytes of cosign 3's `trusted-root create`: of each kind the oldest first. Whether it is sound is for
 * `readTrustRoot` to say. `base` is a trusted root whose members stay where there are no new ones. TRUST_INVALID for an RSA
 * key of a size that trusted roots have no name for.
 */
export const writeTrustRoot = (
  root: NewTrustRoot,
  base?: { readonly bytes: Uint8Array; readonly name: string },
): Uint8Array => {
  const old = base === undefined ? {} : readTrustRootDocument(base.bytes, base.name);
  return writeProtoJson({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: chosen(root.tlogs, writeLog, old["tlogs"]),
    certificateAuthorities: chosen(root.certificateAuthorities, writeAuthority, old["certificateAuthorities"]),
    ctlogs: chosen(root.ctlogs, writeLog, old["ctlogs"]),
    timestampAuthorities: chosen(root.timestampAuthorities, writeAuthority, old["timestampAuthorities"]),
  });
};

const chosen = <T extends NewWindow>(
  all: readonly T[] | undefined,
  write: (one: T) => GoJson,
  old: GoJson | undefined,
): GoJson | undefined => {
  if (all === undefined) return old;
  // protojson leaves out what is empty.
  return all.length === 0 ? undefined : all.toSorted(byStart).map(write);
};

const byStart = ({ start: one }: NewWindow, { start: other }: NewWindow): number =>
  one.date.getTime() - other.date.getTime() || one.nanos - other.nanos;

const writeAuthority = ({ uri, certificates, start, end }: NewAuthority): GoJson => {
  const subject = certificates.at(-1)?.subject ?? new Uint8Array();
  return {
    // Of several, Go takes the first organization and the last common name.
    subject: {
      organization: nameAttributes(subject, ATTRIBUTE.organization)[0],
      commonName: nameAttributes(subject, ATTRIBUTE.commonName).at(-1),
    },
    uri,
    certChain: { certificates: certificates.map(({ der }) => ({ rawBytes: encodeBase64(der) })) },
    validFor: writeWindow({ start, end }),
  };
};

const writeLog = ({ uri, key, start, end, origin }: NewLog): GoJson => {
  const keyDetails = keyDetailsOf(key);
  if (keyDetails === undefined) {
    throw new WaybillError("TRUST_INVALID", `${uri}: trusted roots have no name for RSA keys of ${key.bits} bits`, {
      hint: "Use RSA of 2048, 3072 or 4096 bits, or a key of another kind.",
      details: { flaw: "wrong-key-details" },
    });
  }
  const logId = origin === undefined ? spkiHash(key.spki) : noteKeyHash(origin, key);
  return {
    baseUrl: uri,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: encodeBase64(key.spki), keyDetails, validFor: writeWindow({ start, end }) },
    logId: { keyId: encodeBase64(logId) },
  };
};

const writeWindow = ({ start, end }: NewWindow): GoJson => ({
  start: writeProtoTime(start),
  end: end === undefined ? undefined : writeProtoTime(end),
});
