import { WaybillError } from "#core/errors.ts";
import { MAX_PACKAGES } from "#records/packageList.ts";
import type { ContentList } from "#app/listContent.ts";

// A service holds several papers of this size at once, each in several copies while it signs and verifies.
const MAX_SBOM_BYTES = 64 * 1024 * 1024;

/** The document of an image's content, if a service may issue it. LIMIT_EXCEEDED for one that would take it too much. */
export const checkContent = ({ document, packages }: ContentList): Uint8Array => {
  if (packages.length > MAX_PACKAGES) throw tooLarge(`${packages.length} packages, the service takes ${MAX_PACKAGES}`);
  if (document.byteLength > MAX_SBOM_BYTES)
    throw tooLarge(`an SBOM of ${document.byteLength} bytes, the service takes ${MAX_SBOM_BYTES}`);
  return document;
};

const tooLarge = (what: string): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `the image has ${what}; issue its papers with the command waybill issue`, {
    hint: "Make the image smaller, or issue its papers with `waybill issue`.",
  });
