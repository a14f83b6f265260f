import { describe, expect, it } from "vitest";
import { TAG } from "#claims/strictDer.ts";
import { writeDer } from "#claims/writeDer.ts";
import { isFault } from "#trust/fault.ts";
import { readFulcioClaims } from "#trust/fulcioExtensions.ts";
import { checkTrustedIdentity, matchIdentity } from "#trust/identityRule.ts";
import type { TextRule, TrustedIdentity } from "#trust/identityRule.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { extension, generalName, makeCertificate, makeKeys, subjectAltName } from "../../test/fakes/makeCertificate.ts";

const keys = makeKeys();
const ISSUER = "https://token.actions.githubusercontent.com";
const WORKFLOW = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";

const bare = (number: number, text: string) => extension(`1.3.6.1.4.1.57264.1.${number}`, Buffer.from(text));
const utf8 = (number: number, text: string) =>
  extension(`1.3.6.1.4.1.57264.1.${number}`, writeDer(TAG.utf8String, Buffer.from(text)));
const GITHUB = [bare(1, ISSUER), utf8(8, ISSUER), bare(2, "push"), utf8(12, "https://github.com/acme/app")];
const certificate = (extensions: readonly Buffer[] = GITHUB, names = [generalName(6, WORKFLOW)]) =>
  readCertificate(
    makeCertificate({ keys, extensions: names.length === 0 ? extensions : [...extensions, subjectAltName(...names)] })
      .der,
  );

const exact = (value: string): TextRule => ({ kind: "exact", value });
const pattern = (source: string): TextRule => ({ kind: "pattern", source });
const identity = (change: Partial<TrustedIdentity> = {}): TrustedIdentity => ({
  name: "release",
  subject: [exact(WORKFLOW)],
  issuer: [exact(ISSUER)],
  claims: {},
  ...change,
});
const match = (change: Partial<TrustedIdentity> = {}, of = certificate()) => {
  const found = matchIdentity(of, [identity(change)]);
  return isFault(found) ? `${found.code}: ${found.reason}` : found.subject;
};

