import { describe, expect, it } from "vitest";
import { namedLicences } from "./namedLicences.ts";

describe("the licences of a package", () => {
  it.each([
    ["", []],
    ["MIT", ["MIT"]],
    ["GPL-2.0-or-later, GPL-3.0, MIT", ["GPL-2.0-or-later", "GPL-3.0", "MIT"]],
    ["(MIT OR Apache-2.0) AND MIT", ["MIT", "Apache-2.0"]],
    ["Apache-2.0 WITH LLVM-exception", ["Apache-2.0 WITH LLVM-exception"]],
    ["MIT AND (BSD-3-Clause OR (ISC AND Zlib))", ["MIT", "BSD-3-Clause", "ISC", "Zlib"]],
    ["ORACLE, GPL-3+ with Autoconf exception", ["ORACLE", "GPL-3+ with Autoconf exception"]],
    ["<b>OR</b>", ["<b>OR</b>"]],
  ])("of %s are told apart", (text, licences) => {
    expect(namedLicences(text)).toEqual(licences);
  });
});
