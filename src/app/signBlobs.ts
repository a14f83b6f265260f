import type { BlobFiles } from "#app/blobFiles.ts";
import { overBlobs } from "#app/overBlobs.ts";
import type { BlobOutcome } from "#app/overBlobs.ts";
import { keptMessageBytes } from "#app/keptMessageBytes.ts";
import { writeLocalBundle } from "#claims/localBundle.ts";
import { writeMessageBundle } from "#claims/messageBundle.ts";
import type { Ctx } from "#core/ctx.ts";
import { messageHash } from "#core/keyAlgorithm.ts";
import { readMessage } from "#core/message.ts";
import type { Message } from "#core/message.ts";
import type { MessageSigner } from "#core/signer.ts";
import { formatPublicKey } from "#trust/publicKey.ts";

/** A file to sign, and where its papers go. */
export interface BlobToSign {
  /** Path, or `-`. */
  readonly blob: string;
  readonly bundle: string | undefined;
  readonly signature: string | undefined;
}

export interface SignBlobsInput {
  readonly blobs: readonly BlobToSign[];
  /** A Sigstore bundle, or the file from before it. */
  readonly bundleForm: "sigstore" | "local";
  /** The signature's own file: base64 or bytes. */
  readonly signatureForm: "base64" | "raw";
  /** Files under way at once. */
  readonly maxWorkers: number;
}

export interface SignedBlob {
  /** Raw signature. */
  readonly signature: Uint8Array;
  /** True where an Ed25519 key signed the hash of a file too large to be held, which cosign does not read. */
  readonly prehashed: boolean;
  /** Files that were written. */
  readonly bundle: string | undefined;
  readonly signatureFile: string | undefined;
}

/** Signs files as `sign-blob` does; each is read once. One file's trouble keeps no other from its signature. */
export const signBlobs =
  (deps: { readonly files: BlobFiles; readonly signer: MessageSigner }) =>
  (ctx: Ctx, input: SignBlobsInput): Promise<readonly BlobOutcome<SignedBlob>[]> =>
    overBlobs(ctx, input.blobs, input.maxWorkers, (one) => signBlob(deps, ctx, one, input));

const signBlob = async (
  { files, signer }: { readonly files: BlobFiles; readonly signer: MessageSigner },
  ctx: Ctx,
  one: BlobToSign,
  form: Pick<SignBlobsInput, "bundleForm" | "signatureForm">,
): Promise<SignedBlob> => {
  const { publicKey } = signer;
  const hash = messageHash(publicKey.kind);
  const message = await readMessage(files.open(ctx, one.blob), { hashes: [hash], keep: keptMessageBytes([publicKey]) });
  const digest = { hash, value: message.digests.get(hash) ?? new Uint8Array() };
  const signature = await sign(ctx, signer, message, digest.value);
  if (one.bundle !== undefined) {
    const bundle =
      form.bundleForm === "sigstore"
        ? writeMessageBundle({ signature, digest, publicKeySpki: publicKey.spki })
        : writeLocalBundle(signature, formatPublicKey(publicKey));
    await files.write(ctx, one.bundle, bundle);
  }
  if (one.signature !== undefined) await files.write(ctx, one.signature, signatureBytes(signature, form.signatureForm));
  const prehashed = publicKey.kind === "ed25519" && message.bytes === undefined;
  return { signature, prehashed, bundle: one.bundle, signatureFile: one.signature };
};

const sign = (ctx: Ctx, signer: MessageSigner, message: Message, digest: Uint8Array): Promise<Uint8Array> =>
  message.bytes === undefined ? signer.signDigest(ctx, digest) : signer.sign(ctx, message.bytes);

/** As cosign writes them: no line feed after the base64. */
export const signatureBytes = (signature: Uint8Array, form: "base64" | "raw"): Uint8Array =>
  form === "raw" ? signature : Buffer.from(Buffer.from(signature).toString("base64"));
