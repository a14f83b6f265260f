import { fail } from "node:assert/strict";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import { pae } from "#claims/dsse.ts";
import { writeSignatureStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { startKeylessSigner } from "./keylessSigner.ts";
import type { KeylessSigner, RekorVersion } from "./keylessSigner.ts";
import { compareCosts } from "./measure.ts";
import type { Comparison, Line } from "./measure.ts";

const KEYED = 1000;
const KEYLESS = 100;
const RUNS = 7;

interface SignedImage {
  readonly subject: Digest;
  readonly bundle: Uint8Array;
}

/** Bundles from their bytes to a verdict, one after the other, in CPU time of the one thread. */
export const measureBundles = async (): Promise<readonly Line[]> => {
  await using signer = await startKeylessSigner();
  // Before anything is measured: nothing answers its server while this thread is busy.
  const v1 = await signAll(signer, "v1");
  const v2 = await signAll(signer, "v2");
  return [
    await measureKeyed(),
    await measureRekor(signer, v1, "Rekor v1 (promise and proof)"),
    await measureRekor(signer, v2, "Rekor v2 and timestamp"),
  ];
};

const statementOf = (index: number) => {
  const subject = digestOf(Buffer.from(`image ${index}`));
  return { subject, statement: writeSignatureStatement({ digest: subject, annotations: {} }) };
};

const measureKeyed = async (): Promise<Line> => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = parsePublicKey(publicKey.export({ type: "spki", format: "pem" }));
  const signed = Array.from({ length: KEYED }, (_, index) => {
    const { subject, statement: payload } = statementOf(index);
    const bytes = pae(MEDIA_TYPE.inToto, payload);
    const signature = sign("sha256", bytes, privateKey);
    const content = { payloadType: MEDIA_TYPE.inToto, payload, signature, publicKeySpki: key.spki };
    return { subject, bundle: writeBundle(content), bytes, signature };
  });
  const trust = { keys: [{ name: "key", key }] };
  const result = await compareCpu(
    () => verifyAll(signed, trust),
    () => {
      if (!signed.every(({ bytes, signature }) => verify("sha256", bytes, publicKey, signature))) fail("it is signed");
    },
  );
  return {
    name: `verify ${KEYED} keyed bundles against bare crypto.verify`,
    ...lineOf(result),
    goal: 0.7,
    note: "P-256; from bytes to verdict against the one call alone, CPU time of the thread",
  };
};

const signAll = async (signer: KeylessSigner, rekor: RekorVersion): Promise<readonly SignedImage[]> => {
  const signed: SignedImage[] = [];
  for (let index = 0; index < KEYLESS; index++) {
    const { subject, statement } = statementOf(index);
    signed.push({ subject, bundle: await signer.sign(statement, rekor) });
  }
  return signed;
};

const measureRekor = async (signer: KeylessSigner, signed: readonly SignedImage[], proofs: string): Promise<Line> => {
  const trust = trustIn(signer);
  const oracle = openOracle(signer);
  const result = await compareCpu(
    () => verifyAll(signed, trust),
    () => signed.forEach(({ bundle }) => oracle(bundle)),
  );
  return {
    name: `verify ${KEYLESS} keyless bundles against @sigstore/verify`,
    ...lineOf(result),
    goal: 5,
    note: `${proofs}; a certificate of its own in each; CPU time of the thread`,
  };
};

const trustIn = ({ trustedRoot, identity, issuer }: KeylessSigner): TrustMaterial => {
  const roots = [readTrustRoot(trustedRoot, "the local Sigstore")];
  const rules = {
    subject: [{ kind: "exact", value: identity }],
    issuer: [{ kind: "exact", value: issuer }],
  } as const;
  const backing = { roots, demand: { logs: 1, timestamps: 0, scts: 1 } };
  return { keys: [], certified: [{ identity: { name: "workflow", ...rules, claims: {} }, backing }] };
};

const verifyAll = (signed: readonly SignedImage[], trust: TrustMaterial): void => {
  const at = new Date();
  for (const { subject, bundle } of signed) {
    const claim = readBundle(bundle, { form: "bundle", manifest: subject });
    if (claim.kind === "unreadable") fail(claim.reason);
    const requirement = { kind: "signature", subject, annotations: {}, checkClaims: true } as const;
    const verdict = verifyClaim(claim, trust, requirement, at);
    if (!verdict.ok) fail(verdict.refusal.reason);
  }
};

/** With its trust material made once, as a server would; it looks at no statement. */
const openOracle = ({ trustedRoot, identity, issuer }: KeylessSigner) => {
  const root = TrustedRoot.fromJSON(JSON.parse(Buffer.from(trustedRoot).toString()));
  const verifier = new Verifier(toTrustMaterial(root));
  const policy = {
    subjectAlternativeName: new RegExp(`^${RegExp.escape(identity)}$`),
    extensions: { issuer },
  };
  return (bundle: Uint8Array): void => {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(Buffer.from(bundle).toString()))), policy);
  };
};

const cpuOf = (task: () => void): number => {
  const start = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
};

/** A thread's CPU time is what a busy machine changes least. One run before the first warms both up. */
const compareCpu = (ours: () => void, theirs: () => void): Promise<Comparison> => {
  ours();
  theirs();
  return compareCosts(
    RUNS,
    async () => cpuOf(ours),
    async () => cpuOf(theirs),
  );
};

const lineOf = ({ ours, theirs, oursToTheirs }: Comparison) =>
  ({ ours, theirs, unit: "ms", kind: "faster", ratio: 1 / oursToTheirs }) as const;
