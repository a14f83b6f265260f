import { WaybillError, hasCode } from "#core/errors.ts";
import { readDockerfileLines } from "#app/dockerfileLines.ts";
import { endOf, heldInstruction, readInstruction } from "#app/dockerfileWords.ts";
import type { Instruction, Word } from "#app/dockerfileWords.ts";
import { expandWord } from "#app/expandWord.ts";
import type { ImagePlace, NamedImages } from "#app/imagePlace.ts";
import { invalidLine } from "#app/invalidLine.ts";

export interface DockerfileInput {
  readonly text: string;
  /** Values of `--build-arg`, for arguments that the file declares. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Only the image on which the last stage stands. */
  readonly baseImageOnly: boolean;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL " +
    "USER VOLUME WORKDIR"
  ).split(" "),
);

// Declared in every build, with values that only the builder knows.
const BUILDER_ARGS = /^(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)$/;

interface Stage {
  /** The stage it stands on. */
  readonly parent: number | undefined;
  /** The image it stands on; undefined for `scratch` and other stages. */
  readonly base: ImagePlace | undefined;
}

interface Reading {
  readonly escape: string;
  readonly buildArgs: DockerfileInput["buildArgs"];
  /** Of arguments; undefined where none is given, an error where nobody can tell. */
  readonly values: Map<string, string | undefined | WaybillError>;
  readonly stages: Stage[];
  /** Where a stage of a name stands; names know no case, and the last one of a name counts. */
  readonly named: Map<string, number>;
  readonly places: ImagePlace[];
  /** Names of all stages, for a name that is used before its stage begins. */
  readonly names: ReadonlySet<string>;
}

/**
 * The images that a Dockerfile names: in `FROM`, `COPY --from` and `RUN --mount=from=`, also behind ONBUILD; names of stages are
 * none. What depends on a value that nobody gave is unknown, never passed over. INPUT_INVALID for what no builder would take.
 */
export const findDockerfileImages = ({ text, buildArgs, baseImageOnly }: DockerfileInput): NamedImages => {
  const { lines, escape, frontend, isModern } = readDockerfileLines(text);
  const instructions = lines.map((line) => readInstruction(line, escape));
  const names = new Set(instructions.flatMap((one) => (one.keyword === "FROM" ? (stageName(one) ?? []) : [])));
  const reading: Reading = { escape, buildArgs, values: new Map(), stages: [], named: new Map(), places: [], names };
  for (const instruction of instructions) readOne(reading, instruction);
  if (reading.stages.length === 0) throw invalidLine(1, "it has no FROM instruction");
  const places = baseImageOnly ? lastBase(reading.stages) : reading.places;
  if (frontend === undefined) return { places, notes: [] };
  if (!readsAlike(frontend.image, isModern)) return { places: [foreignFrontend(frontend), ...places], notes: [] };
  return { places, notes: [{ line: frontend.line, text: `not checked: the build's frontend ${frontend.image}` }] };
};

// What reads the file as this does: BuildKit's own frontend since here-documents came, 1.4.
const OWN_FRONTEND =
  /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::(?:latest|labs|master|master-labs|1|1-labs|1\.(?:[4-9]|[1-9]\d+)(?:\.\d+)?(?:-labs)?))?(@sha256:[0-9a-f]{64})?$/;

/** A digest can be any version's, whatever the tag before it says. */
const readsAlike = (frontend: string, isModern: boolean): boolean => {
  const own = OWN_FRONTEND.exec(frontend);
  return own !== null && !(isModern && own[1] !== undefined);
};

const foreignFrontend = ({ line, image }: { readonly line: number; readonly image: string }): ImagePlace => {
  const reason = `the frontend ${JSON.stringify(image.slice(0, 200))} reads the file in its own way`;
  const error = new WaybillError("INPUT_INVALID", reason, {
    hint: "Only what docker/dockerfile:1 reads is known here, and with a digest what all its versions read alike.",
  });
  return { line, role: "# syntax", image: { kind: "unknown", error }, end: undefined };
};

const readOne = (reading: Reading, instruction: Instruction): void => {
  const { keyword, line } = instruction;
  if (!KEYWORDS.has(keyword)) throw invalidLine(line, `${JSON.stringify(keyword.slice(0, 40))} is no instruction`);
  if (keyword === "FROM") return readFrom(reading, instruction);
  if (reading.stages.length > 0) return readStep(reading, instruction);
  if (keyword !== "ARG") throw invalidLine(line, `${keyword} stands before the first FROM`);
  for (const word of instruction.words) declare(reading, word.text);
};

/** `ARG NAME[=DEFAULT]` before the first FROM: the only arguments that image names can use. */
const declare = (reading: Reading, word: string): void => {
  const { values, buildArgs, escape } = reading;
  const at = word.indexOf("=");
  const name = at === -1 ? word : word.slice(0, at);
  if (Object.hasOwn(buildArgs, name)) values.set(name, buildArgs[name]);
  else if (at !== -1)
    values.set(
      name,
      orUnknown(() => expandWord(word.slice(at + 1), valueIn(reading), escape)),
    );
  // Versions of BuildKit differ in what the second one leaves.
  else if (values.has(name)) values.set(name, noValue(`${name} is declared again, without a value`, name));
  else values.set(name, undefined);
};

