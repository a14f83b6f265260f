import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkCarriedChain, readCarriedChain } from "#trust/carriedChain.ts";
import type { Certificate } from "#trust/certificate.ts";
import { findPath } from "#trust/certificatePath.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { matchIdentity } from "#trust/identityRule.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import { verifyScts } from "#trust/signedCertificateTimestamp.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { isWithin } from "#trust/window.ts";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";

// Later than everything in the suite.
const NOW = new Date("2027-01-01T00:00:00Z");

interface Raw {
  readonly rawBytes: string;
}
interface Material {
  readonly certificate?: Raw;
  readonly x509CertificateChain?: { readonly certificates: readonly Raw[] };
}

/** DER of the certificates in a bundle; none where it has a key, or is no JSON. */
const certificatesOf = ({ bundle }: ConformanceCase): readonly Buffer[] => {
  let material: Material | undefined;
  try {
    material = (JSON.parse(bundle) as { readonly verificationMaterial?: Material }).verificationMaterial;
  } catch {
    return [];
  }
  const list =
    material?.x509CertificateChain?.certificates ?? [material?.certificate].filter((one) => one !== undefined);
  return list.map(({ rawBytes }) => Buffer.from(rawBytes, "base64"));
};

/** What the certificates alone say of a case, given that it was signed when its certificate was issued. */
const judge = (one: ConformanceCase): string => {
  const chain = readCarriedChain(certificatesOf(one));
  if (isFault(chain)) return chain.code;
  const [leaf, ...carried] = chain;
  if (leaf === undefined) return "no certificate";
  const root = readTrustRoot(Buffer.from(one.trustedRoot), one.name);
  const path = pathIn(root, leaf, carried);
  const faults = [
    checkCarriedChain(chain),
    path,
    isFault(path) ? path : verifyScts(leaf, path, [root], { at: NOW }),
    matchIdentity(leaf, [
      {
        name: "it",
        subject: [{ kind: "exact", value: one.identity }],
        issuer: [{ kind: "exact", value: one.issuer }],
        claims: {},
      },
    ]),
  ];
  return faults.filter((found) => found !== undefined).find(isFault)?.code ?? "ok";
};

/** Who issued the leaf, where a path leads from there to the last certificate of a trusted authority. */
const pathIn = (root: TrustRoot, leaf: Certificate, carried: readonly Certificate[]): Certificate | Fault => {
  const at = leaf.notBefore;
  const found = root.certificateAuthorities
    .filter(({ window }) => isWithin(window, at))
    .map(({ certificates }) => {
      const intermediates = [...certificates.slice(0, -1), ...carried];
      return findPath(leaf, { anchors: certificates.slice(-1), intermediates }, at, "code-signing");
    });
  const [fault] = found.filter(isFault);
  const issuer = found.flatMap((path) => (isFault(path) ? [] : path.certificates))[1];
  return issuer ?? fault ?? { code: "certificate-path", reason: "no authority was trusted then" };
};

describe.skipIf(conformanceMissing)("certificates of the conformance suite", () => {
  // One trusted root is refused as a whole, before any certificate is looked at.
  const cases = readConformanceCases().filter(
    (one) => certificatesOf(one).length > 0 && !one.name.startsWith("trust-root-tlog-missing"),
  );

  it("are those of the signers, by paths and certificate logs, wherever a client must say yes", () => {
    const wanted = cases.filter(({ accept }) => accept);
    expect(wanted.filter((one) => judge(one) !== "ok").map((one) => `${one.name} ${judge(one)}`)).toEqual([]);
    expect(wanted.length).toBe(19);
  });

  it("are refused where they are what is wrong, and else are not", () => {
    const refused = cases.filter(({ accept }) => !accept).map((one) => [one.name, judge(one)] as const);
    expect(Object.fromEntries(refused.filter(([, verdict]) => verdict !== "ok"))).toEqual({
      "bundle-from-wrong-instance_fail": "certificate-path",
      "bundle-with-root-cert_fail": "certificate-chain-root",
      "intoto-expired-certificate_fail": "certificate-expired",
      "invalid-ct-key_fail": "sct-unknown-log",
    });
  });

  it("name the same as node reads in them", () => {
    for (const one of cases) {
      const chain = readCarriedChain(certificatesOf(one));
      if (isFault(chain)) continue;
      for (const certificate of chain) {
        const theirs = new X509Certificate(certificate.der);
        expect(certificate.notBefore).toEqual(theirs.validFromDate);
        expect(certificate.notAfter).toEqual(theirs.validToDate);
        expect(certificate.isCa).toBe(theirs.ca);
        expect(Buffer.from(certificate.serial).toString("hex").replace(/^0+/, "")).toBe(
          theirs.serialNumber.toLowerCase().replace(/^0+/, ""),
        );
        expect(certificate.extendedKeyUsage).toEqual(theirs.keyUsage);
        expect(certificate.key.spki).toEqual(theirs.publicKey.export({ type: "spki", format: "der" }));
      }
    }
  });
});
