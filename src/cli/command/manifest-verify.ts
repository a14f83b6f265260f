import { findManifestImages } from "#app/findManifestImages.ts";
import { readText } from "#app/readText.ts";
import { checkPlaces, refuseSeveralPinned } from "#cli/checkPlaces.ts";
import type { ReadFile } from "#cli/checkPlaces.ts";
import { defineCommand } from "#cli/command.ts";
import type { Run } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { FlagTable } from "#cli/flag.ts";
import { placeFlags } from "#cli/placeFlags.ts";
import { printable } from "#cli/printable.ts";
import { WaybillError } from "#core/errors.ts";

// Bundles of custom resource definitions reach some megabytes.
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ALL_BYTES = 64 * 1024 * 1024;

export const command = defineCommand({
  positionals: [{ name: "FILE|DIR", many: true }],
  description:
    "Exits 0 only if every image that the files name is signed, each resolved once. Kubernetes objects of any kind are searched whole, lists and custom resources too; of compose files the services. Of a directory all .yaml, .yml and .json files are read. A template that is not filled in, or anything else that nobody can tell, is an error. - reads stdin.",
  flags: {
    ...placeFlags,
    ...flag.grouped("Files", {
      containersOnly: flag.toggle({
        default: false,
        summary: "images of containers alone: every other image: in an object is mentioned, not checked",
      }),
    }),
  },
  examples: [
    ["waybill manifest verify --key cosign.pub deploy.yaml", "every image of one file"],
    ["helm template shop ./chart | waybill manifest verify --key cosign.pub -o lines -", "what a chart would run"],
    [
      "waybill manifest verify --key cosign.pub --pinned - deploy.yaml | kubectl apply -f -",
      "run exactly what was verified",
    ],
    ["docker compose config | waybill manifest verify --key cosign.pub -", "the services of a compose project"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const sources = await findSources({ io, ctx, deps }, args);
    refuseSeveralPinned(flags, sources.length);
    const files: ReadFile[] = [];
    let total = 0;
    for (const { path, isFound } of sources) {
      const name = path === "-" ? "stdin" : path;
      const bytes = await deps.readInput(ctx, path, io.readStdin);
      total += bytes.byteLength;
      if (total > MAX_ALL_BYTES)
        throw new WaybillError("LIMIT_EXCEEDED", `the files have more than ${MAX_ALL_BYTES} bytes`);
      const text = readText(bytes, MAX_BYTES, name);
      files.push({ name, text, images: findManifestImages({ text, containersOnly: flags.containersOnly, isFound }) });
    }
    return checkPlaces({ io, ctx, deps }, files, flags);
  },
});

interface Source {
  readonly path: string;
  /** In a directory, not named. */
  readonly isFound: boolean;
}

const findSources = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  args: readonly string[],
): Promise<readonly Source[]> => {
  const sources: Source[] = [];
  for (const path of args) {
    const listed = path === "-" ? undefined : await deps.listFiles(ctx, path, [".yaml", ".yml", ".json"]);
    for (const link of listed?.links ?? []) io.warn(`${printable(link)}: a link to a directory is not followed`);
    sources.push(...(listed?.files.map((file) => ({ path: file, isFound: true })) ?? [{ path, isFound: false }]));
  }
  if (sources.length > 0) return sources;
  throw new WaybillError("INPUT_INVALID", `there is no .yaml, .yml or .json file in ${args.join(", ")}`, {
    hint: "Nothing was verified. Give the files that name images.",
  });
};
