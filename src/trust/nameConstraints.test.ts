import { describe, expect, it } from "vitest";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger } from "#claims/writeDer.ts";
import type { AlternativeName } from "#trust/certificate.ts";
import { findForbiddenName } from "#trust/nameConstraints.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import {
  basicConstraints,
  extension,
  generalName,
  makeCertificate,
  makeKeys,
  nameConstraints,
} from "../../test/fakes/makeCertificate.ts";

const keys = makeKeys();
const authority = (constraints: Buffer) =>
  readCertificate(makeCertificate({ keys, extensions: [basicConstraints(), constraints] }).der);

const EMAIL = 1;
const DNS = 2;
const URI = 6;
const IP = 7;
const KINDS = { email: EMAIL, dns: DNS, uri: URI, ip: IP } as const;

type Kind = keyof typeof KINDS;
const ip = (hex: string) => Buffer.from(hex, "hex");
const allows = (list: "permitted" | "excluded", kind: Kind, base: string | Buffer, value: string) => {
  const names = [generalName(KINDS[kind], base)];
  const constraints = list === "permitted" ? nameConstraints(names) : nameConstraints([], names);
  return findForbiddenName(authority(constraints), [{ kind, value }]) === undefined;
};

describe("findForbiddenName", () => {
  // Kind, base, name; whether the name is permitted by the base, and whether it is free of the base as an exclusion.
  const cases: readonly (readonly [Kind, string | Buffer, string, boolean, boolean])[] = [
    ["dns", "acme.test", "acme.test", true, false],
    ["dns", "acme.test", "a.b.ACME.test", true, false],
    ["dns", ".acme.test", "acme.test", false, true],
    ["dns", "acme.test", "evilacme.test", false, true],
    ["dns", "", "anything.test", true, false],
    ["email", "acme.test", "ann@acme.test", true, false],
    ["email", "acme.test", "ann@Acme.Test", true, false],
    ["email", "acme.test", "ann@sub.acme.test", false, false],
    ["email", ".acme.test", "ann@sub.acme.test", true, false],
    ["email", "ann@acme.test", "ann@ACME.test", true, false],
    ["email", "ann@acme.test", "Ann@acme.test", false, true],
    ["email", "acme.test", "acme.test", false, false],
    ["uri", "acme.test", "https://acme.test/x", true, false],
    ["uri", "acme.test", "https://user@acme.test:8443?x", true, false],
    ["uri", "acme.test", "https://sub.acme.test/x", false, false],
    ["uri", ".acme.test", "https://sub.acme.test/x", true, false],
    ["uri", "acme.test", "https://acme.test.evil.test/x", false, true],
    ["uri", "acme.test", "https://evil.test/acme.test", false, true],
    ["uri", "acme.test", "https://evil.test\\@acme.test/", false, false],
    ["uri", "acme.test", "urn:acme.test", false, false],
    ["uri", "acme.test", "https://10.0.0.1/", false, false],
    ["uri", "acme.test", "https://[::1]/", false, false],
    ["ip", ip("0a000000ff000000"), "10.255.3.4", true, false],
    ["ip", ip("0a000000ff000000"), "11.0.0.1", false, true],
    ["ip", ip("0a000000ff000000"), "a00:0:0:0:0:0:0:1", false, true],
    ["ip", ip(`20010db8${"00".repeat(12)}ffffffff${"00".repeat(12)}`), "2001:db8:0:0:0:0:0:1", true, false],
    ["ip", ip(`20010db8${"00".repeat(12)}ffffffff${"00".repeat(12)}`), "2001:db9:0:0:0:0:0:1", false, true],
  ];
  it.each(cases)("%s %s for %s: permitted %s, not excluded %s", (kind, base, value, permitted, free) => {
    expect([allows("permitted", kind, base, value), allows("excluded", kind, base, value)]).toEqual([permitted, free]);
  });

  it("lets names of other kinds pass, and certificates without constraints", () => {
    const name: AlternativeName = { kind: "email", value: "ann@acme.test" };
    const both = nameConstraints([generalName(URI, "acme.test")], [generalName(DNS, "acme.test")]);
    expect(findForbiddenName(authority(both), [name])).toBeUndefined();
    expect(findForbiddenName(authority(extension("1.2.3", Buffer.alloc(1))), [name])).toBeUndefined();
    const other: AlternativeName = { kind: "uri", value: "https://evil.test/" };
    expect(findForbiddenName(authority(both), [name, other])).toBe("https://evil.test/");
  });

  const subtrees = (...parts: readonly Buffer[]) =>
    extension("2.5.29.30", writeDer(TAG.sequence, writeDer(contextTag(0), writeDer(TAG.sequence, ...parts))));
  it.each([
    ["a kind", "cannot be checked", nameConstraints([writeDer(contextTag(4))])],
    ["an otherName", "cannot be checked", nameConstraints([], [writeDer(contextTag(0))])],
    ["a minimum", "bounds", subtrees(generalName(DNS, "a.test"), writeDer(contextTag(0, false), Buffer.from([1])))],
    ["an IP address without a mask", "bad IP range", nameConstraints([generalName(IP, ip("0a000001"))])],
    ["nothing", "permitted, then", extension("2.5.29.30", writeDer(TAG.sequence))],
    ["something else", "permitted, then", extension("2.5.29.30", writeDer(TAG.sequence, writeDerInteger(1)))],
    [
      "too much",
      "257 entries",
      nameConstraints(Array.from({ length: 257 }, (_, index) => generalName(DNS, `${index}.test`))),
    ],
  ])("refuses constraints with %s", (_, reason, constraints) => {
    expect(() => findForbiddenName(authority(constraints), [])).toThrow(reason);
  });
});
