import { describe, expect, it } from "vitest";
import { badgeWords, stateWords, waitingWords } from "./stateWords.ts";

const BADGES = ["signed", "not signed yet", "signing", "failed", "signing unavailable", "unknown"] as const;
const BUILDS = ["pending", "running", "done", "failed", "skipped", "signing_unavailable"] as const;

describe("the words of states", () => {
  it("never say the bare word that is read as safe", () => {
    const all = [...BADGES.map(badgeWords), ...BUILDS.map(waitingWords), ...BUILDS.map(stateWords)];
    for (const { text } of all) expect(text).not.toMatch(/verified|safe|secure|trusted/i);
  });

  it("alarm only where something failed", () => {
    expect(BADGES.filter((state) => badgeWords(state).tone === "bad")).toEqual(["failed"]);
    expect(BUILDS.filter((state) => waitingWords(state).tone === "bad")).toEqual(["failed"]);
  });

  it("say of no build that its signature is confirmed before the service has said so", () => {
    for (const state of BUILDS) expect(waitingWords(state).tone).not.toBe("good");
  });
});
