import { linesOf } from "#sbom/linesOf.ts";

/** The headers of a manifest's main section, by name in lower case. */
export type JarManifest = ReadonlyMap<string, string>;

// A line has 72 bytes; what anybody reads of a header fits into this.
const MAX_VALUE = 8192;
const MAX_HEADERS = 1000;
const HEADER = /^([0-9A-Za-z][0-9A-Za-z_-]{0,69}): ?(.*)$/;

/**
 * Reads META-INF/MANIFEST.MF (JAR File Specification, "Notes on Manifest and Signature Files"): names have no case, a space
 * continues a line, the main section ends at an empty line. Of a header that comes twice the last counts, as for Java.
 */
export const readJarManifest = (bytes: Buffer): JarManifest => {
  const headers = new Map<string, string>();
  let name = "";
  let value = "";
  const keep = (): void => {
    if (name !== "" && headers.size < MAX_HEADERS) headers.set(name, value);
    name = "";
  };
  for (const raw of linesOf(mainSection(bytes))) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "") break;
    if (line.startsWith(" ")) {
      if (value.length < MAX_VALUE) value += line.slice(1);
      continue;
    }
    keep();
    const header = HEADER.exec(line.length > MAX_VALUE ? line.slice(0, MAX_VALUE) : line);
    if (header === null) continue;
    name = header[1]?.toLowerCase() ?? "";
    value = header[2] ?? "";
  }
  keep();
  return headers;
};

// Signed archives have a section for each of their files: the first one is some kilobytes.
const MAX_SECTION = 1024 * 1024;

const mainSection = (bytes: Buffer): string => {
  const text = bytes
    .subarray(0, MAX_SECTION)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  // A carriage return alone ends a line, too.
  return text.includes("\n") ? text : text.replaceAll("\r", "\n");
};
