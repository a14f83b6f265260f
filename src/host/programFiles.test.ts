import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { collectProgramFiles, importedPackages } from "#host/programFiles.ts";

const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

const install = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "program-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
};

const collect = async (files: Readonly<Record<string, string>>) => {
  const { program, packages } = await collectProgramFiles(install(files));
  return { program: program.map((one) => one.path).toSorted(), packages: packages.map((one) => one.path).toSorted() };
};

describe("importedPackages", () => {
  it("names what is left of the imports when the types are gone", () => {
    const text = [
      'import { readFile } from "node:fs/promises";',
      'import { Command } from "commander";',
      'import {\n  scrypt,\n} from "@noble/hashes/scrypt.js";',
      'import type { Dispatcher } from "undici-types";',
      'import { sha } from "#core/digest.ts";',
      'import "side-effect";',
      'export { x } from "re-exported/deep.js";',
      'export type { Y } from "only-a-type";',
      'const later = () => import("lazy");',
      'const text = `import { no } from "in-a-line"`;',
    ].join("\n");
    expect(importedPackages(text)).toEqual(["commander", "@noble/hashes", "side-effect", "re-exported", "lazy"]);
  });
});

describe("collectProgramFiles", () => {
  it("takes the sources without tests, and the packages that they import with theirs", async () => {
    const files = {
      "package.json": "{}",
      "bin/waybill.js": "",
      "bin/package.json": "{}",
      "src/main/cli.ts": 'import { a } from "one";\n',
      "src/main/cli.test.ts": 'import { it } from "vitest";\n',
      "dist/main.js": "",
      "node_modules/one/package.json": '{"dependencies":{"@two/two":"2","absent":"1"}}',
      "node_modules/one/index.js": "",
      "node_modules/@two/two/package.json": "{}",
      "node_modules/vitest/package.json": "{}",
    };
    expect(await collect(files)).toEqual({
      program: ["app/bin/package.json", "app/bin/waybill.js", "app/package.json", "app/src/main/cli.ts"],
      packages: [
        "app/node_modules/@two/two/package.json",
        "app/node_modules/one/index.js",
        "app/node_modules/one/package.json",
      ],
    });
  });

  it("takes the build where there are no sources", async () => {
    const files = { "package.json": "{}", LICENSE: "", "bin/waybill.js": "", "dist/main.js": 'import "x";' };
    expect(await collect(files)).toEqual({
      program: ["app/LICENSE", "app/bin/waybill.js", "app/dist/main.js", "app/package.json"],
      packages: [],
    });
  });

  it("says so when the program is not there", async () => {
    await expect(collect({ "package.json": "{}" })).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});
