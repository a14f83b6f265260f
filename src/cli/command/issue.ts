import { buildAnnotations } from "#app/buildAnnotations.ts";
import { issueImages } from "#app/issueImages.ts";
import { readBase } from "#app/readBase.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { isSwitchedOff } from "#cli/isSwitchedOff.ts";
import { readPairs, refuseServices, requiredKey, storageOf, writingFlags } from "#cli/paperFlags.ts";
import { provenanceFlags } from "#cli/provenanceFlags.ts";
import { readBuildFacts } from "#cli/readBuildFacts.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { readSbomFormat, sbomFlags } from "#cli/sbomFlags.ts";
import { readScanManner, scanFlags } from "#cli/scanFlags.ts";
import { warnOfGaps } from "#cli/warnOfGaps.ts";
import { writeResults } from "#cli/writeResults.ts";
import type { ResultManner } from "#cli/writeResults.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";

const STEPS = ["sbom", "provenance", "signature"] as const;

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "The SBOM lists what is really in the layers. Everything is written, read back and verified. What is there already is not written again, so an interrupted run is completed by running it once more. WAYBILL_ISSUE=false switches it off.",
  timeout: "30m",
  flags: {
    ...writingFlags,
    ...flag.grouped("Papers", {
      annotations: flag.list({
        short: "a",
        value: "NAME=VALUE",
        separator: ",",
        summary: "signed along with the image; may repeat",
      }),
      skip: flag.list({
        value: "STEP",
        separator: ",",
        suggests: ["sbom", "provenance", "signature"],
        summary: "leave out sbom, provenance or signature; may repeat",
      }),
      sbomReferrer: flag.toggle({
        default: false,
        summary: "also store the SBOM as it is, a referrer that scanners such as Trivy find",
      }),
      bestEffort: flag.toggle({ default: false, summary: "warn and exit 0 when the registry is down" }),
    }),
    ...provenanceFlags,
    ...sbomFlags,
    ...scanFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill issue --key cosign.key registry.example/app:1.0", "SBOM, provenance and signature"],
    [
      "waybill issue --key cosign.key --source https://git.example/app --commit-sha 4b825dc642cb6eb9a060e54bf8d69288fbee4904 --build-id 117 --builder-id https://ci.example/kaniko registry.example/app:1.0",
      "with what the build knows",
    ],
    [
      "waybill issue --key cosign.key --provenance provenance.json --storage bundle registry.example/app:1.0",
      "provenance from elsewhere, bundles only",
    ],
    [
      "waybill issue --key cosign.key --provenance-from auto registry.example/app:1.0",
      "with what the CI job's variables say",
    ],
    ["waybill issue --key cosign.key --skip provenance registry.example/app:1.0", "without provenance"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    if (isSwitchedOff(io.env["WAYBILL_ISSUE"])) {
      io.note("WAYBILL_ISSUE=false: no papers are issued");
      return 0;
    }
    refuseServices(flags);
    const skip = readSteps(flags.skip);
    const facts = await readBuildFacts({ io, ctx, deps }, flags);
    const document =
      flags.provenance === undefined ? undefined : await deps.readInput(ctx, flags.provenance, io.readStdin);
    const format = readSbomFormat(flags.sbomFormat);
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    await using lister = skip.has("sbom")
      ? undefined
      : deps.openContentLister(readScanManner(flags, !isPipeline(io.env["CI"])));
    // Decrypting takes as long as many an image: it goes on while the image is read.
    const signer = key.unlock();
    const unlocking = untilFailure(ctx, signer);
    const base = flags.base === undefined ? undefined : parseReference(flags.base);
    const repositories = await deps.openRepositories(flags, [
      ...args,
      ...(flags.base === undefined ? [] : [flags.base]),
    ]);
    const issued = issueImages({
      repositories,
      signer,
      makeSbom:
        lister &&
        (async (sbomCtx, image, made) => {
          if (image.manifest.kind === "index") {
            const index = await lister.describe(sbomCtx, image, made, format);
            for (const gap of index.unknowns) io.warn(`not in the SBOM: ${gap}`);
            return index.document;
          }
          const known = base && (await readBase({ repositories })(sbomCtx, base, image));
          const { document, unknowns } = await lister.list(sbomCtx, image, format, known);
          warnOfGaps(io, unknowns);
          return document;
        }),
    })(unlocking, {
      references: args,
      annotations: { ...buildAnnotations(facts), ...readPairs(flags.annotations, "--annotations") },
      provenance: skip.has("provenance") ? undefined : prepareProvenance(facts, flags.provenanceVersion, document),
      sign: !skip.has("signature"),
      sbomReferrer: flags.sbomReferrer,
      storage: storageOf(flags),
      dryRun: flags.dryRun,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
      settleMs: flags.settle,
    });
    // Without the key nothing was issued, and its failure is the one to tell.
    const all = await issued.finally(() => signer);
    return flags.bestEffort && failuresOf(all).every(isDown) ? forgive(io, all, flags) : writeResults(io, all, flags);
  },
});

/** The context as long as a promise does not fail. */
const untilFailure = (ctx: Ctx, promise: Promise<unknown>): Ctx => {
  const stop = new AbortController();
  promise.catch(() => stop.abort());
  return { ...ctx, signal: AbortSignal.any([ctx.signal, stop.signal]) };
};

const readSteps = (names: readonly string[]): ReadonlySet<string> => {
  for (const name of names) {
    if (!STEPS.some((step) => step === name))
      throw new WaybillError(
        "USAGE_INVALID",
        `--skip ${JSON.stringify(name.slice(0, 80))}: the steps are ${STEPS.join(", ")}`,
      );
  }
  return new Set(names);
};

const failuresOf = (all: readonly CarriedOut[]): readonly WaybillError[] =>
  all.flatMap((one) =>
    one.kind === "failed" ? [one.error] : one.images.flatMap(({ report }) => report.failed.map(({ error }) => error)),
  );

/** Only a service that is down is forgiven: never a refusal, a bad input or bytes that are not what they must be. */
const isDown = (error: WaybillError): boolean =>
  hasCode(error, "NETWORK_FAILED", "NETWORK_TIMEOUT", "REGISTRY_UNAVAILABLE", "REGISTRY_THROTTLED");

/** Tells failures as warnings, since the run ends well. */
const forgive = async (io: Io, all: readonly CarriedOut[], manner: ResultManner): Promise<number> => {
  await writeResults({ ...io, fail: ({ code, message }) => io.warn(`${code} ${message}`) }, all, manner);
  if (failuresOf(all).length > 0)
    io.warn("papers are missing since the registry is down; --best-effort lets the build go on");
  return 0;
};

// What a pipeline signs should come from the bytes, not from what an earlier job left on its disk.
const isPipeline = (ci: string | undefined): boolean => ci !== undefined && ci !== "" && !isSwitchedOff(ci);
