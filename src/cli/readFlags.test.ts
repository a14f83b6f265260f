import { describe, expect, it } from "vitest";
import { flag } from "#cli/flag.ts";
import { readFlags, sourceOf } from "#cli/readFlags.ts";
import type { FlagSources } from "#cli/readFlags.ts";

const flags = {
  storage: flag.choice(["both", "bundle"], { default: "both", summary: "forms" }),
  checkClaims: flag.toggle({ default: true, summary: "claims" }),
  settle: flag.duration({ value: "DURATION", default: "500ms", summary: "wait" }),
};

const sources = (over: Partial<FlagSources> = {}): FlagSources => ({ written: {}, env: {}, file: {}, ...over });
const file = { storage: { raw: "bundle", where: "w.yaml:1: storage" } };

describe("the sources of a flag", () => {
  it("are asked in order: flag, our variable, cosign's, file, default", () => {
    const env = { COSIGN_STORAGE: "c", WAYBILL_STORAGE: "w" };
    const all = sources({ written: { storage: "f" }, env, file });
    expect(sourceOf("storage", all)).toEqual({ kind: "flag", raw: "f", where: "--storage" });
    expect(sourceOf("storage", { ...all, written: {} })).toMatchObject({ kind: "variable", where: "WAYBILL_STORAGE" });
    expect(sourceOf("storage", sources({ env: { COSIGN_STORAGE: "c", WAYBILL_STORAGE: "" }, file }))).toEqual({
      kind: "variable",
      raw: "c",
      where: "COSIGN_STORAGE",
    });
    expect(sourceOf("storage", sources({ file }))).toEqual({ kind: "file", raw: "bundle", where: "w.yaml:1: storage" });
    expect(sourceOf("storage", sources())).toEqual({ kind: "default" });
  });

  it("are no variables that mean something else", () => {
    const env = {
      WAYBILL_PASSWORD: "x",
      COSIGN_PASSWORD: "x",
      WAYBILL_FROM: "x",
      WAYBILL_NODE: "x",
      COSIGN_CONFIG: "x",
    };
    for (const property of ["password", "from", "node", "config"]) {
      expect(sourceOf(property, sources({ env }))).toEqual({ kind: "default" });
    }
  });

  it("give values of the flag's type", () => {
    expect(readFlags(flags, sources({ file }))).toEqual({ storage: "bundle", checkClaims: true, settle: 500 });
    const off = { checkClaims: { raw: false, where: "w.yaml:2: check-claims" } };
    expect(readFlags(flags, sources({ file: off }))).toMatchObject({ checkClaims: false });
    expect(readFlags(flags, sources({ file: off, env: { WAYBILL_CHECK_CLAIMS: "1" } })).checkClaims).toBe(true);
  });
});

describe("a bad value", () => {
  it("of a file is a setting that is not valid, with file and line", () => {
    const bad = { storage: { raw: "all", where: "w.yaml:7: storage" } };
    expect(() => readFlags(flags, sources({ file: bad }))).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: 'w.yaml:7: storage: "all" is not one of both, bundle',
        hint: "Correct the named setting and try again.",
      }),
    );
    const soon = { settle: { raw: "soon", where: "w.yaml:8: settle" } };
    expect(() => readFlags(flags, sources({ file: soon }))).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", hint: expect.stringContaining("90s") }),
    );
  });

  it("elsewhere is a wrong use", () => {
    const bad = sources({ env: { WAYBILL_STORAGE: "all" }, file });
    expect(() => readFlags(flags, bad)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });
});
