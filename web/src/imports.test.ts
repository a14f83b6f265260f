import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ROOT = new URL(".", import.meta.url);
const SOURCES = globSync("**/*.{ts,tsx}", { cwd: ROOT }).filter((path) => !path.endsWith(".test.ts"));
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

const ALLOWED = [
  /^import type \{[^}]*\} from "(?:zod|#api\/contract\/\w+\.ts)";$/,
  /^import (?:type )?\{[^}]*\} from "(?:preact|preact\/hooks|@preact\/signals|\.{1,2}\/[\w/]+\.tsx?)";$/,
];

describe("the dashboard", () => {
  it("knows of the service only the types of its contract, and no other package than its own", () => {
    expect(SOURCES.length).toBeGreaterThan(30);
    const imports = SOURCES.flatMap((path) => textOf(path).match(/^import\b[^;]*;/gm) ?? []);
    expect(imports.filter((text) => !ALLOWED.some((form) => form.test(text)))).toEqual([]);
  });

  it("makes no markup of text, and writes no style or script into the page", () => {
    const forbidden =
      /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|\sstyle=|localStorage|document\.cookie/;
    expect(SOURCES.filter((path) => forbidden.test(textOf(path)))).toEqual([]);
  });
});
