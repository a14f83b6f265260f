import { describe, expect, it } from "vitest";
import type { MessageClaim } from "#claims/claim.ts";
import { withGiven } from "#claims/givenProofs.ts";
import { digestOf } from "#core/digest.ts";

const [leaf, other, token] = ["leaf", "other", "token"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
const found = { form: "legacy", manifest: digestOf("x") } as const;
const bare: MessageClaim = { kind: "message", found, signature: leaf, digest: undefined, material: "none" };
const carrying = (...certificates: readonly Buffer[]): MessageClaim => ({
  ...bare,
  material: "certificate",
  carried: { certificates, logEntries: [], timestamps: [] },
});
const given = { certificates: [leaf], timestamps: [token], sct: Buffer.from("sct") };

describe("withGiven", () => {
  it("leaves papers alone where nothing is given", () => {
    expect(withGiven(bare, undefined)).toBe(bare);
  });

  it("adds what a paper outside of a bundle does not bring along", () => {
    expect(withGiven(bare, given)).toMatchObject({
      material: "certificate",
      carried: { certificates: [leaf], timestamps: [token], sct: given.sct },
    });
    expect(withGiven(bare, { certificates: [], timestamps: [token] })).toMatchObject({ material: "none" });
    expect(withGiven(carrying(leaf, other), given)).toMatchObject({ carried: { certificates: [leaf, other] } });
  });

  it("takes the given certificate for the paper's own alone", () => {
    expect(withGiven(carrying(other), given)).toMatchObject({ kind: "unreadable" });
    expect(withGiven(carrying(other, leaf), given)).toMatchObject({ kind: "unreadable" });
    const bundle = { ...carrying(other), found: { ...found, form: "bundle" as const } };
    expect(withGiven(bundle, given)).toMatchObject({ kind: "unreadable" });
    expect(withGiven({ ...bundle, ...carrying(leaf), found: bundle.found }, given)).not.toHaveProperty("carried.sct");
  });
});
