import { describe, expect, it } from "vitest";
import { demandFresh, demandTrust } from "#trust/demandTrust.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

const AT = new Date("2026-06-01T00:00:00Z");
const EMPTY: TrustRoot = {
  source: "root.json",
  published: undefined,
  certificateAuthorities: [],
  timestampAuthorities: [],
  logs: [],
  ctLogs: [],
};
const ending = (end: string | undefined): TrustRoot => ({
  ...EMPTY,
  certificateAuthorities: [
    { uri: "", certificates: [], window: { start: undefined, end: end === undefined ? undefined : new Date(end) } },
  ],
});

describe("demandTrust", () => {
  it("takes roots that name somebody for what is needed, and holds nothing against an empty one for nothing", () => {
    demandTrust([EMPTY, ending(undefined)], ["certificates"], AT);
    demandTrust([EMPTY], [], AT);
    demandTrust([ending("2020-01-01"), ending("2026-06-01")], ["certificates"], AT);
    expect(() => demandTrust([EMPTY, ending(undefined)], ["timestamps"], AT)).toThrow(
      expect.objectContaining({
        code: "TRUST_INVALID",
        message: "root.json, root.json: nobody is trusted for timestamps",
        details: { flaw: "empty" },
      }),
    );
    expect(() => demandTrust([], ["certificates"], AT)).toThrow("no trusted root is given");
  });

  it("says of what ended that it did", () => {
    const old = [ending("2020-01-01"), ending("2026-05-31T23:59:59.999Z")];
    expect(() => demandTrust(old, ["certificates"], AT)).toThrow(
      expect.objectContaining({ code: "TRUST_EXPIRED", details: { ended: "2026-05-31T23:59:59.999Z" } }),
    );
    demandTrust(old, ["certificates"], new Date("2026-05-01"));
  });
});

describe("demandFresh", () => {
  const DAY = 86_400_000;
  const published = new Date(AT.getTime() - 10 * DAY);

  it("takes what is as old as it may be, and nothing older", () => {
    demandFresh({ ...EMPTY, published }, 10 * DAY, AT);
    expect(() => demandFresh({ ...EMPTY, published }, 10 * DAY - 1, AT)).toThrow(
      expect.objectContaining({ code: "TRUST_STALE", message: "root.json: 10 days old, at most 9 days are allowed" }),
    );
  });

  it("takes nothing of which nobody says how old it is", () => {
    expect(() => demandFresh(EMPTY, 10 * DAY, AT)).toThrow(expect.objectContaining({ code: "TRUST_STALE" }));
  });
});
