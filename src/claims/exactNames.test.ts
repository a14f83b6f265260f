import { describe, expect, it } from "vitest";
import { demandExactNames } from "#claims/exactNames.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const check = (name: string) => codeOf(() => demandExactNames({ [name]: 1 }, ["subject", "keyid"], "it"));

describe("demandExactNames", () => {
  it.each([["Subject"], ["SUBJECT"], ["\u017fubject"], ["\u212aeyid"], ["keyID"]])(
    "refuses %j, which Go reads",
    (name) => {
      expect(check(name)).toBe("INPUT_INVALID");
    },
  );

  it.each([["subject"], ["subjects"], ["_subject"], ["other"], ["__proto__"]])("lets %j pass", (name) => {
    expect(check(name)).toBeUndefined();
  });
});
