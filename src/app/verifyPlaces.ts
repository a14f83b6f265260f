import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { formatReference, parseReference } from "#core/reference.ts";
import type { ImagePlace, NamedImages } from "#app/imagePlace.ts";
import { verifyImages } from "#app/verifyImages.ts";
import type { CheckedImage, VerifyInput } from "#app/verifyImages.ts";

/** A file of the user's and what it names. */
export interface NamingFile {
  readonly name: string;
  readonly images: NamedImages;
}

export interface VerifyPlacesInput extends Omit<VerifyInput, "references"> {
  readonly files: readonly NamingFile[];
}

/** A place, and the answer for the image that it names. */
export interface CheckedPlace {
  readonly file: string;
  readonly place: ImagePlace;
  readonly checked: CheckedImage;
}

export interface CheckedPlaces {
  /** Each image once, however often it is named. */
  readonly images: readonly CheckedImage[];
  /** In the order of the files. */
  readonly places: readonly CheckedPlace[];
}

// Every image is at least three requests; a file of this many is no deployment.
const MAX_IMAGES = 1000;

/**
 * Verifies every image that files name. A name is resolved once, wherever and however it is written: between two places a tag
 * cannot move. INPUT_INVALID where no image is named at all, LIMIT_EXCEEDED above 1000 different ones.
 */
export const verifyPlaces =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, { files, ...input }: VerifyPlacesInput): Promise<CheckedPlaces> => {
    const named = files.flatMap(({ name, images }) => images.places.map((place) => ({ file: name, place })));
    if (named.length === 0) throw namesNothing(files);
    const references = new Map<string, string>();
    for (const { place } of named) {
      const name = nameOf(place);
      if (name !== undefined && !references.has(name.key)) references.set(name.key, name.written);
    }
    if (references.size > MAX_IMAGES) {
      throw new WaybillError(
        "LIMIT_EXCEEDED",
        `the files name ${references.size} images; at most ${MAX_IMAGES} are checked`,
      );
    }
    const images = await verifyImages(deps)(ctx, { ...input, references: [...references.values()] });
    const answers = new Map([...references.keys()].map((key, at) => [key, images[at]] as const));
    const places = named.map(({ file, place }) => {
      const name = nameOf(place);
      return { file, place, checked: (name && answers.get(name.key)) ?? undecided(file, place) };
    });
    return { images, places };
  };

interface Name {
  readonly key: string;
  readonly written: string;
}

/** The name in one spelling; undefined for what names no image in a registry. */
const nameOf = ({ image }: ImagePlace): Name | undefined => {
  if (image.kind === "unknown") return undefined;
  const parsed = orUndefined(() => parseReference(image.reference));
  if (parsed?.kind !== "registry") return undefined;
  const isBare = parsed.tag === undefined && parsed.digest === undefined;
  // With a digest the tag says nothing.
  const tag = isBare ? "latest" : parsed.digest === undefined ? parsed.tag : undefined;
  return { key: formatReference({ ...parsed, tag }), written: image.reference };
};

const orUndefined = <T>(parse: () => T): T | undefined => {
  try {
    return parse();
  } catch (error) {
    if (hasCode(error, "REFERENCE_INVALID")) return undefined;
    throw error;
  }
};

const undecided = (file: string, { line, role, image }: ImagePlace): CheckedImage => {
  const reason =
    image.kind === "unknown"
      ? image.error
      : new WaybillError(
          "INPUT_INVALID",
          `${JSON.stringify(image.reference.slice(0, 300))} names no image in a registry`,
          {
            hint: "Write REGISTRY/REPOSITORY[:TAG][@sha256:HEX]; fill in templates first.",
          },
        );
  const { code, message, hint } = reason;
  const error = new WaybillError(code, `${file}:${line}: ${role}: ${message}`, { hint, cause: reason });
  return { kind: "undecided", reference: `${file}:${line}`, error };
};

const namesNothing = (files: readonly NamingFile[]): WaybillError => {
  const names = files.slice(0, 3).map(({ name }) => name);
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return new WaybillError("INPUT_INVALID", `no image is named in ${names.join(", ")}${more}`, {
    hint: "Nothing was verified. Give the files that name images.",
  });
};
