import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { startRegistry } from "#registry/server/startRegistry.ts";
import type { RegistryOptions, RunningRegistry } from "#registry/server/startRegistry.ts";

/** A registry for one test file, and how to speak to it in plain HTTP. */
export interface RegistryBench {
  /** Where its directory and those of others may lie. */
  readonly root: string;
  /** Its own directory. */
  readonly dir: string;
  readonly url: () => string;
  /** Starts another registry. */
  readonly start: (over: Partial<RegistryOptions>) => Promise<RunningRegistry>;
  readonly call: (
    method: string,
    path: string,
    body?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  readonly pushBlob: (name: string, bytes: string) => Promise<Digest>;
  /** Pushes an image without layers; `members` make it like no other. */
  readonly pushImage: (name: string, tag: string, members?: object) => Promise<Digest>;
  /** Warnings and errors that the registry logged. */
  readonly problems: readonly string[];
}

const EMPTY = "{}";
const CONFIG = { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf(EMPTY), size: 2 };

export const MANIFEST_HEADERS = { "Content-Type": MEDIA_TYPE.ociManifest };

export const imageOf = (members: object): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: CONFIG, layers: [], ...members });

/** The code in a registry's error answer. */
export const faultOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code ?? "";

/** Runs a registry from before the first to after the last test of the file. */
export const benchRegistry = (options: Partial<RegistryOptions> = {}): RegistryBench => {
  const root = mkdtempSync(join(tmpdir(), "waybill-registry-"));
  const dir = join(root, "main");
  const problems: string[] = [];
  let running: RunningRegistry | undefined;
  const url = (): string => running?.url ?? "";

  const start = (over: Partial<RegistryOptions>): Promise<RunningRegistry> =>
    startRegistry({
      dir,
      listen: { host: "127.0.0.1", port: 0 },
      log: (level, message, fields) => {
        if (level !== "debug") problems.push(`${level} ${message} ${JSON.stringify(fields)}`);
      },
      ...over,
    });
  beforeAll(async () => {
    running = await start(options);
  });
  afterAll(async () => {
    await running?.close();
    rmSync(root, { recursive: true });
  });

  const call: RegistryBench["call"] = (method, path, body, headers = {}) =>
    fetch(path.startsWith("http") ? path : url() + path, { method, headers, ...(body === undefined ? {} : { body }) });

  const pushBlob: RegistryBench["pushBlob"] = async (name, bytes) => {
    const digest = digestOf(bytes);
    expect((await call("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, bytes)).status).toBe(201);
    return digest;
  };

  return {
    root,
    dir,
    url,
    start,
    call,
    pushBlob,
    pushImage: async (name, tag, members = {}) => {
      await pushBlob(name, EMPTY);
      const manifest = imageOf(members);
      expect((await call("PUT", `/v2/${name}/manifests/${tag}`, manifest, MANIFEST_HEADERS)).status).toBe(201);
      return digestOf(manifest);
    },
    problems,
  };
};
