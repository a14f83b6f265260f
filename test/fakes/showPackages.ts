import type { Digest } from "#core/digest.ts";
import type { PackageRow } from "#records/packageList.ts";
import type { Records } from "#records/recordStore.ts";

let lists = 0;

/** Lets an image have these packages, at once. */
export const showPackages = async (
  { packages }: Records,
  tenant: string,
  subject: Digest,
  rows: readonly PackageRow[],
): Promise<void> => {
  const list = { id: `list-${++lists}`, tenant, subject, total: rows.length, listed: rows.length };
  await packages.begin(list, 0);
  await packages.append(list.id, 0, rows);
  await packages.show(list, 0);
};
