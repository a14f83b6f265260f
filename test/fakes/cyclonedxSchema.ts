import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";

const FOLDER = new URL("../../node_modules/@cyclonedx/cyclonedx-library/res/schema/", import.meta.url);
const ID = "http://cyclonedx.org/schema/";

const read = (file: string): object => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as object;

/** What the official schema of a version says against a document; empty when it is valid. */
export const schemaErrors = (version: CycloneDxVersion): ((document: unknown) => readonly string[]) => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // JSON Schema's formats for international addresses; what is written is plain ASCII.
  ajv.addFormat("iri-reference", { validate: (text: string) => ajv.validate({ format: "uri-reference" }, text) });
  ajv.addFormat("idn-email", { validate: (text: string) => ajv.validate({ format: "email" }, text) });
  for (const file of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    ajv.addSchema({ ...read(`${file}.SNAPSHOT.schema.json`), $id: `${ID}${file}.SNAPSHOT.schema.json` });
  }
  const validate = ajv.compile(read(`bom-${version}.SNAPSHOT.schema.json`));
  return (document) =>
    validate(document) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ""}`);
};
