import { writeFile } from "node:fs/promises";
import { writeTar } from "../../src/archive/writeTar.ts";
import { readAll } from "../../src/core/verifiedBytes.ts";
import { peer } from "./peers.ts";
import { succeed } from "./run.ts";
import type { Workspace } from "./workspace.ts";

/** An image as it lies in a registry now. */
export interface PushedImage {
  /** `HOST/REPOSITORY@DIGEST` */
  readonly reference: string;
  readonly name: string;
  readonly digest: string;
}

/** Pushes an image of one small file with crane; other text, other digest. */
export const pushTinyImage = async (workspace: Workspace, name: string, text: string): Promise<PushedImage> => {
  const archive = workspace.path(`layer-${name.replaceAll(/[^a-z0-9]/g, "-")}.tar`);
  const bytes = Buffer.from(text);
  const entry = { path: "hello.txt", type: "file", mode: 0o644, size: bytes.length, open: () => once(bytes) } as const;
  await writeFile(archive, await readAll(writeTar([entry]), 1e6, "the layer"));
  await succeed(peer("crane"), ["append", "--oci-empty-base", "-f", archive, "-t", `${name}:1.0`], {
    env: workspace.env,
  });
  return resolvePushed(workspace, name, "1.0");
};

/** What a tag points at, by crane's word. */
export const resolvePushed = async (workspace: Workspace, name: string, tag: string): Promise<PushedImage> => {
  const digest = (await succeed(peer("crane"), ["digest", `${name}:${tag}`], { env: workspace.env })).trim();
  return { name, digest, reference: `${name}@${digest}` };
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
