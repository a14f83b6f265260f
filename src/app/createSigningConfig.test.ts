import { describe, expect, it } from "vitest";
import { createSigningConfig } from "#app/createSigningConfig.ts";
import type { CreateSigningConfigInput } from "#app/createSigningConfig.ts";

const NONE = { fulcio: [], "oidc-provider": [], rekor: [], tsa: [] };
const FIELDS = "api-version=1,start-time=2024-01-01T00:00:00Z,operator=op";

const make = (input: Partial<CreateSigningConfigInput>): Record<string, unknown> => {
  const defaults = {
    base: undefined,
    services: NONE,
    choices: { rekor: undefined, tsa: undefined },
    without: new Set([]),
  };
  return JSON.parse(Buffer.from(createSigningConfig({ ...defaults, ...input })).toString()) as Record<string, unknown>;
};
const ofFulcio = (spec: string) => make({ services: { ...NONE, fulcio: [spec] } });

describe("createSigningConfig", () => {
  const base = {
    bytes: createSigningConfig({
      base: undefined,
      services: { ...NONE, fulcio: [`url=https://f.example,${FIELDS}`], rekor: [`url=https://r.example,${FIELDS}`] },
      choices: { rekor: "exact:1", tsa: undefined },
      without: new Set(),
    }),
    name: "base.json",
  };

  it("keeps of the base what no flag replaces", () => {
    const made = make({ base, services: { ...NONE, fulcio: [`url=https://new.example,${FIELDS}`] } });
    expect(made).toMatchObject({
      caUrls: [{ url: "https://new.example" }],
      rekorTlogUrls: [{ url: "https://r.example" }],
      rekorTlogConfig: { selector: "EXACT", count: 1 },
    });
  });

  it("leaves out kinds of the base, and how many of them were wanted", () => {
    const made = make({ base, without: new Set(["rekor"]) });
    expect(made["rekorTlogUrls"]).toBeUndefined();
    expect(made["rekorTlogConfig"]).toEqual({});
  });

  it("wants to know how many of new logs are to be used, whatever the base said", () => {
    const services = { ...NONE, rekor: [`url=https://new.example,${FIELDS}`] };
    expect(() => make({ base, services })).toThrow("--rekor-config is required");
  });

  it.each([
    ["url=https://f.example,start-time=2024-01-01T00:00:00Z,operator=op", "api-version is missing"],
    [`url=https://f.example,${FIELDS},operator=other`, "operator stands there twice"],
    [`url=https://f.example,${FIELDS},end-tme=2025-01-01T00:00:00Z`, '"end-tme" is no NAME=VALUE'],
    [`url=https://f.example,${FIELDS},`, "no NAME=VALUE"],
    [`url=,${FIELDS}`, "url has no value"],
    [`url=f.example,${FIELDS}`, "is no address"],
    [`url=https://me:secret@f.example,${FIELDS}`, "it holds credentials"],
    [`url=https://f.example,${FIELDS},end-time=2023-01-01T00:00:00Z`, "it ends 2023"],
    [`url=https://f.example,${FIELDS},end-time=2025-01-01`, "no RFC 3339 time"],
    [`url=https://f.example,${FIELDS.replace("=1", "=one")}`, "no whole number"],
  ])("refuses %s", (spec, reason) => {
    expect(() => ofFulcio(spec)).toThrow(
      expect.objectContaining({ code: "USAGE_INVALID", message: expect.stringContaining(reason) as string }),
    );
  });

  it.each(["SOME", "EXACT", "EXACT:0", "EXACT:x", "ANY:2", ""])("refuses the choice %j", (text) => {
    expect(() => make({ choices: { rekor: text, tsa: undefined } })).toThrow("--rekor-config");
  });
});
