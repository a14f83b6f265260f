import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A Node below 24 that the system has, or undefined: then the tests that need one are skipped, and say so. */
export const findOldNode = (): string | undefined => {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"];
  const programs = directories.filter((one) => !one.includes("node_modules")).map((one) => join(one, "node"));
  return programs.find((program) => existsSync(program) && majorOf(program) < 24);
};

const majorOf = (program: string): number => {
  const { stdout } = spawnSync(program, ["-p", "process.versions.node"], { encoding: "utf8" });
  return Number.parseInt(stdout, 10);
};
