import { readCertificate } from "#trust/readCertificate.ts";
import type { ConformanceCase } from "./conformanceCases.ts";
import { questionOf } from "./judgeQuestion.ts";
import type { Artifact, Particulars, Question } from "./judgeQuestion.ts";

interface Raw {
  rawBytes: string;
}

export interface EntryJson {
  logIndex: string;
  logId: { keyId: string };
  kindVersion: { kind: string; version: string };
  integratedTime?: string;
  inclusionPromise?: { signedEntryTimestamp?: string };
  inclusionProof?: {
    logIndex: string;
    rootHash: string;
    treeSize: string;
    hashes: string[];
    checkpoint?: { envelope: string };
  };
  canonicalizedBody: string;
}

/** A bundle that is to be changed. */
export interface BundleJson {
  mediaType: string;
  verificationMaterial: {
    publicKey?: { hint: string };
    certificate?: Raw;
    x509CertificateChain?: { certificates: Raw[] };
    tlogEntries: EntryJson[];
    timestampVerificationData?: { rfc3161Timestamps?: { signedTimestamp: string }[] };
  };
  messageSignature?: { messageDigest?: { algorithm: string; digest: string }; signature: string };
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] };
}

interface Span {
  start?: string;
  end?: string;
}

interface LogJson {
  publicKey: { rawBytes: string; validFor: Span };
  logId?: { keyId?: string } | null;
}

interface AuthorityJson {
  uri?: string;
  certChain: { certificates: Raw[] };
  validFor: Span;
}

/** A trusted root that is to be changed. */
export interface RootJson {
  tlogs?: LogJson[];
  ctlogs?: LogJson[];
  certificateAuthorities?: AuthorityJson[];
  timestampAuthorities?: AuthorityJson[];
}

/** One accepted run of the suite, and what is known of it. */
export interface Subject {
  readonly one: ConformanceCase;
  readonly question: Question;
  readonly version: "0.1" | "0.2" | "0.3";
  readonly content: "message" | "dsse";
  readonly isKeyed: boolean;
  /** Whether its log entry has a time that the log signed. */
  readonly isPromised: boolean;
  readonly isStamped: boolean;
  /** It was signed after `earliest` and before `latest`. */
  readonly earliest: Date;
  readonly latest: Date;
  /** The next accepted case with another signature, key or certificate. */
  readonly other: BundleJson;
  /** A good trusted root of another instance. */
  readonly foreignRoot: string;
}

/** Everything that is asked of Waybill about one changed run. */
export interface Asked {
  readonly question: Question;
  readonly particulars?: Particulars;
}

export const parseBundle = (text: string): BundleJson => JSON.parse(text) as BundleJson;

export const certificateOf = ({ verificationMaterial: { certificate, x509CertificateChain } }: BundleJson) =>
  certificate ?? x509CertificateChain?.certificates[0];

export const signatureOf = ({ messageSignature, dsseEnvelope }: BundleJson): string =>
  messageSignature?.signature ?? dsseEnvelope?.signatures[0]?.sig ?? "";

/** All of them in one way of asking; `cases` are those that clients must accept. */
export const readSubjects = (cases: readonly ConformanceCase[], kind: Artifact["kind"]): readonly Subject[] =>
  cases.map((one, at) => {
    const bundle = parseBundle(one.bundle);
    const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
    const others = [...cases.slice(at + 1), ...cases.slice(0, at)].map((each) => parseBundle(each.bundle));
    const [earliest, latest] = spanOf(bundle);
    return {
      one,
      question: questionOf(one, kind),
      version: versionOf(bundle),
      content: bundle.dsseEnvelope === undefined ? "message" : "dsse",
      isKeyed: one.key !== undefined,
      isPromised: tlogEntries[0]?.inclusionPromise !== undefined,
      isStamped: (timestampVerificationData?.rfc3161Timestamps?.length ?? 0) > 0,
      earliest,
      latest,
      other: others.find((each) => isAnother(each, bundle)) ?? bundle,
      foreignRoot: cases.find((each) => isPublicGood(each) !== isPublicGood(one) && !isLocal(each))?.trustedRoot ?? "",
    };
  });

const isPublicGood = ({ trustedRoot }: ConformanceCase): boolean =>
  /\/\/(rekor|timestamp)\.sigstore\.dev/.test(trustedRoot);

// Instances of which only one case knows.
const isLocal = ({ trustedRoot }: ConformanceCase): boolean => /rekor-local|localhost:8000/.test(trustedRoot);

const versionOf = ({ mediaType }: BundleJson): Subject["version"] =>
  mediaType.includes("0.1") ? "0.1" : mediaType.includes("0.2") ? "0.2" : "0.3";

const isAnother = (one: BundleJson, bundle: BundleJson): boolean =>
  certificateOf(one) !== undefined &&
  certificateOf(one)?.rawBytes !== certificateOf(bundle)?.rawBytes &&
  signatureOf(one) !== signatureOf(bundle) &&
  (one.verificationMaterial.timestampVerificationData !== undefined ||
    bundle.verificationMaterial.timestampVerificationData === undefined);

const DAY_MS = 86_400_000;

/** A certificate's own span, or the day around the entry of a key's signature. */
const spanOf = (bundle: BundleJson): readonly [Date, Date] => {
  const der = certificateOf(bundle)?.rawBytes;
  if (der !== undefined) {
    const { notBefore, notAfter } = readCertificate(Buffer.from(der, "base64"));
    return [notBefore, notAfter];
  }
  const time = Number(bundle.verificationMaterial.tlogEntries[0]?.integratedTime ?? 0) * 1000;
  return [new Date(time - DAY_MS), new Date(time + DAY_MS)];
};

export const withBundle = ({ question }: Subject, edit: (bundle: BundleJson) => void): Asked => {
  const bundle = parseBundle(question.bundle);
  edit(bundle);
  return { question: { ...question, bundle: JSON.stringify(bundle) } };
};

export const withRoot = ({ question }: Subject, edit: (root: RootJson) => void): Asked => {
  const root = JSON.parse(question.trustedRoot) as RootJson;
  edit(root);
  return { question: { ...question, trustedRoot: JSON.stringify(root) } };
};

/** Bytes written as base64, with one of them changed. */
export const flipped = (text: string, at: number): string => {
  const bytes = Buffer.from(text, "base64");
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString("base64");
};
