import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import type { Package } from "#sbom/package.ts";

type Hashes = NonNullable<Package["hashes"]>;

const LENGTHS = { MD5: 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128 } as const;
const CPE = /^cpe:2\.3:[aho*-](?::(?:[^\s:\\]|\\[^\s]){1,200}){10}$/;

/** Members of an array that are objects; none of anything else. */
export const objectsOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];

/** One printable line of at most 500 characters, or undefined for what is none, or says nothing in SPDX's words. */
export const lineOf = (value: Json | undefined): string | undefined => {
  if (typeof value !== "string" || value.length > 10_000) return undefined;
  const line = value
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 500)
    .toWellFormed();
  return line === "" || line === "NOASSERTION" || line === "NONE" ? undefined : line;
};

/** The hashes whose digest has the length of its algorithm, however that is spelled (`SHA256`, `SHA-256`). */
export const hashesOf = (pairs: readonly (readonly [Json | undefined, Json | undefined])[]): Hashes =>
  pairs.flatMap(([name, digest]) => {
    const spelled = typeof name === "string" ? name.toUpperCase().replace(/^SHA-?(\d)/, "SHA-$1") : "";
    if (!Object.hasOwn(LENGTHS, spelled) || typeof digest !== "string") return [];
    const algorithm = spelled as keyof typeof LENGTHS;
    const fits = digest.length === LENGTHS[algorithm] && /^[0-9a-f]+$/i.test(digest);
    return fits ? [{ algorithm, hex: digest.toLowerCase() }] : [];
  });

/** The texts that are CPE 2.3 names, at most 20. */
export const cpesOf = (values: readonly (Json | undefined)[]): readonly string[] =>
  values
    .filter((value) => typeof value === "string" && value.length < 1000 && CPE.test(value))
    .slice(0, 20) as string[];

/** `{ [key]: value }`, or nothing where the value says nothing. */
export const optionalField = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined || (Array.isArray(value) && value.length === 0)
    ? {}
    : ({ [key]: value } as { readonly [P in K]: V });
