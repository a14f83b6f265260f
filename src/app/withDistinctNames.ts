import { digestHex } from "#core/digest.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

/** Names of documents as files: where a name is taken, its image's digest tells them apart: an index may have several images for one platform. */
export const withDistinctNames = <T extends { readonly name: string; readonly image: ResolvedImage }>(
  files: readonly T[],
): readonly T[] => {
  const counts = new Map<string, number>();
  for (const { name } of files) counts.set(name, (counts.get(name) ?? 0) + 1);
  return files.map((file) => {
    const { name, image } = file;
    return { ...file, name: `${counts.get(name) === 1 ? name : withDigest(name, image)}.cdx.json` };
  });
};

/** A name with the beginning of the image's digest. */
export const withDigest = (name: string, { digest }: ResolvedImage): string =>
  `${name}-${digestHex(digest).slice(0, 12)}`;
