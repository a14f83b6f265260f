import { describe, expect, it } from "vitest";
import { readGivenProofs } from "#app/readGivenProofs.ts";

const der = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x01]);
const pem = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
const NONE = { certificate: undefined, sct: undefined, timestamp: undefined };
const reading = (files: Record<string, string | Buffer>) => (path: string) =>
  Promise.resolve(Buffer.from(files[path] ?? ""));

describe("readGivenProofs", () => {
  it("reads nothing where nothing is given", async () => {
    expect(await readGivenProofs(NONE, reading({}))).toBeUndefined();
  });

  it.each([
    ["PEM", pem],
    ["DER", der],
    ["PEM in base64", Buffer.from(pem).toString("base64")],
  ])("reads a certificate in %s", async (_, file) => {
    const given = await readGivenProofs({ ...NONE, certificate: "c" }, reading({ c: file }));
    expect(given?.certificates.map((one) => Buffer.from(one))).toEqual([der]);
  });

  it.each([
    ["no certificate", ""],
    ["2 certificates", pem + pem],
    ["no certificate", "-----BEGIN PUBLIC KEY-----"],
  ])("refuses a file of %s", async (found, file) => {
    await expect(readGivenProofs({ ...NONE, certificate: "c" }, reading({ c: file }))).rejects.toThrow(
      `it holds ${found}`,
    );
  });

  it("reads timestamps as cosign and as authorities write them", async () => {
    for (const file of [der, JSON.stringify({ SignedRFC3161Timestamp: der.toString("base64") })]) {
      const given = await readGivenProofs({ ...NONE, timestamp: "t" }, reading({ t: file }));
      expect(given?.timestamps.map((one) => Buffer.from(one))).toEqual([der]);
    }
    await expect(readGivenProofs({ ...NONE, timestamp: "t" }, reading({ t: "{}" }))).rejects.toThrow(
      "--rfc3161-timestamp t",
    );
  });
});
