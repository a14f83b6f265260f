import { createHash } from "node:crypto";
import type { CarriedProofs, DsseClaim, Found, MessageClaim, SimpleSigningClaim } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import type { HashName, PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Message } from "#core/message.ts";
import { checkMessage } from "#trust/checkMessage.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import type { SignedThing } from "#trust/signedThing.ts";

/** A claim's signatures, over whatever they are. */
export interface SignedInput {
  readonly form: Found["form"];
  readonly material: DsseClaim["material"];
  readonly keyHint: string | undefined;
  readonly carried: CarriedProofs | undefined;
  readonly signatures: readonly Uint8Array[];
  /** With which scheme the key made the signature over exactly this; undefined: it did not. */
  readonly check: (key: PublicKey, signature: Uint8Array) => SignatureScheme | undefined;
  /** What a log's entry must be about. */
  readonly content: () => SignedThing["content"];
  /** What else may have happened to it, for messages. */
  readonly change: string;
  /** What a timestamp may be over, the usual first. */
  readonly stamped: (signature: Uint8Array) => readonly Uint8Array[];
}

const checkOver =
  (bytes: Uint8Array) =>
  (key: PublicKey, signature: Uint8Array): SignatureScheme | undefined =>
    signature.byteLength === 0 ? undefined : checkSignature(key, bytes, signature);

// Whatever the key is, its hash is among them.
const HASHES = ["sha256", "sha384", "sha512"] as const satisfies readonly HashName[];
const hashOf = (name: HashName, bytes: Uint8Array): Buffer => createHash(name).update(bytes).digest();

const CHANGED = "it was changed after signing";

const alone = (signature: Uint8Array): readonly Uint8Array[] => [signature];

export const signedSimple = (claim: SimpleSigningClaim): SignedInput => ({
  form: claim.found.form,
  material: claim.material,
  keyHint: undefined,
  carried: claim.carried,
  signatures: [claim.signature],
  check: checkOver(claim.payload),
  content: () => ({ kind: "message", digests: new Map(HASHES.map((name) => [name, hashOf(name, claim.payload)])) }),
  change: CHANGED,
  stamped: alone,
});

export const signedEnvelope = (claim: DsseClaim): SignedInput => ({
  form: claim.found.form,
  material: claim.material,
  keyHint: claim.keyHint,
  carried: claim.carried,
  signatures: claim.envelope.signatures.map(({ sig }) => sig),
  check: checkOver(pae(claim.envelope.payloadType, claim.envelope.payload)),
  content: () => ({ kind: "dsse", envelope: claim.envelope, bytes: claim.bytes }),
  change: CHANGED,
  // cosign 2 stamps the whole envelope of what it keeps in a tag (cosign.md 3.4).
  stamped: (signature) => (claim.found.form === "legacy" ? [signature, claim.bytes] : [signature]),
});

export const signedMessage = (claim: MessageClaim, message: Message): SignedInput => ({
  form: claim.found.form,
  material: claim.material,
  keyHint: claim.keyHint,
  carried: claim.carried,
  signatures: [claim.signature],
  check: (key, signature) => checkMessage(key, message, signature),
  content: () => ({ kind: "message", digests: message.digests }),
  change: "the file was changed",
  stamped: alone,
});
