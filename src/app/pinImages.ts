import { WaybillError } from "#core/errors.ts";
import type { CheckedPlace } from "#app/verifyPlaces.ts";

/**
 * A file's text with the verified digest behind every image's name; nothing else is changed, and names that hold a digest stay as
 * they are. INPUT_INVALID where one of the places is not verified, or written so that nothing can be added.
 */
export const pinImages = (text: string, places: readonly CheckedPlace[]): string => {
  const digests = new Map<number, string>();
  for (const { file, place, checked } of places) {
    if (checked.kind !== "decided" || !checked.verdict.ok || place.image.kind !== "named") {
      throw new WaybillError("INPUT_INVALID", `${file}:${place.line}: the image is not verified`);
    }
    if (place.image.reference.includes("@")) continue;
    if (place.end === undefined) {
      throw new WaybillError(
        "INPUT_INVALID",
        `${file}:${place.line}: a digest cannot be added to how the image is written`,
        {
          hint: "Write the name as plain text on one line.",
        },
      );
    }
    digests.set(place.end, `@${checked.verdict.digest}`);
  }
  let pinned = "";
  let from = 0;
  for (const [end, digest] of [...digests].toSorted(([a], [b]) => a - b)) {
    pinned += text.slice(from, end) + digest;
    from = end;
  }
  return pinned + text.slice(from);
};
