import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An installed program: the real launcher, and whatever stands for the rest. */
export interface Installation {
  readonly root: string;
  readonly launch: (shape?: LaunchShape) => Launched;
  readonly remove: () => void;
}

interface LaunchShape {
  readonly node?: string;
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Launched {
  readonly pid: number;
  /** The first line of stdout, once it is there. */
  readonly ready: Promise<string>;
  readonly ended: Promise<{ readonly stdout: string; readonly stderr: string; readonly end: number | string | null }>;
}

/** Lays out a package with the launcher of this project and the given files. */
export const install = (files: Readonly<Record<string, string>>): Installation => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-launcher-")));
  const all = {
    "package.json": `{"type":"module","version":"1.2.3"}`,
    "bin/package.json": readFileSync("bin/package.json", "utf8"),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  copyFileSync("bin/waybill.js", join(root, "bin/waybill.js"));
  return {
    root,
    launch: (shape = {}) => launch(root, shape),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

const launch = (
  root: string,
  { node = process.execPath, nodeArgs = [], args = [], env = {} }: LaunchShape,
): Launched => {
  const child = spawn(node, [...nodeArgs, join(root, "bin/waybill.js"), ...args], {
    env: { PATH: "/usr/bin:/bin", HOME: join(root, "home"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  const ready = Promise.withResolvers<string>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes("\n")) ready.resolve(stdout.split("\n")[0] ?? "");
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Awaited<Launched["ended"]>>((resolve) => {
    child.once("close", (code, signal) => {
      ready.resolve("");
      resolve({ stdout, stderr, end: code ?? signal });
    });
  });
  return { pid: child.pid ?? 0, ready: ready.promise, ended };
};
