import { describe, expect, it } from "vitest";
import { fitHistory } from "#sbom/fitHistory.ts";

const step = (name: string, emptyLayer = false) => ({ name, emptyLayer });

describe("fitHistory", () => {
  it("leaves out the steps without a layer", () => {
    const [first, second] = [step("a"), step("b")];
    expect(fitHistory([step("env", true), first, step("cmd", true), second], 2)).toEqual([first, second]);
  });

  it.each([0, 1, 3])("says nothing of %i layers that do not fit", (layers) => {
    expect(fitHistory([step("a"), step("b")], layers)).toEqual(Array(layers).fill(undefined));
  });
});
