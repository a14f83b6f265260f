import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { debianLicense } from "#sbom/license/debianLicense.ts";
import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import { rpmLicense } from "#sbom/license/rpmLicense.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";

describe("readLicense", () => {
  it.each([
    ["MIT", [{ expression: "MIT" }]],
    ["(MIT)", [{ expression: "MIT" }]],
    ["(MIT OR Apache-2.0)", [{ expression: "(MIT OR Apache-2.0)" }]],
    ["Apache License, Version 2.0", [{ expression: "Apache-2.0" }]],
    ["GPL-2.0+ AND LGPL-2.1", [{ expression: "GPL-2.0-or-later AND LGPL-2.1-only" }]],
    ["GPL-2.0-with-classpath-exception", [{ expression: "GPL-2.0-only WITH Classpath-exception-2.0" }]],
    ["MPL-2.0 MIT", [{ expression: "MPL-2.0" }, { expression: "MIT" }]],
    ["MIT BSD GPL2+", [{ name: "MIT BSD GPL2+" }]],
    ["MIT AND FOO", [{ name: "MIT AND FOO" }]],
    ["SEE LICENSE IN x", [{ name: "SEE LICENSE IN x" }]],
    ["constructor", [{ name: "constructor" }]],
    [" \n", []],
    [undefined, []],
  ])("%s", (text, licenses) => expect(readLicense(text)).toEqual(licenses));

  it("answers any text, and what it calls an expression is one", () => {
    const word = fc.constantFrom("MIT", "GPL-2.0+", "(", ")", "AND", "OR", "WITH", "+", "Classpath-exception-2.0", "x");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(word).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (stated) => {
        const expressions = readLicense(stated).flatMap((one) => ("expression" in one ? [one.expression] : []));
        expect(expressions.map(spdxExpression)).toEqual(expressions);
      }),
    );
  });

  it("does not parse what nobody writes", () => expect(spdxExpression("(".repeat(5000))).toBeUndefined());
});

describe("debianLicense", () => {
  it.each([
    ["GPL-2+", "GPL-2.0-or-later"],
    ["LGPL-2.1", "LGPL-2.1-only"],
    ["Expat", "MIT"],
    ["GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"],
    ["GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0"],
    ["GPL-2+ or Artistic-2, and bsd-3-clause", "(GPL-2.0-or-later OR Artistic-2.0) AND BSD-3-Clause"],
    ["public-domain", undefined],
    ["GPL-2+ with OpenSSL exception", undefined],
    ["GPL-3+ with Bison exception or Expat", "GPL-3.0-or-later WITH Bison-exception-2.2 OR MIT"],
    ["GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"],
    ["GPL-1 with Bison exception", undefined],
    ["Expat with Bison exception", undefined],
    ["Apache-2 and MPL-2 and BSL-1", "Apache-2.0 AND MPL-2.0 AND BSL-1.0"],
    ["", undefined],
  ])("%s", (synopsis, expression) => expect(debianLicense(synopsis)).toBe(expression));
});

describe("rpmLicense", () => {
  it.each([
    ["GPLv2+", "GPL-2.0-or-later"],
    ["GPLv3+ and LGPLv2+", "GPL-3.0-or-later AND LGPL-2.0-or-later"],
    ["MIT and (ASL 2.0 or MPLv2.0)", "MIT AND (Apache-2.0 OR MPL-2.0)"],
    ["(GPL+ or Artistic-2.0) AND zlib", "(GPL-1.0-or-later OR Artistic-2.0) AND Zlib"],
    ["GPL-2.0+ and LGPL-2.1+", "GPL-2.0-or-later AND LGPL-2.1-or-later"],
    ["GPL-2.0-with-classpath-exception or Ruby", "GPL-2.0-only WITH Classpath-exception-2.0 OR Ruby"],
    ["Public Domain", undefined],
    ["BSD and GPLv2+", undefined],
    ["LGPLv2+ with exceptions", undefined],
    ["GPLv2+, LGPLv2+", undefined],
    ["(MIT", undefined],
    ["MIT and", undefined],
    ["", undefined],
    [`${"(".repeat(3000)}MIT`, undefined],
  ])("%s", (statement, expression) => expect(rpmLicense(statement)).toBe(expression));
});

describe("joinLicenses", () => {
  it("keeps expressions while all are, and names each once otherwise", () => {
    expect(joinLicenses([[{ expression: "MIT" }], [{ expression: "MIT" }], [{ expression: "ISC" }]])).toEqual([
      { expression: "MIT" },
      { expression: "ISC" },
    ]);
    expect(joinLicenses([[{ expression: "MIT" }], [{ name: "custom" }]])).toEqual([
      { name: "MIT" },
      { name: "custom" },
    ]);
  });
});
