import type { VerifiedLogEntry } from "#trust/logProof.ts";
import type { VerifiedSct } from "#trust/signedCertificateTimestamp.ts";
import type { VerifiedTimestamp } from "#trust/timestamp.ts";
import type { TrustedLog } from "#trust/trustRoot.ts";
import type { ClaimSigner, Proofs } from "#trust/verifiedClaim.ts";

/** Who signed and what proves it, a line for each kind of proof, those that are absent and those at which nobody looked too. */
export const proofLines = ({ signer, proofs }: Proven): readonly string[] => [
  ...signerLines(signer),
  ...kindLines("log", proofs.log, logText),
  ...kindLines("timestamp", proofs.timestamp, timestampText),
  ...certificateLines(proofs),
  ...(proofs.time === undefined
    ? []
    : [`signed: by ${proofs.time.at.toISOString()}, says ${TIME_SOURCES[proofs.time.by]}`]),
  ...(proofs.root === undefined ? [] : [`trusted root: ${rootText(proofs.root)}`]),
];

interface Proven {
  readonly signer: ClaimSigner;
  readonly proofs: Proofs;
}

const TIME_SOURCES = {
  log: "the log",
  timestamp: "the timestamp",
  clock: "the clock of this machine or --at alone",
} as const;

const signerLines = ({ identity }: ClaimSigner): readonly string[] => {
  if (identity === undefined) return [];
  const claims = Object.entries(identity.claims).filter(([name]) => name !== "issuer");
  return [
    `signer: ${identity.subject}`,
    `issuer: ${identity.issuer}`,
    ...claims.map(([name, value]) => `  ${name}: ${value}`),
  ];
};

const kindLines = <T>(
  kind: string,
  found: "not checked" | "absent" | readonly T[],
  text: (one: T) => string,
): readonly string[] =>
  typeof found === "string" ? [`${kind}: ${found}`] : found.map((one) => `${kind}: ${text(one)}`);

const logText = (entry: VerifiedLogEntry): string => {
  const tree = entry.treeSize === undefined ? "" : ` in a tree of ${entry.treeSize}`;
  return [
    `${logName(entry.log)}, entry ${entry.index} (${entry.kind})`,
    ...(entry.inclusionProof ? [`inclusion proof${tree}`] : []),
    ...(entry.promise ? ["promise"] : []),
    ...(entry.witnesses.length > 0 ? [`witnessed by ${entry.witnesses.join(", ")}`] : []),
    ...(entry.integratedTime === undefined ? [] : [entry.integratedTime.toISOString()]),
  ].join(", ");
};

/** A log of which only the key is known goes by that. */
const logName = ({ uri, keyId }: TrustedLog): string => (uri === "" ? `the log of the key ${hexOf(keyId)}` : uri);

const timestampText = ({ authority, time, policy }: VerifiedTimestamp): string =>
  `${authority}, ${time.toISOString()}, policy ${policy}`;

const certificateLines = ({ certificate }: Proofs): readonly string[] => {
  if (certificate === undefined) return [];
  const [leaf, ...above] = certificate.path.certificates;
  if (leaf === undefined) return [];
  const valid = `${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()}`;
  return [
    `certificate: ${serialText(leaf.serial)}, ${valid}, below ${above.length} authorities`,
    ...kindLines("certificate log", certificate.scts, sctText),
  ];
};

const sctText = ({ log, time }: VerifiedSct): string => `${logName(log)}, ${time.toISOString()}`;

const serialText = (serial: Uint8Array): string => `serial ${Buffer.from(serial).toString("hex")}`;

const DAY_MS = 86_400_000;

const rootText = ({ source, published, at }: NonNullable<Proofs["root"]>): string => {
  if (published === undefined) return `${source}, of unknown age`;
  const days = Math.max(0, Math.floor((at.getTime() - published.getTime()) / DAY_MS));
  return `${source}, of ${published.toISOString()} (${days} ${days === 1 ? "day" : "days"} ago)`;
};

/** The proofs of one claim, for programs. */
export const proofsJson = ({ log, timestamp, certificate, time, root }: Proofs): object => ({
  log: typeof log === "string" ? log : log.map(logJson),
  timestamp: typeof timestamp === "string" ? timestamp : timestamp.map(timestampJson),
  ...(certificate === undefined ? {} : { certificate: certificateJson(certificate) }),
  ...(time === undefined ? {} : { time: { at: time.at, by: time.by } }),
  ...(root === undefined ? {} : { root: { source: root.source, published: root.published } }),
});

const logJson = (entry: VerifiedLogEntry): object => ({
  log: entry.log.uri,
  logId: hexOf(entry.log.logId),
  index: String(entry.index),
  kind: entry.kind,
  inclusionProof: entry.inclusionProof,
  promise: entry.promise,
  ...(entry.treeSize === undefined ? {} : { treeSize: String(entry.treeSize) }),
  ...(entry.origin === undefined ? {} : { origin: entry.origin }),
  ...(entry.witnesses.length === 0 ? {} : { witnesses: entry.witnesses }),
  ...(entry.integratedTime === undefined ? {} : { integratedTime: entry.integratedTime }),
});

const timestampJson = ({ authority, time, policy, serial, hash }: VerifiedTimestamp): object => ({
  authority,
  time,
  policy,
  serial,
  hash,
});

const certificateJson = ({ path, scts }: NonNullable<Proofs["certificate"]>): object => ({
  chain: path.certificates.map(({ serial, notBefore, notAfter, der }) => ({
    serial: hexOf(serial),
    notBefore,
    notAfter,
    der: Buffer.from(der).toString("base64"),
  })),
  sct: typeof scts === "string" ? scts : scts.map(({ log, time }) => ({ log: log.uri, logId: hexOf(log.logId), time })),
});

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Who signed, for programs. */
export const signerJson = ({ name, scheme, identity }: ClaimSigner): object => ({
  signer: name,
  ...(identity === undefined
    ? {}
    : { identity: { subject: identity.subject, issuer: identity.issuer, claims: identity.claims } }),
  scheme,
});
