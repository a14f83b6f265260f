import { decodeBase64 } from "#claims/base64.ts";
import { readBundle } from "#claims/bundle.ts";
import type { Candidate } from "#claims/claim.ts";
import { readEnvelope } from "#claims/dsse.ts";
import { attestationLayer, signatureLayer } from "#claims/legacyImage.ts";
import type { LegacyPaper } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { SIMPLE_SIGNING_TYPE, readSimpleSigning, writeSimpleSigning } from "#claims/simpleSigning.ts";
import type { Digest } from "#core/digest.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { splitJson } from "#core/splitJson.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

/** A paper that was made elsewhere, as it is to be stored: its bytes are kept. */
export type ForeignPaper =
  | { readonly form: "bundle"; readonly predicateType: string; readonly bytes: Uint8Array }
  | { readonly form: "legacy"; readonly predicateType: string; readonly paper: LegacyPaper };

/** What is claimed to be a paper about `subject`. `where` names the input in errors. */
interface Input {
  readonly subject: Digest;
  readonly where: string;
}

export interface SignatureInput extends Input {
  /** Simple-signing payload; undefined: the one without annotations that `generate` prints. */
  readonly payload: Uint8Array | undefined;
  /** For the payload that is not given, see `signedName`. */
  readonly dockerReference: string;
  /** Base64 of the signature over exactly the payload's bytes; blanks around it do not count. */
  readonly signature: Uint8Array;
  /** PEM, where the key has a certificate; nobody checks it here. */
  readonly certificate: string | undefined;
  readonly chain: string | undefined;
}

/**
 * A detached signature with its payload, for the `.sig` tag. INPUT_INVALID for a payload that cannot be read, is no image
 * signature's or names another image. Whose signature it is, is for verifiers to say.
 */
export const readForeignSignature = (input: SignatureInput): ForeignPaper => {
  const { subject, where, dockerReference } = input;
  const payload = input.payload ?? writeSimpleSigning({ dockerReference, digest: subject, annotations: {} });
  const { digest, type } = readSimpleSigning(payload);
  if (type !== SIMPLE_SIGNING_TYPE) throw bad(where, `the payload is of type ${JSON.stringify(type.slice(0, 80))}`);
  if (digest !== subject) throw foreign(where, [digest], subject);
  const signature = decodeBase64(Buffer.from(input.signature).toString().trim());
  if (signature === undefined || signature.byteLength === 0) {
    throw bad(
      where,
      "the signature over it is not base64",
      "Give base64 of the raw signature, as base64 -w0 prints it.",
    );
  }
  const paper = signatureLayer(payload, signature);
  const annotations = { ...paper.layer.annotations, ...certificates(input) };
  return { form: "legacy", predicateType: SIGNATURE_TYPE, paper: { ...paper, layer: { ...paper.layer, annotations } } };
};

const certificates = ({ certificate, chain = "", where }: SignatureInput): Readonly<Record<string, string>> => {
  if (certificate === undefined && chain === "") return {};
  for (const [name, pem] of Object.entries({ certificate: certificate ?? "", ...(chain === "" ? {} : { chain }) }))
    if (!/-----BEGIN CERTIFICATE-----/.test(pem)) throw bad(where, `the ${name} is not in PEM`);
  return { "dev.sigstore.cosign/certificate": certificate ?? "", "dev.sigstore.cosign/chain": chain };
};

/**
 * The papers in a file: DSSE envelopes and Sigstore bundles v0.3, one or several one after another. `kind` is what they must
 * be. INPUT_INVALID for anything else and for papers that name another image.
 */
export const readForeignPapers = (
  bytes: Uint8Array,
  kind: "signature" | "attestation",
  input: Input,
): readonly ForeignPaper[] => {
  const documents = splitJson(bytes, input.where);
  if (documents.length === 0) throw bad(input.where, "there is no paper in it");
  return documents.map((document, at) => {
    const where = documents.length === 1 ? input.where : `${input.where}, document ${at + 1}`;
    return hasBundleType(document)
      ? readOneBundle(document, kind, { ...input, where })
      : readOneEnvelope(document, kind, { ...input, where });
  });
};

/** True where a file begins with what says that it is a Sigstore bundle, of whatever version. */
export const isBundle = (bytes: Uint8Array): boolean => {
  try {
    const [first] = splitJson(bytes, "paper");
    return first !== undefined && hasBundleType(first);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return false;
  }
};

const hasBundleType = (document: Uint8Array): boolean => mediaTypeOf(document)?.startsWith(BUNDLE_TYPE) === true;

const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle";

const mediaTypeOf = (bytes: Uint8Array): string | undefined => {
  const value = parseStrict(bytes, "paper");
  const type = isJsonObject(value) ? (value["mediaType"] ?? value["media_type"]) : undefined;
  return typeof type === "string" ? type : undefined;
};

const readOneBundle = (bytes: Uint8Array, kind: "signature" | "attestation", input: Input): ForeignPaper => {
  const type = mediaTypeOf(bytes) ?? "";
  const candidate = readBundle(bytes, { form: "bundle", manifest: digestOf(bytes) });
  if (candidate.kind === "unreadable") throw bad(input.where, candidate.reason);
  // Readers of registries pass over older ones (cosign.md 2.3).
  if (type !== MEDIA_TYPE.bundle && !type.endsWith("version=0.3"))
    throw bad(
      input.where,
      `the bundle is of type ${type}; registries carry v0.3`,
      "Make a v0.3 of it first: waybill bundle upgrade --out NEW OLD.",
    );
  return { form: "bundle", predicateType: typeOf(candidate, kind, input), bytes };
};

const readOneEnvelope = (bytes: Uint8Array, kind: "signature" | "attestation", input: Input): ForeignPaper => {
  if (kind === "signature")
    throw bad(input.where, "is no Sigstore bundle", "Give --signature and --payload, or a bundle alone.");
  const envelope = readEnvelope(bytes);
  if (envelope.signatures.length === 0) throw bad(input.where, "the envelope is not signed");
  const found = { form: "legacy", manifest: digestOf(bytes) } as const;
  const predicateType = typeOf({ kind: "dsse", found, envelope, material: "none", bytes }, kind, input);
  return { form: "legacy", predicateType, paper: attestationLayer(bytes, predicateType) };
};

const typeOf = (candidate: Candidate, kind: "signature" | "attestation", { where, subject }: Input): string => {
  const statement = candidate.kind === "dsse" ? unverifiedStatement(candidate) : undefined;
  if (statement === undefined) throw bad(where, "what is signed is no in-toto statement that can be read");
  const digests = statement.subjects.flatMap(({ digest }) => digest ?? []);
  if (!digests.includes(subject)) throw foreign(where, digests, subject);
  const isSignature = statement.predicateType === SIGNATURE_TYPE;
  if (isSignature !== (kind === "signature")) {
    const other = isSignature ? "signature" : "attestation";
    throw bad(where, `it is of type ${statement.predicateType}, no ${kind}`, `Use waybill attach ${other}.`);
  }
  return statement.predicateType;
};

const foreign = (where: string, named: readonly Digest[], subject: Digest): WaybillError =>
  bad(
    where,
    `it is about ${named.length === 0 ? "no image" : named.slice(0, 3).join(", ")}, not about ${subject}`,
    "A paper counts only for the image that it names; attach it to that one.",
  );

const bad = (where: string, reason: string, hint?: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${where}: ${reason}`, hint === undefined ? {} : { hint });
