import type { BlobFiles } from "#app/blobFiles.ts";
import { overBlobs } from "#app/overBlobs.ts";
import type { BlobOutcome } from "#app/overBlobs.ts";
import { legacyEnvelope, signStatement } from "#app/paper.ts";
import type { AttestationPaper } from "#app/paper.ts";
import { readStatement, writeStatement } from "#claims/statement.ts";
import { writeBundle } from "#claims/bundle.ts";
import { writeLocalBundle } from "#claims/localBundle.ts";
import type { Ctx } from "#core/ctx.ts";
import { sha256Digest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readMessage } from "#core/message.ts";
import type { Signer } from "#core/signer.ts";
import { formatPublicKey } from "#trust/publicKey.ts";

/** A file to speak of, and where the paper goes. */
export interface BlobToAttest {
  /** Path, or `-`; a name in messages where nothing is read. */
  readonly blob: string;
  /** What the statement calls the file. */
  readonly name: string | undefined;
  /** `none`: only a whole statement names its subjects by itself. */
  readonly subject: "file" | "none" | Digest;
  readonly bundle: string | undefined;
  /** The DSSE envelope's own file. */
  readonly envelope: string | undefined;
  readonly statement: string | undefined;
}

export interface AttestBlobsInput {
  readonly blobs: readonly BlobToAttest[];
  /** A predicate, of which statements are made, or a whole statement. */
  readonly said: AttestationPaper;
  /** A Sigstore bundle, or the file from before it. */
  readonly bundleForm: "sigstore" | "local";
  /** Files under way at once. */
  readonly maxWorkers: number;
}

export interface AttestedBlob {
  /** DSSE envelope, JSON. */
  readonly envelope: Uint8Array;
  readonly targets: Pick<BlobToAttest, "bundle" | "envelope" | "statement">;
}

interface Deps {
  readonly files: BlobFiles;
  readonly signer: Signer;
}

/** Signs statements about files as `attest-blob` does. One file's trouble keeps no other from its statement. */
export const attestBlobs =
  (deps: Deps) =>
  async (ctx: Ctx, input: AttestBlobsInput): Promise<readonly BlobOutcome<AttestedBlob>[]> =>
    overBlobs(ctx, input.blobs, input.maxWorkers, (one) => attestBlob(deps, ctx, one, input));

const attestBlob = async (deps: Deps, ctx: Ctx, one: BlobToAttest, input: AttestBlobsInput): Promise<AttestedBlob> => {
  const { files, signer } = deps;
  const digest = await digestOfSubject(files, ctx, one);
  const payload = payloadOf(one, digest, input.said);
  const signature = await signStatement(ctx, signer, payload);
  const envelope = legacyEnvelope(payload, signature);
  const { publicKey } = signer;
  if (one.bundle !== undefined) {
    const bundle =
      input.bundleForm === "sigstore"
        ? writeBundle({ payloadType: MEDIA_TYPE.inToto, payload, signature, publicKeySpki: publicKey.spki })
        : writeLocalBundle(envelope, formatPublicKey(publicKey));
    await files.write(ctx, one.bundle, bundle);
  }
  if (one.envelope !== undefined) await files.write(ctx, one.envelope, envelope);
  if (one.statement !== undefined) await files.write(ctx, one.statement, payload);
  return { envelope, targets: one };
};

const digestOfSubject = async (
  files: BlobFiles,
  ctx: Ctx,
  { blob, subject }: BlobToAttest,
): Promise<Digest | undefined> => {
  if (subject === "none") return undefined;
  if (subject !== "file") return subject;
  const message = await readMessage(files.open(ctx, blob), { hashes: ["sha256"], keep: 0 });
  return sha256Digest(Buffer.from(message.digests.get("sha256") ?? []).toString("hex"));
};

const payloadOf = ({ blob, name }: BlobToAttest, digest: Digest | undefined, said: AttestationPaper): Uint8Array => {
  const { predicateType, predicate, statement } = said;
  if (statement !== undefined) return checkSubject(blob, digest, statement);
  if (digest === undefined) throw new WaybillError("INTERNAL", "a predicate needs a subject");
  const subject = name === undefined ? { digest } : { name, digest };
  return writeStatement({ subjects: [subject], predicateType, predicate });
};

/** A statement is signed to the byte, but not as one about a file of which it does not speak. */
const checkSubject = (blob: string, digest: Digest | undefined, statement: Uint8Array): Uint8Array => {
  const { subjects } = readStatement(statement);
  if (digest === undefined || subjects.some((one) => one.digest === digest)) return statement;
  const named = subjects.slice(0, 3).map((one) => one.digest ?? "something without a sha256");
  throw new WaybillError("INPUT_INVALID", `the statement speaks of ${named.join(", ")}; ${blob} is ${digest}`, {
    hint: "Give the file that the statement is about, or only the statement.",
  });
};
