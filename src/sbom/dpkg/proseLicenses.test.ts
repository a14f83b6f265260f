import { describe, expect, it } from "vitest";
import { proseLicenses } from "#sbom/dpkg/proseLicenses.ts";

const see = (name: string): string => ` On Debian systems see \`/usr/share/common-licenses/${name}'.`;
const later = (version: string): string =>
  `under the terms of the GNU General Public License as published by the Free Software Foundation; either\n version ${version} of the
   License, or (at your option) any later version.`;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files (the "Software"), to deal in the Software without restriction,
 including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
 of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

 The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 Software.

 THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING`;

describe("proseLicenses", () => {
  it.each([
    ["a later version throughout", later("2") + see("GPL-2"), ["GPL-2.0-or-later"]],
    ["with a minor version", later("2.1") + see("LGPL-2.1"), ["LGPL-2.1-or-later"]],
    ["with commas", `version 3, or (at your option) any later version.${see("GPL-3")}`, ["GPL-3.0-or-later"]],
    [
      "two families",
      later("2") + see("GPL-2") + later("2.1") + see("LGPL-2.1"),
      ["GPL-2.0-or-later", "LGPL-2.1-or-later"],
    ],
    ["one part without", `${later("2")} b.c: version 2 of the License.${see("GPL-2")}`, ["GPL-2"]],
    ["only this one", `version 2 of the License. Or write to us about later ones.${see("GPL-2")}`, ["GPL-2"]],
    ["no version said", see("GPL-2"), ["GPL-2"]],
    ["no version meant", later("2") + see("GPL"), ["GPL"]],
    ["one text each", see("Apache-2.0") + see("BSD") + see("Artistic"), ["Apache-2.0", "Artistic-1.0", "BSD-3-Clause"]],
    ["the MIT licence itself", MIT, ["MIT"]],
    ["a permission that is another", MIT.replace("sublicense, ", ""), []],
    ["nothing", "Copyright: somebody", []],
  ])("%s", (_, text, licenses) => expect(proseLicenses(text)).toEqual(licenses));

  it("answers a long hostile text", () => {
    expect(proseLicenses(`${"version 2 or ".repeat(20_000)}${see("GPL-2")}`)).toEqual(["GPL-2"]);
  });
});
