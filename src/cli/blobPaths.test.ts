import { expect, it } from "vitest";
import { checkTargets, checkTemplates, paperPath } from "#cli/blobPaths.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

it("puts a file's path or its name into the path of its paper, once", () => {
  expect(paperPath("{}.sigstore.json", "dist/app.tar")).toBe("dist/app.tar.sigstore.json");
  expect(paperPath("out/{/}.json", "dist/app.tar")).toBe("out/app.tar.json");
  expect(paperPath("{/}/{}", "a/{}$&")).toBe("{}$&/a/{}$&");
  expect(paperPath("plain.json", "dist/app.tar")).toBe("plain.json");
});

it("refuses one path for several files", () => {
  expect(codeOf(() => checkTemplates(["a", "b"], { bundle: "x.json" }))).toBe("USAGE_INVALID");
  expect(() => checkTemplates(["a", "b"], { bundle: "{}.json", other: undefined })).not.toThrow();
  expect(() => checkTemplates(["a"], { bundle: "x.json" })).not.toThrow();
});

it("refuses a name for stdin, and stdin twice", () => {
  expect(codeOf(() => checkTemplates(["-"], { bundle: "{}.json" }))).toBe("USAGE_INVALID");
  expect(codeOf(() => checkTemplates(["-", "-"], {}))).toBe("USAGE_INVALID");
  expect(() => checkTemplates(["-"], { bundle: "x.json" })).not.toThrow();
  expect(codeOf(() => checkTemplates(["a"], { bundle: "-" }))).toBe("USAGE_INVALID");
});

it("refuses to write a paper over another or over what is signed", () => {
  expect(codeOf(() => checkTargets(["a/x", "b/x"], ["out/x.json", "out/./x.json"]))).toBe("USAGE_INVALID");
  expect(codeOf(() => checkTargets(["a/x"], ["a/../a/x"]))).toBe("USAGE_INVALID");
  expect(() => checkTargets(["-", "a/x"], ["-", "a/x.json"])).not.toThrow();
});
