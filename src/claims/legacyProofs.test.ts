import { describe, expect, it } from "vitest";
import { readLegacyProofs } from "#claims/legacyProofs.ts";

const PREFIX = "dev.sigstore.cosign/";
const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const BODY = Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{}}').toString("base64");
const ENTRY = {
  SignedEntryTimestamp: "AQ==",
  Payload: { body: BODY, integratedTime: 1_700_000_000, logIndex: 7, logID: "ab".repeat(32) },
};
const proofs = (annotations: Record<string, string>) =>
  readLegacyProofs(Object.fromEntries(Object.entries(annotations).map(([name, text]) => [PREFIX + name, text])));

describe("readLegacyProofs", () => {
  it("finds nothing where nothing is, or where it is empty", () => {
    expect(readLegacyProofs(undefined)).toBeUndefined();
    expect(proofs({ certificate: "", chain: "", bundle: "", other: "x" })).toBeUndefined();
  });

  it("reads the certificate before its chain, the log entry and the timestamp", () => {
    expect(
      proofs({
        chain: pem("BAUG") + pem("BwgJ"),
        certificate: pem("AQID"),
        bundle: JSON.stringify(ENTRY),
        rfc3161timestamp: '{"SignedRFC3161Timestamp":"MAA="}',
      }),
    ).toEqual({
      certificates: [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6]), Buffer.from([7, 8, 9])],
      logEntries: [
        {
          index: 7n,
          logId: Buffer.from("ab".repeat(32), "hex"),
          kind: "hashedrekord",
          version: "0.0.1",
          integratedTime: 1_700_000_000n,
          promise: Buffer.from([1]),
          proof: undefined,
          body: Buffer.from(BODY, "base64"),
        },
      ],
      timestamps: [Buffer.from([0x30, 0])],
    });
  });

  it.each([
    [{ certificate: "AQID" }, "is no PEM of certificates"],
    [{ certificate: pem("AQID") + pem("AQID") }, "holds several certificates"],
    [{ certificate: pem("AQID") + "-----BEGIN PUBLIC KEY-----" }, "is no PEM of certificates"],
    [{ chain: pem("AQID").repeat(10) }, "11 certificates, the limit is 10"],
    [{ bundle: "{" }, "dev.sigstore.cosign/bundle"],
    [{ bundle: '{"SignedEntryTimestamp":"AQ=="}' }, "has no Payload"],
    [{ bundle: '{"SignedEntryTimestamp":"AQ==","SignedEntryTimestamp":"AQ=="}' }, "SignedEntryTimestamp"],
    [{ rfc3161timestamp: "{}" }, "holds no SignedRFC3161Timestamp"],
  ])("tells of %j what is wrong, and then has nothing", (annotations, reason) => {
    expect(proofs({ certificate: pem("AQID"), ...annotations })).toEqual({
      certificates: [],
      logEntries: [],
      timestamps: [],
      flaw: expect.stringContaining(reason) as string,
    });
  });
});