const valueIn =
  ({ values, buildArgs }: Reading) =>
  (name: string): string | undefined => {
    const isBuilders = BUILDER_ARGS.test(name);
    const value = isBuilders && Object.hasOwn(buildArgs, name) ? buildArgs[name] : values.get(name);
    if (value instanceof WaybillError) throw value;
    // The builder has a value for it, so that no default counts.
    if (isBuilders && !Object.hasOwn(buildArgs, name)) throw noValue(`${name} has no value`, name);
    return value;
  };

const noValue = (reason: string, name: string): WaybillError =>
  new WaybillError("INPUT_INVALID", reason, { hint: `Give it one with --build-arg ${name}=VALUE.` });

const readFrom = (reading: Reading, from: Instruction): void => {
  const [word, as] = from.words;
  if (word === undefined || (from.words.length !== 1 && !(from.words.length === 3 && /^as$/i.test(as?.text ?? "")))) {
    throw invalidLine(from.line, "FROM takes one image, and AS with a name");
  }
  const name = stageName(from);
  const image = nameOf(reading, word.text);
  const reference = image.kind === "named" ? image.reference : undefined;
  const parent = reference === undefined ? undefined : reading.named.get(reference.toLowerCase());
  const isImage = parent === undefined && reference !== "scratch";
  const base: ImagePlace | undefined = isImage ? { line: from.line, role: "FROM", image, end: endOf(word) } : undefined;
  if (base !== undefined) reading.places.push(base);
  if (name !== undefined) reading.named.set(name, reading.stages.length);
  reading.stages.push({ parent, base });
};

const stageName = ({ words, line }: Instruction): string | undefined => {
  const name = words.length === 3 ? words[2]?.text.toLowerCase() : undefined;
  if (name !== undefined && !/^[a-z][a-z0-9._-]*$/.test(name)) throw invalidLine(line, "the stage's name is not valid");
  return name;
};

const readStep = (reading: Reading, instruction: Instruction): void => {
  const { keyword, line, flags } = instruction;
  if (keyword === "ONBUILD") {
    const held = heldInstruction(instruction, reading.escape);
    if (!KEYWORDS.has(held.keyword) || /^(?:FROM|ONBUILD|MAINTAINER)$/.test(held.keyword)) {
      throw invalidLine(line, "ONBUILD cannot hold this");
    }
    // It runs in builds of other files, whose stages are not those of this one.
    return readStep({ ...reading, stages: [], named: new Map(), names: new Set() }, held);
  }
  for (const flag of flags) {
    const found = sourceIn(keyword, flag, line);
    if (found !== undefined) readSource(reading, line, found);
  }
};

/** What a flag names as the source of files. */
interface Source {
  readonly role: string;
  readonly written: string;
  readonly end: number | undefined;
}

const sourceIn = (keyword: string, flag: Word, line: number): Source | undefined => {
  if (keyword === "RUN") return mountSource(flag, line);
  const written = keyword === "COPY" || keyword === "ADD" ? /^--from=(.*)$/s.exec(flag.text)?.[1] : undefined;
  return written === undefined ? undefined : { role: `${keyword} --from`, written, end: endOf(flag) };
};

/** `--mount=type=bind,from=NAME,...`: fields as CSV, the last of a name counts. */
const mountSource = (flag: Word, line: number): Source | undefined => {
  if (!flag.text.startsWith("--mount=")) return undefined;
  if (flag.text.includes('"')) throw invalidLine(line, "the mount has quotes within quotes");
  const fields = [...flag.text.matchAll(/(?<=[=,])[^,]*(?=,|$)/g)];
  const field = fields.findLast(([text]) => /^from=/i.test(text));
  if (field === undefined) return undefined;
  return {
    role: "RUN --mount",
    written: field[0].slice("from=".length),
    end: endOf(flag, field.index + field[0].length),
  };
};

/** A stage by its number or name, or an image. */
const readSource = (reading: Reading, line: number, { role, written, end }: Source): void => {
  const { stages, named, names, places, escape } = reading;
  // Variables are not replaced here: BuildKit refuses a name that holds one.
  const name = orUnknown(() => expandWord(written, () => undefined, escape));
  if (typeof name === "string") {
    const current = stages.length - 1;
    const isNumber = /^\d+$/.test(name);
    const stage = isNumber ? Number(name) : named.get(name.toLowerCase());
    if (stage !== undefined && stage < current) return;
    if (isNumber || names.has(name.toLowerCase())) {
      const image = unknown(`${JSON.stringify(name.slice(0, 80))} is no stage that comes before`);
      places.push({ line, role, image, end });
      return;
    }
  }
  places.push({ line, role, image: toImage(name), end });
};

const nameOf = (reading: Reading, word: string): ImagePlace["image"] =>
  toImage(orUnknown(() => expandWord(word, valueIn(reading), reading.escape)));

const toImage = (name: string | WaybillError): ImagePlace["image"] =>
  typeof name === "string" ? { kind: "named", reference: name } : { kind: "unknown", error: name };

const unknown = (reason: string): ImagePlace["image"] => ({
  kind: "unknown",
  error: new WaybillError("INPUT_INVALID", reason, { hint: "Name an earlier stage, or an image." }),
});

const orUnknown = (expand: () => string): string | WaybillError => {
  try {
    return expand();
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID")) return error;
    throw error;
  }
};

/** Where the last stage stands on others, the image below them all. */
const lastBase = (stages: readonly Stage[]): readonly ImagePlace[] => {
  let stage = stages.at(-1);
  while (stage?.parent !== undefined) stage = stages[stage.parent];
  return stage?.base === undefined ? [] : [stage.base];
};
