import { expect, it } from "vitest";
import { checkSigningConfig } from "#app/checkSigningConfig.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
const check = (config: object) => codeOf(() => checkSigningConfig(Buffer.from(JSON.stringify(config)), "sc.json"));

it("accepts a signing config without logs and timestamps, and no other", () => {
  expect(check({ mediaType: TYPE, rekorTlogConfig: {}, tsaConfig: {} })).toBeUndefined();
  expect(check({ mediaType: TYPE, rekorTlogUrls: [], tsaUrls: null, caUrls: [{ url: "https://ca" }] })).toBeUndefined();
  for (const name of ["rekorTlogUrls", "rekor_tlog_urls", "tsaUrls", "tsa_urls"]) {
    expect(check({ mediaType: TYPE, [name]: [{ url: "https://log.example" }] })).toBe("USAGE_INVALID");
    expect(check({ mediaType: TYPE, [name]: "https://log.example" })).toBe("USAGE_INVALID");
  }
  expect(check({})).toBe("INPUT_INVALID");
  expect(check([])).toBe("INPUT_INVALID");
  expect(check({ mediaType: "application/vnd.dev.sigstore.trustedroot+json" })).toBe("INPUT_INVALID");
});
