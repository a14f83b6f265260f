import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";
import { askSigstoreVerify } from "./sigstoreVerify.ts";
import type { OracleQuestion } from "./sigstoreVerify.ts";

const ask = (one: ConformanceCase, kind: "bytes" | "digest", other: Partial<OracleQuestion> = {}): string =>
  askSigstoreVerify({
    bundle: one.bundle,
    trustedRoot: one.trustedRoot,
    artifact:
      kind === "bytes"
        ? { kind, bytes: one.artifact }
        : { kind, sha256: createHash("sha256").update(one.artifact).digest() },
    signer:
      one.key === undefined
        ? { kind: "identity", identity: one.identity, issuer: one.issuer }
        : { kind: "key", pem: one.key },
    ...other,
  });

describe.skipIf(conformanceMissing)("@sigstore/verify on the conformance suite", () => {
  const cases = readConformanceCases();
  const caseOf = (name: string): ConformanceCase => {
    const found = cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the suite has no case ${name}`);
    return found;
  };
  const happy = () => caseOf("happy-path-v0.3");

  // The suite is newer than the library in this one: a log key without the start of its validity.
  it.each(["bytes", "digest"] as const)("answers as it should but in one case, given %s", (kind) => {
    const wrong = cases.filter((one) => (ask(one, kind) === "accept") !== one.accept).map(({ name }) => name);
    expect([cases.length, wrong]).toEqual([70, ["trust-root-tlog-missing-validity-start_fail"]]);
  });

  it("compares the whole identity and the issuer", () => {
    const one = happy();
    const wrong = [
      { identity: one.identity.slice(0, -1), issuer: one.issuer },
      { identity: ".*", issuer: one.issuer },
      { identity: one.identity, issuer: `${one.issuer}/` },
    ].map((signer) => ask(one, "bytes", { signer: { kind: "identity", ...signer } }));
    expect(wrong).toEqual([
      expect.stringMatching(/^PolicyError: certificate identity/),
      expect.stringMatching(/^PolicyError: certificate identity/),
      expect.stringMatching(/^PolicyError: invalid certificate extension/),
    ]);
  });

  it("refuses another artifact, by its bytes and by its digest", () => {
    const other = { ...happy(), artifact: Buffer.from("another") };
    expect(ask(other, "bytes")).toMatch(/SIGNATURE_ERROR|signature verification failed/);
    expect(ask(other, "digest")).not.toBe("accept");
  });

  it("takes no exception for an answer of its own", () => {
    const broken = ["", "{}", "null", "[]", '{"mediaType":1}'].map((bundle) => ask(happy(), "bytes", { bundle }));
    expect(broken).not.toContain("accept");
  });
});

describe.skipIf(conformanceMissing)("what @sigstore/verify is known to let pass", () => {
  const cases = readConformanceCases();
  const keyed = cases.find(({ name }) => name === "managed-key-happy-path")?.key ?? "";

  // Each of these is a fact that the differential suite counts on: where the library learns, its list must change.
  it("a certificate where a key was asked for", () => {
    const verdicts = cases
      .filter(({ accept, key }) => accept && key === undefined)
      .map((one) => ask(one, "bytes", { signer: { kind: "key", pem: keyed } }));
    expect([verdicts.length, new Set(verdicts)]).toEqual([19, new Set(["accept"])]);
  });

  it("envelopes about another artifact", () => {
    const envelopes = cases.filter(({ accept, bundle }) => accept && bundle.includes('"dsseEnvelope"'));
    const verdicts = envelopes.map((one) => ask({ ...one, artifact: Buffer.from("another") }, "bytes"));
    expect([verdicts.length, new Set(verdicts)]).toEqual([3, new Set(["accept"])]);
  });
});
