import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFault } from "#trust/fault.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";
import { askSigstoreVerify } from "./sigstoreVerify.ts";

interface Bundle {
  readonly verificationMaterial: {
    readonly timestampVerificationData: { readonly rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  readonly messageSignature?: { readonly signature: string };
  readonly dsseEnvelope?: { readonly signatures: readonly { readonly sig: string }[] };
}

const stamped = (one: ConformanceCase) => {
  const bundle = JSON.parse(one.bundle) as Bundle;
  const signature = bundle.messageSignature?.signature ?? bundle.dsseEnvelope?.signatures[0]?.sig ?? "";
  const [stamp] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
  return {
    one,
    bundle,
    signature: Buffer.from(signature, "base64"),
    response: Buffer.from(stamp?.signedTimestamp ?? "", "base64"),
    roots: readTrustRoots(Buffer.from(one.trustedRoot), "trusted_root.json"),
  };
};

const askOracle = ({ one, bundle }: ReturnType<typeof stamped>, response: Uint8Array): string => {
  const [stamp] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
  if (stamp !== undefined) stamp.signedTimestamp = Buffer.from(response).toString("base64");
  return askSigstoreVerify({
    bundle: JSON.stringify(bundle),
    trustedRoot: one.trustedRoot,
    artifact: { kind: "bytes", bytes: one.artifact },
    signer:
      one.key === undefined
        ? { kind: "identity", identity: one.identity, issuer: one.issuer }
        : { kind: "key", pem: one.key },
  });
};

/** Where, how many octets go, and what comes in their place. */
const change = fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 3 }));

const applyChange = (bytes: Buffer, [where, removed, added]: readonly [number, number, Uint8Array]): Buffer => {
  const at = where % bytes.length;
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
};

describe.skipIf(conformanceMissing)("verifyTimestamp and @sigstore/verify", () => {
  const cases = readConformanceCases()
    .filter(({ accept, bundle }) => accept && bundle.includes('"signedTimestamp"'))
    .map(stamped);

  it("agree on the suite's good timestamps", () => {
    expect(cases.length).toBe(14);
    for (const one of cases) {
      expect(isFault(verifyTimestamp(one.response, one.signature, one.roots))).toBe(false);
      expect(askOracle(one, one.response)).toBe("accept");
    }
  });

  // Most accepted ones are changed in the certificates that they enclose, and that the trusted root holds, too.
  it("never disagree on a changed one in the way that matters: what counts here counts there", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.array(change, { minLength: 1, maxLength: 2 }), (one, changes) => {
        const response = changes.reduce(applyChange, one.response);
        if (isFault(verifyTimestamp(response, one.signature, one.roots))) return;
        accepted += 1;
        expect(askOracle(one, response)).toBe("accept");
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(10);
  });
});
