import { checkCarriedChain, readCarriedChain } from "#trust/carriedChain.ts";
import type { Certificate } from "#trust/certificate.ts";
import { findPath } from "#trust/certificatePath.ts";
import type { CertificatePath } from "#trust/certificatePath.ts";
import { countParties } from "#trust/countParties.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { matchIdentity } from "#trust/identityRule.ts";
import { isWithin } from "#trust/window.ts";
import { logNames } from "#trust/logNames.ts";
import { nearestFault } from "#trust/nearestFault.ts";
import { verifyScts } from "#trust/signedCertificateTimestamp.ts";
import type { SignedInput } from "#trust/signedInput.ts";
import type { SignerVerdict } from "#trust/signerVerdict.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { Backing, CertifiedSigner, Proofs } from "#trust/verifiedClaim.ts";
import { verifyProofs } from "#trust/verifyProofs.ts";
import type { ProvenTimes } from "#trust/verifyProofs.ts";

/**
 * The identity whose certificate made the signature: the certificate's own key over exactly what is signed, log entries and
 * timestamps, its path and every window at each time that these prove, its SCTs, and then who it is (cosign.md 5.4).
 */
export const verifyCertified = (
  input: SignedInput,
  certified: readonly CertifiedSigner[],
  at: Date,
): SignerVerdict | Fault => {
  const chain = readChain(input);
  if (isFault(chain)) return chain;
  const [signature] = input.signatures;
  if (signature === undefined || input.signatures.length > 1)
    return { code: "signature-count", reason: `${input.signatures.length} signatures are beside one certificate` };
  const scheme = input.check(chain.leaf.key, signature);
  if (scheme === undefined) return UNFIT;
  const signed = { input, signature, scheme, verifier: { kind: "certificate", certificate: chain.leaf } } as const;
  const faults: Fault[] = [];
  for (const backing of new Set(certified.map((one) => one.backing))) {
    const proofs = verifyProofs(signed, backing, { at, isTimeNeeded: true }, (root, proven) =>
      certify({ ...chain, detached: input.carried?.sct, at }, root, proven, backing),
    );
    const rules = certified.filter((one) => one.backing === backing).map(({ identity }) => identity);
    const identity = isFault(proofs) ? proofs : matchIdentity(chain.leaf, rules);
    if (isFault(proofs) || isFault(identity)) faults.push(identity as Fault);
    else return { signer: { name: identity.rule, key: chain.leaf.key, scheme, identity }, proofs };
  }
  return nearestFault(faults) ?? UNFIT;
};

/** cosign writes the root into a layer's annotations, where it is merely no anchor; no bundle may bring one along. */
const readChain = ({ carried, form }: SignedInput): Pick<Certified, "leaf" | "intermediates"> | Fault => {
  if (carried?.flaw !== undefined) return { code: "proof-unreadable", reason: carried.flaw };
  const chain = readCarriedChain(carried?.certificates ?? []);
  if (isFault(chain)) return chain;
  const fault = form === "bundle" ? checkCarriedChain(chain) : undefined;
  const [leaf, ...intermediates] = chain;
  if (fault !== undefined) return fault;
  return leaf === undefined
    ? { code: "certificate-malformed", reason: "it brings no certificate along" }
    : { leaf, intermediates };
};

const UNFIT: Fault = {
  code: "bad-signature",
  reason: "the key of its certificate did not make its signature: it or what was signed was changed",
};

interface Certified {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  /** A signed certificate timestamp from outside of the certificate. */
  readonly detached: Uint8Array | undefined;
  readonly at: Date;
}

/** The certificate by one root, at every proven time. */
const certify = (
  { leaf, intermediates, detached, at }: Certified,
  root: TrustRoot,
  { times, ...proofs }: ProvenTimes,
  { demand }: Backing,
): Proofs | Fault => {
  let path: CertificatePath | undefined;
  for (const time of times) {
    const found = findPathIn(root, leaf, intermediates, time);
    if (isFault(found)) return found;
    path ??= found;
  }
  const issuer = path?.certificates[1];
  if (path === undefined || issuer === undefined) return NO_TIME;
  if (demand.scts === undefined) return { ...proofs, certificate: { path, scts: "not checked" } };
  const scts = verifyScts(leaf, issuer, [root], { detached, at });
  if (isFault(scts)) {
    const isAbsent = scts.code === "sct-missing" && demand.scts === 0;
    return isAbsent ? { ...proofs, certificate: { path, scts: "absent" } } : scts;
  }
  const logs = countParties(scts.map(({ log }) => logNames(log)));
  if (logs >= demand.scts) return { ...proofs, certificate: { path, scts } };
  const reason = `${logs} distinct certificate transparency logs vouch for its certificate; ${demand.scts} are demanded`;
  return { code: "sct-missing", reason };
};

const NO_TIME: Fault = { code: "no-time", reason: "nothing proves when it was signed" };

const findPathIn = (
  { certificateAuthorities, source }: TrustRoot,
  leaf: Certificate,
  carried: readonly Certificate[],
  time: Date,
): CertificatePath | Fault => {
  const faults: Fault[] = [];
  for (const { certificates, window } of certificateAuthorities) {
    if (!isWithin(window, time)) continue;
    const pool = { anchors: certificates.slice(-1), intermediates: [...certificates.slice(0, -1), ...carried] };
    const path = findPath(leaf, pool, time, "code-signing");
    if (!isFault(path)) return path;
    faults.push(path);
  }
  return (
    nearestFault(faults) ?? {
      code: "authority-window",
      reason: `no certificate authority of ${source} is trusted for ${time.toISOString()}`,
    }
  );
};
