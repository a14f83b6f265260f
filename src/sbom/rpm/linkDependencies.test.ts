import { expect, it } from "vitest";
import { linkDependencies } from "#sbom/rpm/linkDependencies.ts";
import { readHeader } from "#sbom/rpm/rpmHeader.ts";
import { recordOf } from "#sbom/rpm/rpmRecord.ts";
import { rpmHeader } from "../../../test/fakes/rpmHeaders.ts";

it("linkDependencies says where a database makes more of them than are looked for", () => {
  const installed = Array.from({ length: 30 }, (_, index) => {
    const header = rpmHeader({ name: `p${index}`, provides: ["x"], requires: ["x"] });
    return { id: `p${index}`, record: recordOf(readHeader(header)) };
  }).flatMap(({ id, record }) => (record === undefined ? [] : [{ id, record }]));
  expect(linkDependencies(installed)).toMatchObject({ complete: true, edges: { length: 30 * 29 } });
  const few = linkDependencies(installed, { comparisons: 1000, edges: 95 });
  expect(few).toMatchObject({ complete: false, edges: { length: 3 * 29 } });
  const slow = linkDependencies(installed, { comparisons: 95, edges: 1000 });
  expect(slow).toMatchObject({ complete: false, edges: { length: 3 * 29 } });
});