describe("matchIdentity", () => {
  it("says who it is", () => {
    expect(matchIdentity(certificate(), [identity({ claims: { githubWorkflowTrigger: "push" } })])).toEqual({
      rule: "release",
      subject: WORKFLOW,
      issuer: ISSUER,
      names: [{ kind: "uri", value: WORKFLOW }],
      claims: { githubWorkflowTrigger: "push", sourceRepositoryURI: "https://github.com/acme/app" },
    });
  });

  it("finds the name among all that the certificate has", () => {
    const both = certificate(GITHUB, [generalName(1, "ann@acme.test"), generalName(6, WORKFLOW)]);
    expect(match({}, both)).toBe(WORKFLOW);
    expect(match({ subject: [exact("ann@acme.test")] }, both)).toBe("ann@acme.test");
  });

  it.each([
    ["another", exact("https://github.com/evil/app/.github/workflows/release.yml@refs/heads/main")],
    ["the start of it", exact(WORKFLOW.slice(0, -1))],
    ["more than it", exact(`${WORKFLOW}x`)],
    ["a pattern as a value", exact(".*")],
    ["a pattern of its start", pattern("https://github\\.com/acme/")],
    ["a pattern of its end", pattern("acme/app/.*")],
    ["an alternative of its start", pattern("https://github.com/acme/|nothing")],
    ["a pattern in other case", pattern(WORKFLOW.toUpperCase())],
  ])("refuses %s (attack 20)", (_, rule) => {
    expect(match({ subject: [rule] })).toMatch(/^identity-subject: its certificate is for "https:.*; wanted is /);
  });

  it("takes patterns that match from end to end", () => {
    for (const source of ["https://github\\.com/acme/.*", "x|https://.*main", "(?i)HTTPS://.*", `^${WORKFLOW}$`]) {
      expect(match({ subject: [pattern(source)] })).toBe(WORKFLOW);
    }
    expect(match({ issuer: [pattern("https://token\\.actions\\..*")] })).toBe(WORKFLOW);
    expect(match({ subject: [exact(WORKFLOW), pattern(".*@refs/heads/main")] })).toBe(WORKFLOW);
  });

  it("prints the pattern that somebody who comes from cosign meant", () => {
    const meant = (source: string) => /this one would, \/(.*)\/\)$/.exec(match({ subject: [pattern(source)] }))?.[1];
    expect(meant("^https://github.com/acme/")).toBe("^https://github.com/acme/.*");
    expect(meant("acme/app")).toBe(".*acme/app.*");
    expect(meant("nothing|acme/")).toBe(".*(?:nothing|acme/).*");
    expect(meant("acme/.*main$")).toBe(".*acme/.*main$");
    expect(meant("evil")).toBeUndefined();
  });

  it("wants every rule to hold, for one and the same name, and none to be no permission", () => {
    const two = certificate(GITHUB, [generalName(1, "ann@acme.test"), generalName(1, "bob@other.test")]);
    const subject = [pattern("ann@.*"), pattern(".*@other.test")];
    expect(match({ subject }, two)).toMatch(/^identity-subject: .*wanted is \/ann@\.\*\/ and /);
    expect(match({ subject: [] })).toMatch(/^identity-subject: .*nothing that could be/);
    expect(match({ issuer: [] })).toMatch(/^identity-issuer/);
    expect(matchIdentity(certificate(), [])).toEqual({ code: "identity-issuer", reason: "no identity is trusted" });
  });

  it("always compares the issuer, which the certificate must name", () => {
    expect(match({ issuer: [exact("https://accounts.test")] })).toBe(
      `identity-issuer: its certificate's issuer is "${ISSUER}"; wanted is "https://accounts.test"`,
    );
    expect(match({}, certificate([bare(2, "push")]))).toMatch(/^identity-issuer: .*\(no issuer\)/);
    expect(match({}, certificate([bare(1, ISSUER)]))).toBe(WORKFLOW);
    expect(match({}, certificate([utf8(8, ISSUER)]))).toBe(WORKFLOW);
    expect(match({}, certificate([bare(1, ISSUER), utf8(8, "https://evil.test")]))).toMatch(
      /^identity-issuer: .*names two issuers/,
    );
  });

  it("compares each claim that is asked for exactly", () => {
    expect(match({ claims: { sourceRepositoryURI: "https://github.com/acme/app" } })).toBe(WORKFLOW);
    expect(match({ claims: { sourceRepositoryURI: "https://github.com/acme" } })).toBe(
      'identity-claim: its certificate says sourceRepositoryURI = "https://github.com/acme/app", not "https://github.com/acme"',
    );
    expect(match({ claims: { buildTrigger: "push" } })).toMatch(/says nothing of buildTrigger, not "push"/);
    expect(match({ claims: { toString: "" } })).toMatch(/^identity-claim/);
  });

  it("tells of the identity that came nearest", () => {
    const faultOf = (...identities: readonly TrustedIdentity[]) => {
      const found = matchIdentity(certificate(), identities);
      return isFault(found) ? found.code : found.rule;
    };
    const [far, near, nearer] = [
      identity({ issuer: [exact("x")] }),
      identity({ subject: [exact("x")] }),
      identity({ claims: { buildTrigger: "x" } }),
    ];
    expect(faultOf(far, nearer, near)).toBe("identity-claim");
    expect(faultOf(near, far)).toBe("identity-subject");
    expect(faultOf(far, identity({ name: "second" }))).toBe("second");
  });

  it("shows a few of many names, and nothing that a terminal would obey", () => {
    const many = certificate(
      GITHUB,
      Array.from({ length: 9 }, (_, index) => generalName(2, `${index}.test`)),
    );
    expect(match({}, many)).toContain('"4.test", 4 more; wanted');
    expect(match({}, certificate(GITHUB, []))).toContain("is for nobody (it has no names)");
  });

  it("refuses a rule that nothing could satisfy before anything is fetched", () => {
    const check = (change: Partial<TrustedIdentity>) => codeOf(() => checkTrustedIdentity(identity(change)));
    expect(check({ claims: { sourceRepositoryURI: "x" } })).toBeUndefined();
    expect(check({ subject: [pattern("(")] })).toBe("USAGE_INVALID");
    expect(check({ issuer: [pattern("a)|(b")] })).toBe("USAGE_INVALID");
    expect(check({ issuer: [pattern("(a)\\1")] })).toBe("USAGE_INVALID");
    expect(check({ subject: [pattern("a".repeat(4097))] })).toBe("USAGE_INVALID");
    expect(check({ claims: { repository: "x" } })).toBe("USAGE_INVALID");
    expect(codeOf(() => match({ subject: [pattern("(?<!a)b")] }))).toBe("USAGE_INVALID");
  });
});

describe("readFulcioClaims", () => {
  it.each([
    ["bare text where UTF8String belongs", [bare(8, ISSUER)]],
    ["another kind of string", [extension("1.3.6.1.4.1.57264.1.9", writeDer(0x16, Buffer.from("x")))]],
    ["bytes behind the string", [extension("1.3.6.1.4.1.57264.1.9", Buffer.from("0c017800", "hex"))]],
    ["no UTF-8", [bare(2, "x"), extension("1.3.6.1.4.1.57264.1.3", Buffer.from([0xff]))]],
    ["a line break", [bare(4, "a\nb")]],
  ])("refuses %s", (_, extensions) => {
    expect(readFulcioClaims(certificate(extensions))).toMatchObject({ code: "certificate-malformed" });
  });
});
