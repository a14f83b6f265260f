import { describe, expect, it } from "vitest";
import { checkCarriedChain, readCarriedChain } from "#trust/carriedChain.ts";
import { isFault } from "#trust/fault.ts";
import {
  caExtensions,
  extension,
  leafExtensions,
  makeCertificate,
  makeKeys,
} from "../../test/fakes/makeCertificate.ts";

const keys = makeKeys();
const root = makeCertificate({ subject: "root", keys, extensions: caExtensions() });
const middle = makeCertificate({ subject: "middle\u202e", keys, issuer: root, extensions: caExtensions() });
const leaf = makeCertificate({ subject: "", keys, issuer: middle, extensions: leafExtensions() });

const read = (chain: readonly Uint8Array[]) => {
  const found = readCarriedChain(chain);
  if (isFault(found)) throw new Error(found.reason);
  return found;
};
const faultOf = (chain: readonly Uint8Array[]) => {
  const found = readCarriedChain(chain);
  return isFault(found) ? `${found.code}: ${found.reason}` : undefined;
};

describe("readCarriedChain", () => {
  it("reads a leaf and what issued it, the same authority as the same object", () => {
    const [first, second] = [read([leaf.der, middle.der]), read([leaf.der, Buffer.from(middle.der)])];
    expect(first.map(({ isCa }) => isCa)).toEqual([false, true]);
    expect(second[1]).toBe(first[1]);
    expect(second[0]).not.toBe(first[0]);
    for (let index = 0; index < 70; index++) {
      read([makeCertificate({ subject: `${index}`, keys, extensions: caExtensions() }).der]);
    }
    expect(read([middle.der])[0]).not.toBe(first[1]);
  });

  it("makes a reason of whatever cannot be read", () => {
    expect(faultOf([leaf.der, Buffer.from("junk")])).toMatch(/^certificate-malformed: certificate 2 of its chain/);
    expect(faultOf([leaf.der.subarray(1)])).toMatch(/^certificate-malformed: its certificate/);
    const weak = makeCertificate({ keys: makeKeys("secp256k1"), extensions: leafExtensions() });
    expect(faultOf([weak.der])).toMatch(/^certificate-key: the key of its certificate: the curve secp256k1/);
  });

  it("bounds how many there are and how large they are (attack 30)", () => {
    expect(read(Array.from({ length: 10 }, () => leaf.der))).toHaveLength(10);
    expect(faultOf(Array.from({ length: 11 }, () => leaf.der))).toMatch(
      /^certificate-limits: it brings 11 certificates/,
    );
    const fat = makeCertificate({ keys, extensions: [extension("1.2.3", Buffer.alloc(33_000))] });
    expect(faultOf([fat.der, fat.der])).toMatch(/^certificate-limits/);
  });
});

describe("checkCarriedChain", () => {
  it("refuses a root that a bundle brings along itself", () => {
    expect(checkCarriedChain(read([leaf.der, middle.der]))).toBeUndefined();
    const fault = checkCarriedChain(read([leaf.der, middle.der, root.der]));
    expect(`${fault?.code}: ${fault?.reason}`).toContain(
      'certificate-chain-root: its chain holds the self-signed certificate "root"',
    );
  });
});
