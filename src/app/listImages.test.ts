import { describe, expect, it } from "vitest";
import type { ContentList } from "#app/listContent.ts";
import { listImages } from "#app/listImages.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { WaybillError } from "#core/errors.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const resolve = async (_: unknown, reference: string): Promise<ResolvedImage> => {
  if (reference.endsWith("gone")) throw new WaybillError("NOT_FOUND", "no such tag", { hint: "Look." });
  return { digest: `sha256:${reference.endsWith("two") ? "2".repeat(64) : "1".repeat(64)}` } as ResolvedImage;
};
const list = async (_: unknown, { digest }: ResolvedImage): Promise<ContentList> =>
  ({ document: Buffer.from(digest), packages: [], unknowns: [] }) as unknown as ContentList;
const names = async (...references: readonly string[]): Promise<readonly string[]> =>
  (await listImages({ resolve, list })(testCtx(), references, 2)).map(({ name }) => name);

describe("listImages", () => {
  it("names each document after its reference, and tells the same names apart", async () => {
    expect(
      await names("r.test/a/app:1", "oci:/srv/x/layout:one", "oci:../y/layout:one", "oci:../y/layout:two"),
    ).toEqual(["r.test_a_app_1.cdx.json", "layout_one-111111111111.cdx.json", "layout_two.cdx.json"]);
  });

  it("says which image failed, and why", async () => {
    await expect(names("r.test/a", "r.test/gone")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "r.test/gone: no such tag",
      hint: "Look.",
    });
  });
});
