import { findDockerfileImages } from "#app/findDockerfileImages.ts";
import { readText } from "#app/readText.ts";
import { about, checkPlaces, refuseSeveralPinned } from "#cli/checkPlaces.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readPairs } from "#cli/paperFlags.ts";
import { placeFlags } from "#cli/placeFlags.ts";

// The longest ones that people generate have some ten thousand lines.
const MAX_BYTES = 1024 * 1024;

export const command = defineCommand({
  positionals: [{ name: "FILE", many: true }],
  description:
    "Exits 0 only if every image that the files name in FROM, COPY --from and RUN --mount=from= is signed, each resolved once; stages are no images. Variables are replaced as a build does it, by the defaults of ARG and by --build-arg, never by the environment. An image that cannot be told is an error. - reads stdin.",
  flags: {
    ...placeFlags,
    ...flag.grouped("Files", {
      buildArg: flag.list({ value: "NAME=VALUE", summary: "value of an ARG, as docker build takes it; may repeat" }),
      baseImageOnly: flag.toggle({ default: false, summary: "only the image that the last stage stands on" }),
    }),
  },
  examples: [
    ["waybill dockerfile verify --key cosign.pub Dockerfile", "every image that a build of it takes"],
    [
      "waybill dockerfile verify --key cosign.pub --build-arg BASE=registry.example/base:2 --base-image-only Dockerfile",
      "what the result stands on",
    ],
    [
      "waybill dockerfile verify --key cosign.pub --pinned - Dockerfile | docker build -f - .",
      "build exactly what was verified",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseSeveralPinned(flags, args.length);
    const buildArgs = readPairs(flags.buildArg, "--build-arg");
    const files = [];
    for (const path of args) {
      const name = path === "-" ? "stdin" : path;
      const text = readText(await deps.readInput(ctx, path, io.readStdin), MAX_BYTES, name);
      const images = about(name, () => findDockerfileImages({ text, buildArgs, baseImageOnly: flags.baseImageOnly }));
      files.push({ name, text, images });
    }
    return checkPlaces({ io, ctx, deps }, files, flags);
  },
});
