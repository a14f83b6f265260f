import type { LayoutEntry } from "#archive/layoutEntry.ts";
import { KIND, REF_NAME } from "#archive/layoutEntry.ts";
import { digestAlgorithm, digestHex } from "#core/digest.ts";
import { isTag } from "#core/reference.ts";

// What other tools write in place of a tag (airgap.md 2.2): cosign says of the one image that it saves and of its papers what
// they are; hauler, containerd and docker write the whole reference.

const COSIGN = "dev.cosignproject.cosign/";
const COSIGN_SUFFIX: Readonly<Record<string, string>> = { sigs: "sig", atts: "att" };
const PAPER_TAG = /^sha(?:256|512)-[0-9a-f]+(?:\.[a-z]+)?$/;

/** True for a layout that `cosign save` has written: papers in it need not be listed. */
export const isCosignLayout = (entries: readonly LayoutEntry[]): boolean =>
  entries.some((entry) => cosignKind(entry) !== undefined);

/** The image that cosign would load. */
const isCosignImage = (entry: LayoutEntry): boolean => {
  const kind = cosignKind(entry);
  return kind === "image" || kind === "imageIndex";
};

/** Tags that entries without one stand for. */
export const foreignTags = (entries: readonly LayoutEntry[]): readonly (readonly [string, LayoutEntry])[] => {
  const image = entries.find(isCosignImage);
  const isNamed = entries.some(({ tag }) => tag !== undefined && !PAPER_TAG.test(tag));
  return entries.flatMap((entry) => {
    if (entry.tag !== undefined) return [];
    const tag = tagInName(entry) ?? (image === undefined ? undefined : cosignTag(entry, image, isNamed));
    return tag === undefined ? [] : [[tag, entry] as const];
  });
};

const cosignKind = ({ descriptor }: LayoutEntry): string | undefined => {
  const kind = descriptor.annotations?.[KIND];
  return kind?.startsWith(COSIGN) === true ? kind.slice(COSIGN.length) : undefined;
};

/** The end of a whole reference, such as `registry.example/app:1.0`. */
const tagInName = ({ descriptor }: LayoutEntry): string | undefined => {
  const name = descriptor.annotations?.[REF_NAME] ?? "";
  const colon = name.lastIndexOf(":");
  const tag = name.slice(colon + 1);
  return colon > 0 && !name.includes("@") && isTag(tag) ? tag : undefined;
};

const cosignTag = (entry: LayoutEntry, image: LayoutEntry, isNamed: boolean): string | undefined => {
  // What has no name is the latest, as everywhere; where others have names it stays without.
  if (entry === image) return isNamed ? undefined : "latest";
  const suffix = COSIGN_SUFFIX[cosignKind(entry) ?? ""];
  const { digest } = image.descriptor;
  return suffix === undefined ? undefined : `${digestAlgorithm(digest)}-${digestHex(digest)}.${suffix}`;
};
