import { describe, expect, it } from "vitest";
import { chooseTrust } from "#cli/chooseTrust.ts";
import type { TrustValues } from "#cli/chooseTrust.ts";
import { readFlags } from "#cli/readFlags.ts";
import { allTrustFlags } from "#cli/trustFlags.ts";

const choose = (written: Partial<Record<keyof typeof allTrustFlags, string | boolean | readonly string[]>>) =>
  chooseTrust(readFlags(allTrustFlags, { written, env: {}, file: {} }) as TrustValues);
const WHO = { certificateIdentity: "a@example.com", certificateOidcIssuer: "https://issuer.example" };
const KEY = { key: ["cosign.pub"] };
const ROOT = { trustedRoot: ["root.json"] };

describe("chooseTrust", () => {
  it("takes one kind of signer, and says what is missing", () => {
    expect(choose(KEY)).toMatchObject({ keys: ["cosign.pub"], identity: undefined, demand: undefined });
    expect(choose(WHO).identity).toEqual({
      name: "a@example.com",
      subject: [{ kind: "exact", value: "a@example.com" }],
      issuer: [{ kind: "exact", value: "https://issuer.example" }],
      claims: {},
    });
    expect(() => choose({})).toThrow("--key, --certificate-identity or --trust is required");
    expect(() => choose({ ...KEY, ...WHO })).toThrow("--key and --certificate-identity are given");
    expect(() => choose({ ...KEY, trust: ["sets.yaml"] })).toThrow("--key and --trust are given");
    expect(() => choose({ certificateIdentity: "a" })).toThrow("--certificate-oidc-issuer");
    expect(() => choose({ certificateOidcIssuerRegexp: "a" })).toThrow("--certificate-identity");
    // A claim of the certificate beside a key would be checked by nobody.
    expect(() => choose({ ...KEY, certificateGithubWorkflowName: "build" })).toThrow("--certificate-identity");
  });

  it("applies an exact value and a pattern both, and every claim", () => {
    expect(
      choose({ ...WHO, certificateIdentityRegexp: "a@.*", certificateGithubWorkflowRef: "refs/heads/main" }).identity,
    ).toMatchObject({
      subject: [
        { kind: "exact", value: "a@example.com" },
        { kind: "pattern", source: "a@.*" },
      ],
      claims: { githubWorkflowRef: "refs/heads/main" },
    });
  });

  it("demands of an identity a log and a certificate log, unless told otherwise", () => {
    expect(choose(WHO).demand).toEqual({ logs: 1, timestamps: 0, scts: 1 });
    expect(choose({ ...WHO, insecureIgnoreTlog: true }).demand).toMatchObject({ logs: undefined });
    expect(choose({ ...WHO, privateInfrastructure: true }).demand).toMatchObject({ logs: undefined });
    expect(choose({ ...WHO, insecureIgnoreTlog: false }).demand).toMatchObject({ logs: 1 });
    expect(choose({ ...WHO, insecureIgnoreSct: true }).demand).toMatchObject({ scts: undefined });
    expect(choose({ ...WHO, useSignedTimestamps: true }).demand).toMatchObject({ timestamps: 1 });
  });

  it("demands nothing of a key, and looks at proofs where somebody says by whose word", () => {
    expect(choose({ ...KEY, insecureIgnoreTlog: false }).demand).toMatchObject({ logs: 1, timestamps: undefined });
    expect(choose({ ...KEY, ...ROOT }).demand).toEqual({ logs: 0, timestamps: 0, scts: undefined });
    expect(choose({ ...KEY, ...ROOT, insecureIgnoreTlog: true }).demand).toMatchObject({ logs: undefined });
    expect(choose({ ...KEY, useSignedTimestamps: true }).demand).toMatchObject({ timestamps: 1 });
  });

  it("reads ages", () => {
    expect(choose({ ...WHO, maxRootAge: "90d" }).roots.maxRootAge).toBe(90 * 86_400_000);
    for (const age of ["90", "0d", "-1d", "1y", ""]) {
      expect(() => choose({ ...WHO, maxRootAge: age || "x" })).toThrow("is no age");
    }
  });
});
