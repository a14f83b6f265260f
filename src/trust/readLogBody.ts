import type { LogEntry } from "#claims/logEntry.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { LogBody, ReadSpec } from "#trust/logBody.ts";
import { readTilesDsse, readTilesHashedRekord } from "#trust/logBodyTiles.ts";
import { readDsse, readHashedRekord, readIntoto001, readIntoto002, readRekord } from "#trust/logBodyRekor.ts";

const KINDS: ReadonlyMap<string, readonly [LogBody["generation"], ReadSpec]> = new Map([
  ["hashedrekord 0.0.1", [1, readHashedRekord]],
  ["dsse 0.0.1", [1, readDsse]],
  ["intoto 0.0.1", [1, readIntoto001]],
  ["intoto 0.0.2", [1, readIntoto002]],
  ["rekord 0.0.1", [1, readRekord]],
  ["hashedrekord 0.0.2", [2, readTilesHashedRekord]],
  ["dsse 0.0.2", [2, readTilesDsse]],
]);

// Rekor takes entries of up to about 100 KB (cosign.md 6.1); with a certificate per signature the kinds nest six deep.
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

/** Reads the body of an entry strictly; the kind that the entry is said to be of must be the one that the body names. */
export const readLogBody = ({ body, kind, version }: LogEntry): LogBody | Fault => {
  if (body === undefined) return { code: "log-body", reason: "it comes with a log entry without content" };
  try {
    const value = parseStrict(body, "the content", LIMITS);
    if (!isJsonObject(value)) throw new WaybillError("INPUT_INVALID", "the content is no object");
    if (kind === undefined || version === undefined)
      return { code: "log-body-kind", reason: "its log entry does not say of which kind it is" };
    return readKind(value, `${kind} ${version}`);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { code: "log-body", reason: `its log entry cannot be read: ${error.message}` };
  }
};

const readKind = (value: JsonObject, said: string): LogBody | Fault => {
  const { kind, apiVersion, spec } = value;
  const name = `${textOf(kind)} ${textOf(apiVersion)}`;
  if (name !== said)
    return { code: "log-body-kind", reason: `its log entry is called ${quoted(said)} and is ${quoted(name)}` };
  const [generation, read] = KINDS.get(name) ?? [];
  if (generation === undefined || read === undefined)
    return { code: "log-body-kind", reason: `its log entry is of the kind ${quoted(name)}, which is not known` };
  if (!isJsonObject(spec)) throw new WaybillError("INPUT_INVALID", "spec is missing");
  return { kind: name, generation, ...read(spec) };
};

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "?");
