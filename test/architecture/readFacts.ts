import { Visitor, parseSync } from "oxc-parser";
import type { EcmaScriptModule } from "oxc-parser";

export interface Import {
  /** Undefined where it is computed. */
  readonly specifier: string | undefined;
  readonly typeOnly: boolean;
  /** `import()`. */
  readonly lazy: boolean;
}

/** What the rules look at in one file. */
export interface SourceFacts {
  readonly path: string;
  readonly imports: readonly Import[];
  /** Uses of clock, randomness, environment, timers and network. */
  readonly impurities: readonly string[];
  readonly throwsPlainError: boolean;
  /** Calls of `process.exit`. */
  readonly exits: number;
}

const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  "process",
  "performance",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "WebSocket",
  "EventSource",
]);
const IMPURE_MEMBERS: ReadonlySet<string> = new Set(["Date.now", "Math.random", "AbortSignal.timeout"]);
const RANDOM_SOURCES: ReadonlySet<string> = new Set([
  "randomBytes",
  "randomUUID",
  "randomInt",
  "randomFill",
  "randomFillSync",
  "getRandomValues",
  "webcrypto",
  "generateKeyPair",
  "generateKeyPairSync",
  "generateKey",
  "generateKeySync",
]);

export const readFacts = (path: string, text: string): SourceFacts => {
  const { program, module, errors } = parseSync(path, text);
  // A file that cannot be parsed would otherwise look like one without imports.
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message ?? ""}`);
  const imports = readImports(module, text);
  const impurities = new Set<string>();
  let throwsPlainError = false;
  let exits = 0;
  for (const { entries } of module.staticImports) {
    for (const { importName } of entries)
      if (RANDOM_SOURCES.has(importName.name ?? "")) impurities.add(importName.name ?? "");
  }
  new Visitor({
    TSImportType: (node) => {
      imports.push({ specifier: node.source.value, typeOnly: true, lazy: false });
    },
    CallExpression: ({ callee }) => {
      if (callee.type === "Identifier" && IMPURE_GLOBALS.has(callee.name)) impurities.add(callee.name);
      if (text.slice(callee.start, callee.end) === "process.exit") exits++;
    },
    MemberExpression: (node) => {
      if (node.object.type !== "Identifier") return;
      if (IMPURE_GLOBALS.has(node.object.name)) impurities.add(node.object.name);
      const member = text.slice(node.start, node.end);
      if (IMPURE_MEMBERS.has(member)) impurities.add(member);
    },
    NewExpression: ({ callee, arguments: given }) => {
      if (callee.type !== "Identifier") return;
      if (callee.name === "Date" && given.length === 0) impurities.add("new Date()");
      if (IMPURE_GLOBALS.has(callee.name)) impurities.add(callee.name);
    },
    ThrowStatement: ({ argument }) => {
      if (argument.type === "NewExpression" && text.slice(argument.callee.start, argument.callee.end) === "Error") {
        throwsPlainError = true;
      }
    },
  }).visit(program);
  return { path, imports, impurities: [...impurities], throwsPlainError, exits };
};

const readImports = (module: EcmaScriptModule, text: string): Import[] => [
  ...module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    // An import without names runs the file.
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    lazy: false,
  })),
  ...module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null || moduleRequest === undefined
        ? []
        : [{ specifier: moduleRequest.value, typeOnly: isType, lazy: false }],
    ),
  ),
  ...module.dynamicImports.map(({ moduleRequest }) => ({
    specifier: /^(["'])([^"'`$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[2],
    typeOnly: false,
    lazy: true,
  })),
];
