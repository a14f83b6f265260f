import { readControl } from "#sbom/dpkg/readControl.ts";
import type { DpkgRecord } from "#sbom/dpkg/readStatus.ts";

const FIELDS: ReadonlySet<string> = new Set(["package", "architecture", "auto-installed"]);

/**
 * Tells which packages apt installed for the sake of others: /var/lib/apt/extended_states. It notes the system's architecture
 * for packages of architecture `all`.
 */
export const readAutoInstalled = (bytes: Uint8Array): ((record: DpkgRecord) => boolean) => {
  const stanzas = readControl(new TextDecoder().decode(bytes), FIELDS);
  const auto = stanzas.filter((stanza) => stanza.get("auto-installed") === "1");
  const names = new Set(auto.map((stanza) => stanza.get("package") ?? ""));
  const exact = new Set(auto.map((stanza) => `${stanza.get("package") ?? ""}:${stanza.get("architecture") ?? ""}`));
  return ({ name, architecture = "" }) =>
    exact.has(`${name}:${architecture}`) || exact.has(`${name}:`) || (architecture === "all" && names.has(name));
};
