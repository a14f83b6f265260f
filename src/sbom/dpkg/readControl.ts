import { WaybillError } from "#core/errors.ts";
import { linesOf } from "#sbom/linesOf.ts";

/** One paragraph of a control file: field names in lower case, continuation lines joined with line feeds. */
export type Stanza = ReadonlyMap<string, string>;

const MAX_STANZAS = 200_000;

/**
 * Reads deb822(5): paragraphs of `Field: value` lines with continuation lines. Lines that are neither are passed over;
 * of a field that stands twice the first counts. Only the named fields are kept. LIMIT_EXCEEDED beyond 200 000 paragraphs.
 */
export const readControl = (text: string, fields: ReadonlySet<string>): readonly Stanza[] => {
  const stanzas: Stanza[] = [];
  let stanza = new Map<string, string>();
  let field: string | undefined;
  for (const line of linesOf(text)) {
    if (line.trim() === "") {
      if (stanza.size > 0) stanzas.push(stanza);
      if (stanzas.length > MAX_STANZAS) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_STANZAS} paragraphs`);
      stanza = new Map();
      field = undefined;
    } else if (line.startsWith(" ") || line.startsWith("\t")) {
      if (field !== undefined) stanza.set(field, `${stanza.get(field) ?? ""}\n${line.trim()}`);
    } else {
      field = startField(line, fields, stanza);
    }
  }
  if (stanza.size > 0) stanzas.push(stanza);
  return stanzas;
};

const startField = (line: string, fields: ReadonlySet<string>, stanza: Map<string, string>): string | undefined => {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!fields.has(name) || stanza.has(name)) return undefined;
  stanza.set(name, line.slice(colon + 1).trim());
  return name;
};
