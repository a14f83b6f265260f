import { WaybillError } from "#core/errors.ts";
import { linesOf } from "#sbom/linesOf.ts";

/** A package as apk's database states it. */
export interface ApkRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  readonly origin: string | undefined;
  readonly maintainer: string | undefined;
  readonly license: string | undefined;
  readonly url: string | undefined;
  readonly description: string | undefined;
  readonly depends: string;
  readonly provides: string;
  /** apk's own: `Q1` and the SHA-1, or `Q2` and the SHA-256, of the package's control part, in base64. */
  readonly checksum: string | undefined;
  /** Paths without leading slash. */
  readonly files: readonly string[];
}

export interface ApkDatabase {
  readonly records: readonly ApkRecord[];
  /** Entries without a usable name or version. */
  readonly refused: number;
}

// apk-tools accepts no blanks and no operators in names; the rest keeps control characters out of the document.
const NAME = /^[A-Za-z0-9._+][A-Za-z0-9._+-]{0,213}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+:~_-]{0,255}$/;
const ARCHITECTURE = /^[a-z0-9_-]{1,64}$/;
const CHECKSUM = /^(?:Q1[A-Za-z0-9+/]{27}=|Q2[A-Za-z0-9+/]{43}=)$/;
const MAX_ENTRIES = 200_000;

/** Reads /lib/apk/db/installed: `X:value` lines with keys of one letter, case-sensitive; a blank line ends a package. */
export const readInstalled = (bytes: Uint8Array): ApkDatabase => {
  const entries = splitEntries(new TextDecoder().decode(bytes)).map(readEntry);
  const records = entries.filter((entry) => entry !== undefined);
  return { records, refused: entries.length - records.length };
};

interface Entry {
  readonly fields: Map<string, string>;
  readonly files: string[];
}

const splitEntries = (text: string): readonly Entry[] => {
  const entries: Entry[] = [];
  let open: Entry | undefined;
  let directory = "";
  for (const line of linesOf(text)) {
    if (line.trim() === "") open = undefined;
    if (line[1] !== ":") continue;
    if (open === undefined) {
      if (entries.length >= MAX_ENTRIES) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_ENTRIES} packages`);
      open = { fields: new Map(), files: [] };
      entries.push(open);
      directory = "";
    }
    const key = line.slice(0, 1);
    const value = line.slice(2);
    if (key === "F") directory = value;
    else if (key === "R") open.files.push(directory === "" ? value : `${directory}/${value}`);
    else if (!open.fields.has(key)) open.fields.set(key, value.trim());
  }
  return entries;
};

const readEntry = ({ fields, files }: Entry): ApkRecord | undefined => {
  const name = fields.get("P") ?? "";
  const version = fields.get("V") ?? "";
  const architecture = fields.get("A");
  const origin = fields.get("o");
  if (!NAME.test(name) || !VERSION.test(version)) return undefined;
  return {
    name,
    version,
    architecture: architecture !== undefined && ARCHITECTURE.test(architecture) ? architecture : undefined,
    origin: origin !== undefined && NAME.test(origin) ? origin : undefined,
    maintainer: printable(fields.get("m")),
    license: printable(fields.get("L")),
    url: printable(fields.get("U")),
    description: printable(fields.get("T")),
    depends: fields.get("D") ?? "",
    provides: fields.get("p") ?? "",
    checksum: CHECKSUM.exec(fields.get("C") ?? "")?.[0],
    files,
  };
};

const printable = (text: string | undefined): string | undefined => {
  const plain = text?.replace(/\p{Cc}/gu, "").slice(0, 500);
  return plain === "" ? undefined : plain;
};
