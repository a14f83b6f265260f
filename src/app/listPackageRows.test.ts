import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "#core/strictJson.ts";
import { listPackageRows } from "#app/listPackageRows.ts";

const purlsOf = (document: Json): readonly string[] => listPackageRows(document).rows.map(({ purl }) => purl);

describe("listPackageRows", () => {
  it("lists packages, nested ones too, once for each purl, in their order", () => {
    const { rows, total } = listPackageRows({
      components: [
        { type: "operating-system", name: "debian", version: "12" },
        {
          type: "library",
          name: "b",
          version: "1",
          purl: "pkg:deb/debian/b@1",
          licenses: [{ license: { id: "MIT" } }, { license: { name: "Own" } }],
          components: [{ name: "x", group: "@scope", version: "2", purl: "pkg:npm/%40scope/x@2", licenses: [] }],
        },
        { name: "a", purl: "pkg:apk/a@1", licenses: [{ expression: "MIT OR Apache-2.0" }] },
        { name: "again", purl: "pkg:apk/a@1" },
      ],
    });
    expect(total).toBe(3);
    expect(rows).toEqual([
      { name: "a", version: "", type: "apk", purl: "pkg:apk/a@1", licenses: "MIT OR Apache-2.0" },
      { name: "b", version: "1", type: "deb", purl: "pkg:deb/debian/b@1", licenses: "MIT, Own" },
      { name: "@scope/x", version: "2", type: "npm", purl: "pkg:npm/%40scope/x@2", licenses: "" },
    ]);
  });

  it("keeps no control characters of what an image's author chose", () => {
    const [row] = listPackageRows({
      components: [{ name: "a\u0000b\u001b[31m", purl: "pkg:npm/a@1", version: "1\n2" }],
    }).rows;
    expect(row).toMatchObject({ name: "a\uFFFDb\uFFFD[31m", version: "1\uFFFD2" });
  });

  it("passes over whatever is no package", () => {
    expect(purlsOf({ components: "many" })).toEqual([]);
    expect(purlsOf({ components: [1, null, [], { purl: 7 }, { purl: "not-a-purl" }, { purl: "pkg:npm" }] })).toEqual(
      [],
    );
    expect(listPackageRows(undefined)).toEqual({ rows: [], total: 0 });
  });

  it("lists no more than the first of very many, and says how many there are", () => {
    const components = Array.from({ length: 100_001 }, (_, at) => ({ name: "n", purl: `pkg:npm/n@${200_000 - at}` }));
    const { rows, total } = listPackageRows({ components });
    expect([rows.length, total, rows.at(-1)?.purl]).toEqual([100_000, 100_001, "pkg:npm/n@199999"]);
  });

  it("never throws, and gives every purl once", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant("pkg:npm/a@1"));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.record(
        { purl: text, name: text, licenses: fc.jsonValue(), components: fc.array(tie("tree"), { maxLength: 3 }) },
        { requiredKeys: [] },
      ),
    }));
    fc.assert(
      fc.property(tree, (document) => {
        const purls = purlsOf(document as Json);
        expect(new Set(purls).size).toBe(purls.length);
      }),
    );
  });
});
