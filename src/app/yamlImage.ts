import { isAlias, isScalar } from "yaml";
import type { Node } from "yaml";
import { WaybillError } from "#core/errors.ts";
import type { ImagePlace } from "#app/imagePlace.ts";
import type { YamlDocument } from "#app/parseYamlFile.ts";

/** The image that a value of YAML names; `role` is the path to it. */
export const yamlImage = (
  { resolve, lineOf }: YamlDocument,
  value: unknown,
  role: string,
  line: number,
): ImagePlace => {
  const node = resolve(value);
  const at = isAlias(value) ? lineOf(value) : node === undefined ? line : lineOf(node);
  if (!isScalar(node) || typeof node.value !== "string" || node.value === "") {
    return unknownImage(at, role, "the image is no text", "Write its name, REGISTRY/REPOSITORY[:TAG][@sha256:HEX].");
  }
  const text = node.value;
  if (/\{\{|\$[({]|\$\w|^<.*>$/.test(text)) {
    const shown = JSON.stringify(text.slice(0, 200));
    return unknownImage(at, role, `${shown} is to be filled in`, FILL_IN);
  }
  return { line: at, role, image: { kind: "named", reference: text }, end: endOf(node) };
};

export const textOf = ({ resolve }: YamlDocument, value: unknown): string | undefined => {
  const node = resolve(value);
  return isScalar(node) && typeof node.value === "string" ? node.value : undefined;
};

export const unknownImage = (line: number, role: string, reason: string, hint: string): ImagePlace => ({
  line,
  role,
  image: { kind: "unknown", error: new WaybillError("INPUT_INVALID", reason, { hint }) },
  end: undefined,
});

const FILL_IN =
  "Verify what is applied: helm template, kustomize build or docker compose config | waybill manifest verify -";

/** Behind the text, within quotes. A block of lines has no such place. */
const endOf = ({ range, ...node }: Node & { readonly type?: string }): number | undefined => {
  const end = range?.[1];
  if (end === undefined || node.type?.startsWith("BLOCK") === true) return undefined;
  return node.type === "PLAIN" ? end : end - 1;
};
