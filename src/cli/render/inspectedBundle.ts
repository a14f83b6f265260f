import type { InspectedBundle, InspectedContent, InspectedMaterial } from "#app/inspectBundle.ts";
import type { CertificateFacts } from "#claims/certificateFacts.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import type { Statement } from "#claims/statement.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";
import { paperName } from "#cli/render/paperName.ts";

// More are no help on a screen; `-o json` has all.
const MAX_SUBJECTS = 10;

/** `bundle inspect` for people. Whatever a stranger wrote is made harmless. */
export const inspectedLines = (bundle: InspectedBundle, paint: Paint): readonly string[] => [
  field("bundle", bundle.mediaType ?? "cosign's bundle file from before Sigstore bundles"),
  ...contentLines(bundle.content),
  ...materialLines(bundle.material),
  ...listed("log entries", bundle.logEntries, logLines),
  ...listed("timestamps", bundle.timestamps, ({ size, time }) => [
    field("  time", time === undefined ? "none that can be read" : isoOf(time)),
    field("  token", `${size} bytes`),
  ]),
  ...bundle.flaws.map((flaw) => paint("red", printable(`refused by verifiers: it ${flaw}`))),
];

const WIDTH = 18;
const field = (name: string, value: string): string => printable(`${name.padEnd(WIDTH)}${value}`);

const listed = <T>(name: string, items: readonly T[], show: (item: T) => readonly string[]): readonly string[] => [
  field(name, items.length === 0 ? "none" : String(items.length)),
  ...items.flatMap((item, at) => (at === 0 ? show(item) : ["", ...show(item)])),
];

const contentLines = (content: InspectedContent): readonly string[] => {
  if (content.kind === "message") {
    const { digest, signature } = content;
    return [
      field("content", "signature over a file"),
      field("  file's digest", digest === undefined ? "none named" : `${digest.hash}:${digest.hex}`),
      field("  signature", `${signature} bytes`),
    ];
  }
  const { envelope, statement } = content;
  return [
    field("content", "DSSE envelope"),
    field("  payload type", envelope.payloadType),
    field("  payload", `${envelope.payload.byteLength} bytes`),
    ...(statement === undefined ? [field("  statement", "none that can be read")] : statementLines(statement)),
    ...envelope.signatures.map(({ sig, keyid }) =>
      field("  signature", `${sig.byteLength} bytes${keyid === "" ? "" : `, key ${keyid}`}`),
    ),
  ];
};

const statementLines = ({ type, subjects, predicateType }: Statement): readonly string[] => {
  const name = paperName(predicateType);
  return [
    field("  statement", type),
    field("  predicate", name === predicateType ? name : `${name} (${predicateType})`),
    ...subjects
      .slice(0, MAX_SUBJECTS)
      .map((one) =>
        field("  subject", `${one.digest ?? one.sha512 ?? "no sha256"}${one.name === undefined ? "" : ` ${one.name}`}`),
      ),
    ...(subjects.length > MAX_SUBJECTS ? [field("", `and ${subjects.length - MAX_SUBJECTS} more`)] : []),
  ];
};

const materialLines = (material: InspectedMaterial): readonly string[] => {
  if (material.kind === "none") return [field("signed with", "a key that is not named")];
  if (material.kind === "public-key") return [field("signed with", "a key"), field("  hint", material.hint ?? "none")];
  return [
    ...listed("certificates", material.certificates, (one) =>
      one === undefined ? [field("  certificate", "none that can be read")] : certificateLines(one),
    ),
  ];
};

const certificateLines = (one: CertificateFacts): readonly string[] => [
  field("  subject", one.subject === "" ? "none" : one.subject),
  field("  names", one.names ?? "none"),
  ...(one.oidcIssuer === undefined ? [] : [field("  vouched for by", one.oidcIssuer)]),
  field("  issuer", one.issuer),
  field("  valid", `${isoOf(one.notBefore)} to ${isoOf(one.notAfter)}`),
  field("  sha256", one.sha256),
];

const logLines = (entry: LogEntry): readonly string[] => [
  field("  log", entry.logId === undefined ? "not named" : hexOf(entry.logId)),
  field("  index", String(entry.index)),
  field("  kind", [entry.kind ?? "not named", ...(entry.version === undefined ? [] : [entry.version])].join(" ")),
  field("  integrated", isoOf(timeOf(entry))),
  field("  promise", entry.promise === undefined ? "none" : `${entry.promise.byteLength} bytes`),
  field("  inclusion proof", proofOf(entry)),
];

const proofOf = ({ proof }: LogEntry): string => {
  if (proof === undefined) return "none";
  const { checkpoint } = proof;
  const signer = checkpoint === undefined ? "no checkpoint" : `checkpoint of ${checkpoint.split("\n")[0] ?? ""}`;
  return `${proof.hashes.length} hashes to a tree of ${proof.treeSize}, ${signer}`;
};

/** Undefined also for seconds that no calendar has. */
const timeOf = ({ integratedTime }: LogEntry): Date | undefined => {
  const time = new Date(Number(integratedTime ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time;
};

const isoOf = (time: Date | undefined): string => time?.toISOString().replace(".000Z", "Z") ?? "none";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The same for scripts; `verified` says that nothing is. */
export const inspectedJson = (bundle: InspectedBundle): unknown => ({
  verified: false,
  mediaType: bundle.mediaType ?? null,
  version: bundle.version ?? null,
  content: contentJson(bundle.content),
  material:
    bundle.material.kind === "public-key"
      ? { kind: "public-key", hint: bundle.material.hint ?? null }
      : { ...bundle.material },
  logEntries: bundle.logEntries.map((entry) => ({
    logId: entry.logId === undefined ? null : hexOf(entry.logId),
    index: String(entry.index),
    kind: entry.kind ?? null,
    version: entry.version ?? null,
    integratedTime: timeOf(entry)?.toISOString() ?? null,
    promise: entry.promise !== undefined,
    proof: entry.proof === undefined ? null : proofJson(entry.proof),
  })),
  timestamps: bundle.timestamps.map(({ time, size }) => ({ time: time?.toISOString() ?? null, size })),
  flaws: bundle.flaws,
});

const proofJson = ({ index, treeSize, rootHash, hashes, checkpoint }: NonNullable<LogEntry["proof"]>) => ({
  index: String(index),
  treeSize: String(treeSize),
  rootHash: rootHash === undefined ? null : hexOf(rootHash),
  hashes,
  checkpoint: checkpoint ?? null,
});

const contentJson = (content: InspectedContent): unknown => {
  if (content.kind === "message")
    return { kind: content.kind, digest: content.digest ?? null, signatures: [{ size: content.signature }] };
  const { envelope, statement } = content;
  return {
    kind: content.kind,
    payloadType: envelope.payloadType,
    payloadSize: envelope.payload.byteLength,
    statement:
      statement === undefined
        ? null
        : {
            type: statement.type,
            predicateType: statement.predicateType,
            subjects: statement.subjects.map(({ name, digest, sha512 }) => ({
              name: name ?? null,
              digest: digest ?? sha512 ?? null,
            })),
          },
    signatures: envelope.signatures.map(({ sig, keyid }) => ({ size: sig.byteLength, keyid })),
  };
};
