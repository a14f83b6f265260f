import type { Reference } from "#core/reference.ts";

/** What documents call an image: a layout's path says nothing about it and belongs to one machine; host and tag are not said. */
export const nameOfImage = (reference: Reference): string =>
  reference.kind === "registry" ? reference.repository : "image";
