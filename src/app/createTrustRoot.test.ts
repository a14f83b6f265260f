import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createTrustRoot } from "#app/createTrustRoot.ts";
import type { CreateTrustRootInput } from "#app/createTrustRoot.ts";
import { WaybillError } from "#core/errors.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { caExtensions, leafExtensions, makeCertificate, makeKeys } from "../../test/fakes/makeCertificate.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const pem = (label: string, ...ders: readonly Uint8Array[]): string =>
  ders
    .map((der) => `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`)
    .join("");

const root = makeCertificate({ subject: "root", extensions: caExtensions() });
const middle = makeCertificate({ subject: "middle", issuer: root, extensions: caExtensions(0) });
const leaf = makeCertificate({ subject: "leaf", issuer: middle, extensions: leafExtensions() });
const odd = generateKeyPairSync("rsa", { modulusLength: 2560 });
const FILES: Readonly<Record<string, string>> = {
  "ca.pem": pem("CERTIFICATE", middle.der, root.der),
  "tsa.pem": pem("CERTIFICATE", leaf.der, middle.der, root.der),
  "log.pub": pem("PUBLIC KEY", makeKeys().publicKey.export({ type: "spki", format: "der" })),
  "odd.pub": pem("PUBLIC KEY", odd.publicKey.export({ type: "spki", format: "der" })),
  "log2.pub": pem("PUBLIC KEY", makeKeys().publicKey.export({ type: "spki", format: "der" })),
};
const readFile = (_: unknown, path: string): Promise<Uint8Array> => {
  const text = FILES[path];
  return text === undefined ? Promise.reject(new WaybillError("NOT_FOUND", path)) : Promise.resolve(Buffer.from(text));
};
const NONE = { fulcio: [], ctfe: [], rekor: [], tsa: [] };
const START = "start-time=2024-01-01T00:00:00Z";

const make = async (
  services: Partial<CreateTrustRootInput["services"]>,
  more: Partial<CreateTrustRootInput> = {},
): Promise<TrustRoot> => {
  const input = { base: undefined, without: new Set<never>(), ...more, services: { ...NONE, ...services } };
  return readTrustRoot(await createTrustRoot({ readFile })(testCtx(), input), "made");
};

describe("createTrustRoot", () => {
  it("makes what is read again", async () => {
    const made = await make({
      fulcio: ["url=https://ca.example,certificate-chain=ca.pem"],
      rekor: [`url=https://log.example:8080/x,public-key=log.pub,${START},end-time=2025-01-01T00:00:00.5+01:00`],
      tsa: ["url=https://tsa.example,certificate-chain=tsa.pem"],
    });
    expect(made.certificateAuthorities[0]?.certificates.map(({ der }) => der)).toEqual([middle.der, root.der]);
    expect(made.certificateAuthorities[0]?.window.start).toEqual(
      made.certificateAuthorities[0]?.certificates[1]?.notBefore,
    );
    expect(made.timestampAuthorities[0]?.window.start).toEqual(
      made.timestampAuthorities[0]?.certificates[0]?.notBefore,
    );
    expect(made.logs[0]).toMatchObject({
      origin: "log.example:8080",
      window: { end: new Date("2024-12-31T23:00:00.500Z") },
    });
  });

  it("keeps of a base what is not replaced or left out", async () => {
    const base = {
      bytes: await createTrustRoot({ readFile })(testCtx(), {
        base: undefined,
        without: new Set(),
        services: {
          ...NONE,
          fulcio: ["url=https://ca.example,certificate-chain=ca.pem"],
          rekor: [`url=https://log.example,public-key=log.pub,${START}`],
          ctfe: [`url=https://ct.example,public-key=log.pub,${START}`],
        },
      }),
      name: "base",
    };
    const replaced = [`url=https://log2.example,public-key=log2.pub,${START}`];
    const made = await make({ rekor: replaced }, { base, without: new Set(["ctfe", "rekor"]) });
    expect(made.certificateAuthorities.map(({ uri }) => uri)).toEqual(["https://ca.example"]);
    expect(made.logs.map(({ uri }) => uri)).toEqual(["https://log2.example"]);
    expect(made.ctLogs).toEqual([]);
  });

  it.each<readonly [Partial<CreateTrustRootInput["services"]>, string, string]>([
    [{ rekor: ["url=https://log.example,public-key=log.pub"] }, "USAGE_INVALID", "start-time is missing"],
    [
      { rekor: [`url=https://me:secret@log.example,public-key=log.pub,${START}`] },
      "USAGE_INVALID",
      "holds credentials",
    ],
    [{ rekor: [`url=https://log.example,public-key=none.pub,${START}`] }, "NOT_FOUND", "none.pub"],
    [{ rekor: [`url=https://log.example,public-key=ca.pem,${START}`] }, "TRUST_INVALID", "this is a certificate"],
    [{ rekor: [`url=https://log.example,public-key=odd.pub,${START}`] }, "TRUST_INVALID", "RSA keys of 2560 bits"],
    [{ fulcio: ["url=https://ca.example,certificate-chain=log.pub"] }, "TRUST_INVALID", "no certificate in PEM"],
    [{ fulcio: ["url=https://ca.example,certificate-chain=tsa.pem"] }, "TRUST_INVALID", "no certificate authority"],
    [
      {
        ctfe: [
          `url=https://a.example,public-key=log.pub,${START}`,
          `url=https://b.example,public-key=log.pub,${START}`,
        ],
      },
      "TRUST_INVALID",
      "stands there again",
    ],
  ])("refuses %j", async (services, code, reason) => {
    await expect(make(services)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(reason) as string }),
    );
  });
});
