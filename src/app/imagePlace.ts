import type { WaybillError } from "#core/errors.ts";

/** A place in a file that names an image. */
export interface ImagePlace {
  /** Counted from 1. */
  readonly line: number;
  /** What it is there: `FROM`, `COPY --from`, `spec.containers[0].image`. */
  readonly role: string;
  readonly image:
    | { readonly kind: "named"; readonly reference: string }
    /** An image is named, and nobody can tell from the file which one. */
    | { readonly kind: "unknown"; readonly error: WaybillError };
  /** Offset into the file's text behind the name, where a digest can be added; undefined where none can. */
  readonly end: number | undefined;
}

/** What a file says about images. */
export interface NamedImages {
  /** In the order of the file. */
  readonly places: readonly ImagePlace[];
  /** What is no image to verify, and should be known: a service that is built, the frontend of a build. */
  readonly notes: readonly FileNote[];
}

export interface FileNote {
  readonly line: number;
  readonly text: string;
}
