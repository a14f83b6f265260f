import type { CheckedPlace, CheckedPlaces, NamingFile } from "#app/verifyPlaces.ts";
import { reportJson, verdictLine } from "#cli/render/verdicts.ts";

/** `OK-signed REF FILE:LINE`, as `verify -o lines` with the place behind. */
export const placeLine = ({ file, place, checked }: CheckedPlace): string =>
  `${verdictLine(checked)}${place.image.kind === "named" ? ` ${file}:${place.line}` : ""}`;

/** What became of the image that is named in one place, for people. */
export const placeNote = ({ file, place: { line, role, image }, checked }: CheckedPlace): string => {
  const where = `${file}:${line}: ${role} ${image.kind === "named" ? image.reference : ""}`;
  if (checked.kind === "undecided") return `${where}: could not be decided`;
  return checked.verdict.ok ? `${where}: verified, ${checked.verdict.digest}` : `${where}: not signed`;
};

/** One document on every place, on what is mentioned besides, and on every image, for programs. */
export const placesJson = ({ images, places }: CheckedPlaces, files: readonly NamingFile[]): object => ({
  places: places.map(({ file, place: { line, role, image }, checked }) => ({
    file,
    line,
    role,
    image: image.kind === "named" ? image.reference : null,
    ...(checked.kind === "decided"
      ? { verified: checked.verdict.ok, digest: checked.verdict.digest, result: checked.verdict.reference }
      : {
          verified: null,
          error: { code: checked.error.code, message: checked.error.message, hint: checked.error.hint },
        }),
  })),
  notes: files.flatMap(({ name, images: { notes } }) => notes.map(({ line, text }) => ({ file: name, line, text }))),
  images: reportJson(images),
});
