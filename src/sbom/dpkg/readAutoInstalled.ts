import { readControl } from "#sbom/dpkg/readControl.ts";

const FIELDS: ReadonlySet<string> = new Set(["package", "auto-installed"]);

/** Names of packages that apt installed for the sake of others: /var/lib/apt/extended_states. */
export const readAutoInstalled = (bytes: Uint8Array): ReadonlySet<string> => {
  const stanzas = readControl(new TextDecoder().decode(bytes), FIELDS);
  const auto = stanzas.filter((stanza) => stanza.get("auto-installed") === "1");
  return new Set(auto.map((stanza) => stanza.get("package")).filter((name) => name !== undefined));
};
