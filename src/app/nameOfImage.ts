import type { Manifest } from "#core/manifest.ts";

const TITLE = "org.opencontainers.image.title";
// What a purl and a dependency's name can be, without a word to mislead a reader.
const USABLE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;

/**
 * What documents call an image: its own title (OCI image-spec, "Pre-Defined Annotation Keys"), else `image`. Where it lies, and
 * what was typed to find it, changes nothing: from a registry, a layout and an archive come the same bytes.
 */
export const nameOfImage = (
  { annotations }: Pick<Manifest, "annotations">,
  labels: Readonly<Record<string, string>> = {},
): string => {
  const title = annotations[TITLE] ?? labels[TITLE];
  return title !== undefined && USABLE.test(title) ? title : "image";
};
