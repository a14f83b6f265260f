import { readControl } from "#sbom/dpkg/readControl.ts";
import type { Stanza } from "#sbom/dpkg/readControl.ts";

/** A package as a dpkg database states it. */
export interface DpkgRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  /** Source package where its name differs; its version only where that differs (binary rebuilds). */
  readonly source: { readonly name: string; readonly version: string | undefined } | undefined;
  readonly maintainer: string | undefined;
  readonly homepage: string | undefined;
  readonly summary: string | undefined;
  /** Depends and Pre-Depends as written. */
  readonly depends: readonly string[];
  readonly provides: string;
  /** Sources, with versions, whose parts are in the package's files (Built-Using, Static-Built-Using). */
  readonly builtUsing: string | undefined;
}

export interface DpkgStatus {
  readonly records: readonly DpkgRecord[];
  /** Paragraphs that claim to be installed and are not usable. */
  readonly refused: number;
}

const FIELDS: ReadonlySet<string> = new Set(
  "package status version source architecture maintainer homepage description depends pre-depends provides built-using static-built-using".split(
    " ",
  ),
);
// Debian Policy 5.6.1 and 5.6.12, with the looseness of other vendors; no blank, no control character.
const NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,213}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9+.:~_-]{0,255}$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Reads /var/lib/dpkg/status, or one file of status.d, whose paragraphs have no Status and are installed by being there. */
export const readStatus = (bytes: Uint8Array): DpkgStatus => {
  const stanzas = readControl(new TextDecoder().decode(bytes), FIELDS).filter(isInstalled);
  const records = stanzas.map(readRecord);
  const usable = records.filter((record) => record !== undefined);
  return { records: usable, refused: records.length - usable.length };
};

// dpkg(1), "Package states": those in which all of the package's files are on the disk. Whether they are configured changes
// nothing of what they are; `half-installed` and `config-files` are not there.
const PRESENT: ReadonlySet<string> = new Set([
  "installed",
  "unpacked",
  "half-configured",
  "triggers-awaited",
  "triggers-pending",
]);

// "want flag status": only the third word says what is on the disk.
const isInstalled = (stanza: Stanza): boolean => {
  const status = stanza.get("status");
  return stanza.has("package") && (status === undefined || PRESENT.has(status.split(/\s+/)[2] ?? ""));
};

const readRecord = (stanza: Stanza): DpkgRecord | undefined => {
  const name = stanza.get("package") ?? "";
  const version = stanza.get("version") ?? "";
  const architecture = stanza.get("architecture");
  if (!NAME.test(name) || !VERSION.test(version)) return undefined;
  return {
    name,
    version,
    architecture: architecture !== undefined && ARCHITECTURE.test(architecture) ? architecture : undefined,
    source: readSource(stanza.get("source"), version),
    maintainer: oneLine(stanza.get("maintainer")),
    homepage: oneLine(stanza.get("homepage")),
    summary: oneLine(stanza.get("description")),
    depends: [stanza.get("depends"), stanza.get("pre-depends")].filter((field) => field !== undefined),
    provides: stanza.get("provides") ?? "",
    builtUsing: joinFields([stanza.get("built-using"), stanza.get("static-built-using")]),
  };
};

const readSource = (field: string | undefined, version: string): DpkgRecord["source"] => {
  const [, name, stated] = /^(\S+)(?:\s+\(([^)\s]+)\))?/.exec(field ?? "") ?? [];
  if (name === undefined || !NAME.test(name)) return undefined;
  const differs = stated !== undefined && stated !== version && VERSION.test(stated);
  return { name, version: differs ? stated : undefined };
};

const joinFields = (fields: readonly (string | undefined)[]): string | undefined => {
  const joined = fields.filter((field) => field !== undefined && field !== "").join(", ");
  const line = joined
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 2000);
  return line === "" ? undefined : line;
};

const oneLine = (field: string | undefined): string | undefined => {
  const line = field
    ?.split("\n", 1)[0]
    ?.replace(/\p{Cc}/gu, "")
    .slice(0, 500);
  return line === "" ? undefined : line;
};
