import { readUri } from "#claims/provenanceFlag.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import type { BuildFacts } from "#records/build.ts";

const MAX_SOURCE = 2048;
const MAX_TEXT = 256;
const MAX_PARAMETERS = 100;
const MAX_VALUE = 4096;

/**
 * The facts as they are kept: "" (a variable that a pipeline never set) is not known. INPUT_INVALID naming the field for
 * what could not be signed later: too long, control characters, a source that is no URI or holds credentials.
 */
export const checkBuildFacts = (facts: BuildFacts): BuildFacts => {
  const checked: BuildFacts = {
    source: checkSource(facts.source),
    commitSha: checkText(facts.commitSha, "commit_sha", MAX_TEXT),
    builder: checkText(facts.builder, "builder", MAX_TEXT),
    parameters: checkParameters(facts.parameters),
  };
  // Both are said among the parameters, too (buildProvenanceFacts), where a name has one value.
  demandSame(checked, "commit_sha", checked.commitSha);
  demandSame(checked, "builder", checked.builder);
  return checked;
};

const checkSource = (source: string | undefined): string | undefined => {
  const text = checkText(source, "source", MAX_SOURCE);
  try {
    return readUri(text, "source");
  } catch (error) {
    if (!hasCode(error, "USAGE_INVALID")) throw error;
    throw new WaybillError("INPUT_INVALID", error.message, { hint: error.hint, details: { field: "source" } });
  }
};

const checkText = (text: string | undefined, field: string, max: number): string | undefined => {
  if (text === undefined || text === "") return undefined;
  if (text.length > max) throw invalid(field, `has ${text.length} characters; ${max} are allowed`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw invalid(field, "holds characters that cannot be printed");
  return text;
};

const checkParameters = (parameters: BuildFacts["parameters"]): BuildFacts["parameters"] => {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) {
    throw invalid("parameters", `has ${entries.length} entries; ${MAX_PARAMETERS} are allowed`);
  }
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (checkText(name, "parameters", MAX_TEXT) === undefined)
        throw invalid("parameters", "has an entry without a name");
      return [name, checkText(value, `parameters.${name}`, MAX_VALUE) ?? ""];
    }),
  );
};

const demandSame = ({ parameters }: BuildFacts, name: string, fact: string | undefined): void => {
  if (fact === undefined || !Object.hasOwn(parameters, name) || parameters[name] === fact) return;
  throw invalid(`parameters.${name}`, `says something else than ${name}`);
};

const invalid = (field: string, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${field} ${reason}`, { details: { field } });
