import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { peer } from "./peers.ts";
import { WAYBILL_ENV, waybillCommand } from "./waybill.ts";
import type { Workspace } from "./workspace.ts";

/** Registries to talk to: our own, one with the referrers API, one without (distribution 2.8). */
export const REGISTRY_KINDS = ["embedded", "olareg", "docker-registry"] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];

export interface RealRegistry extends AsyncDisposable {
  readonly kind: RegistryKind;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Where it keeps everything. */
  readonly storage: string;
}

const START_MS = 30_000;
const STOP_MS = 10_000;

/**
 * Starts a registry as a process of its own on a free loopback port, with its storage in the workspace. `fill` may write
 * docker-registry's storage before it starts.
 */
export const startRealRegistry = async (
  workspace: Workspace,
  kind: RegistryKind,
  fill: (storage: string) => void = () => undefined,
): Promise<RealRegistry> => {
  const port = await findFreePort();
  const host = `127.0.0.1:${port}`;
  const storage = workspace.path(`${kind}-${port}`);
  mkdirSync(storage);
  fill(storage);
  const [program, args] = commandOf(kind, storage, port);
  const log = `${storage}.log`;
  const output = openSync(log, "w");
  const child = spawn(program, args, {
    stdio: ["ignore", output, output],
    env: { PATH: process.env["PATH"], ...workspace.env, ...WAYBILL_ENV },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  const said = (): string => readFileSync(log, "utf8").slice(-2000);
  const died = ended.then(() => fail(`${kind} ended before it answered:\n${said()}`));
  await Promise.race([waitForAnswer(host, said), died]);
  died.catch(() => undefined);
  return { kind, host, storage, [Symbol.asyncDispose]: stop };
};

const commandOf = (
  kind: RegistryKind,
  storage: string,
  port: number,
): readonly [program: string, args: readonly string[]] => {
  if (kind === "embedded")
    return waybillCommand(["registry", "serve", "--dir", storage, "--listen", `127.0.0.1:${port}`]);
  if (kind === "olareg") {
    return [peer("olareg"), ["serve", "--dir", storage, "--addr", "127.0.0.1", "--port", String(port)]];
  }
  const config = `${storage}.yml`;
  writeFileSync(
    config,
    [
      "version: 0.1",
      "log: {level: error}",
      `storage: {filesystem: {rootdirectory: ${storage}}, delete: {enabled: true}}`,
      `http: {addr: "127.0.0.1:${port}"}`,
      "",
    ].join("\n"),
  );
  return [peer("docker-registry"), ["serve", config]];
};

const waitForAnswer = async (host: string, said: () => string): Promise<void> => {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await sleep(50);
  }
  fail(`no registry answers at ${host}:\n${said()}`);
};

/** A port that was free a moment ago: a registry cannot tell which one it took by itself. */
const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
