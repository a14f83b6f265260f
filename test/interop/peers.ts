import { fail } from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Real programs that the suites talk to, as scripts/interop-tools.sh calls them. */
export type PeerName =
  | "cosign3"
  | "cosign2"
  | "cosign223"
  | "crane"
  | "curl"
  | "docker-registry"
  | "jq"
  | "olareg"
  | "oras"
  | "schemathesis"
  | "skopeo"
  | "syft";

/** Path of a peer; a missing one is a failure and never a skip, since then nothing would have been proved. */
export const peer = (name: PeerName): string => {
  const installed = join(process.env["WAYBILL_PEERS"] ?? join(homedir(), ".cache/waybill-peers"), "bin");
  const folders = [installed, ...(process.env["PATH"] ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find(isProgram);
  return found ?? fail(`${name} is not installed: run scripts/interop-tools.sh ${name}`);
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
