import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killGroup, startProcess } from "./background.ts";
import type { Ended, Started } from "./background.ts";
import { matchOutput, splitLines } from "./matchOutput.ts";
import type { Variables } from "./matchOutput.ts";
import type { Expectation, Scenario, Step } from "./parseScenario.ts";

/** What a step really did, and whether that was expected. */
export interface Outcome {
  readonly step: Step;
  readonly ended: Ended;
  /** Undefined where everything fits. */
  readonly problem: string | undefined;
  /** Values known when the step ended. */
  readonly variables: Variables;
}

const ROOT = process.cwd();
const STEP_MS = 120_000;
const READY_MS = 30_000;
const STOP_MS = 10_000;

interface Stage {
  readonly work: string;
  readonly env: Record<string, string>;
  readonly variables: Record<string, string>;
  readonly started: Map<string, Started>;
}

/** Paths that a scenario needs and that are not there. */
export const missingNeeds = (scenario: Scenario): readonly string[] =>
  scenario.needs.filter((path) => !existsSync(resolve(ROOT, path)));

/**
 * Runs a scenario in a fresh directory; stops at the first step that does something else than expected, unless `goOn`.
 * Whatever it started in the background is ended, and the directory removed.
 */
export const runScenario = async (scenario: Scenario, goOn = false): Promise<readonly Outcome[]> => {
  const stage = setStage(scenario);
  const outcomes: Outcome[] = [];
  try {
    for (const step of scenario.steps) {
      const outcome = await runStep(stage, step);
      if (outcome !== undefined) outcomes.push(outcome);
      if (outcome?.problem !== undefined && !goOn) break;
    }
  } finally {
    await Promise.all([...stage.started.values()].map(end));
    rmSync(stage.work, { recursive: true, force: true });
  }
  return outcomes;
};

const setStage = (scenario: Scenario): Stage => {
  // Real path: the program prints those, and the system's temporary directory may be a link.
  const work = realpathSync(mkdtempSync(join(tmpdir(), "waybill-scenario-")));
  const bin = join(work, ".bin");
  for (const directory of [bin, join(work, ".home"), join(work, ".tmp")]) mkdirSync(directory);
  writeFileSync(join(bin, "waybill"), `#!/bin/sh\nexec "$NODE" "$ROOT/bin/waybill.js" "$@"\n`, { mode: 0o755 });
  for (const { path, text } of scenario.files) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  const variables = { WORK: work, ROOT, SHARED: resolve(ROOT, "../shared") };
  const env = {
    ...variables,
    NODE: process.execPath,
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(work, ".home"),
    TMPDIR: join(work, ".tmp"),
    LANG: "C.UTF-8",
    WAYBILL_FROM: "dist",
    // Every home is new: a cache would be written each time and never read.
    NODE_DISABLE_COMPILE_CACHE: "1",
  };
  return { work, env, variables, started: new Map() };
};

const place = ({ work, env, variables }: Stage) => ({ cwd: work, env: { ...env, ...variables } });

const runStep = async (stage: Stage, step: Step): Promise<Outcome | undefined> => {
  if (step.kind === "env") {
    stage.env[step.name] = step.value.replace(
      /\$(\w+)/g,
      (_, name: string) => stage.variables[name] ?? stage.env[name] ?? "",
    );
    return undefined;
  }
  if (step.kind === "start") return startStep(stage, step);
  if (step.kind === "stop") return stopStep(stage, step);
  const started = startProcess(step.command, place(stage));
  const late = new AbortController();
  const timer = sleep(STEP_MS, undefined, { signal: late.signal }).then(
    () => killGroup(started, "SIGKILL"),
    () => undefined,
  );
  const ended = await started.ended;
  late.abort();
  await timer;
  return judge(stage, step, ended);
};

const startStep = async (stage: Stage, step: Step & { readonly kind: "start" }): Promise<Outcome> => {
  const started = startProcess(`exec ${step.command}`, place(stage));
  stage.started.set(step.name, started);
  const exited = started.ended.then(() => "exited" as const);
  const until = performance.now() + READY_MS;
  const so = (exit: number): Ended => ({ stdout: started.stdout(), stderr: started.stderr(), exit });
  const wanted = step.expected.stdout;
  for (;;) {
    const lines = splitLines(started.stdout()).slice(0, started.stdout().endsWith("\n") ? undefined : -1);
    const captured = matchOutput([...wanted, "..."], lines, stage.variables);
    if (captured !== undefined) {
      Object.assign(stage.variables, captured);
      return { step, ended: so(0), problem: undefined, variables: { ...stage.variables } };
    }
    const state = await Promise.race([exited, sleep(20)]);
    if (state === "exited" || performance.now() > until) {
      const problem = state === "exited" ? "ended before it was ready" : `was not ready after ${READY_MS / 1000} s`;
      return {
        step,
        ended: so(0),
        problem: describe(problem, step.expected, so(0)),
        variables: { ...stage.variables },
      };
    }
  }
};

const stopStep = async (stage: Stage, step: Step & { readonly kind: "stop" }): Promise<Outcome> => {
  const started = stage.started.get(step.name);
  if (started === undefined) throw new SyntaxError(`stop ${step.name}: nothing of that name was started`);
  stage.started.delete(step.name);
  started.child.kill(step.signal);
  const ended = await Promise.race([started.ended, sleep(STOP_MS)]);
  if (ended === undefined) killGroup(started, "SIGKILL");
  const { exit, stderr } = ended ?? (await started.ended);
  const slow = ended === undefined ? `did not end within ${STOP_MS / 1000} s` : undefined;
  const wrong =
    exit === step.expected.exit ? undefined : `ended with ${exit}, expected ${step.expected.exit}\n${stderr}`;
  return { step, ended: { stdout: "", stderr: "", exit }, problem: slow ?? wrong, variables: { ...stage.variables } };
};

const end = async (started: Started): Promise<void> => {
  started.child.kill("SIGTERM");
  const ended = await Promise.race([started.ended, sleep(STOP_MS)]);
  if (ended === undefined) killGroup(started, "SIGKILL");
  await started.ended;
};

const judge = (stage: Stage, step: Step & { readonly kind: "run" }, ended: Ended): Outcome => {
  const { expected } = step;
  const stdout = matchOutput(expected.stdout, splitLines(ended.stdout), stage.variables);
  const stderr = matchOutput(expected.stderr, splitLines(ended.stderr), { ...stage.variables, ...stdout });
  Object.assign(stage.variables, stdout, stderr);
  const endsWell = ended.stdout === "" || ended.stdout.endsWith("\n") === expected.endsWithNewline;
  const wrong = [
    ...(ended.exit === expected.exit ? [] : [`exit ${ended.exit}, expected ${expected.exit}`]),
    ...(stdout === undefined ? ["stdout differs"] : []),
    ...(stderr === undefined ? ["stderr differs"] : []),
    ...(endsWell ? [] : ["stdout ends with a line feed where it must not, or without one"]),
  ];
  const problem = wrong.length === 0 ? undefined : describe(wrong.join(", "), expected, ended);
  return { step, ended, problem, variables: { ...stage.variables } };
};

const describe = (problem: string, expected: Expectation, ended: Ended): string =>
  [
    problem,
    "--- expected stdout",
    ...expected.stdout,
    "--- stdout",
    ended.stdout.trimEnd(),
    "--- expected stderr",
    ...expected.stderr,
    "--- stderr",
    ended.stderr.trimEnd(),
  ].join("\n");
