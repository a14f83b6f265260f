import type { NamedImages } from "#app/imagePlace.ts";
import { pinImages } from "#app/pinImages.ts";
import { exitCodeOf } from "#app/verifyImages.ts";
import { verifyPlaces } from "#app/verifyPlaces.ts";
import type { CheckedPlaces } from "#app/verifyPlaces.ts";
import type { Run } from "#cli/command.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { FlagTable, FlagValues } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { readPairs, storageOf } from "#cli/paperFlags.ts";
import type { placeFlags } from "#cli/placeFlags.ts";
import { readPlaceOutput } from "#cli/placeOutput.ts";
import { printable } from "#cli/printable.ts";
import { placeLine, placeNote, placesJson } from "#cli/render/places.ts";
import { signatureLines } from "#cli/render/signatureLines.ts";
import { reportVerdicts } from "#cli/reportVerdicts.ts";
import type { VerdictManner } from "#cli/reportVerdicts.ts";
import { openSigners } from "#cli/verifyFlags.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";

/** A file as it was read. */
export interface ReadFile {
  readonly name: string;
  readonly text: string;
  readonly images: NamedImages;
}

type PlaceValues = FlagValues<typeof placeFlags>;

/** Verifies the images of files, tells the answer for each place, and writes the one file with digests where all is well. */
export const checkPlaces = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  files: readonly ReadFile[],
  flags: PlaceValues,
): Promise<number> => {
  refuseCredentials(flags);
  const storage = storageOf(flags);
  const { format, file: target } = readPlaceOutput(flags);
  for (const { name, images } of files)
    for (const { line, text } of images.notes) io.note(printable(`${name}:${line}: ${text}`));
  const checked = await verifyPlaces({ repositories: await deps.openRepositories(flags, []) })(ctx, {
    files,
    wanted: {
      kind: "signature",
      annotations: readPairs(flags.annotations, "--annotations"),
      checkClaims: flags.checkClaims,
    },
    ...(await openSigners({ deps, ctx, io }, flags)),
    storage,
    platform: flags.platform,
    maxWorkers: flags.maxWorkers,
  });
  const [file] = files;
  const code = await reportPlaces(io, checked, files, {
    output: target === "-" ? "none" : format,
    annotations: flags.annotations.length > 0,
    checkClaims: flags.checkClaims,
    storage,
    papers: "signatures",
    show: signatureLines,
  });
  if (code !== 0 || target === undefined || file === undefined) return code;
  const pinned = Buffer.from(pinImages(file.text, checked.places));
  if (target === "-") await io.print(pinned);
  else await deps.writeOutput(ctx, target, pinned);
  return code;
};

/** What reading a file gives; its errors name the file, and the line where they know it. */
export const about = <T>(name: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    const known = asWaybillError(error);
    const { line } = known.details;
    throw errorAbout(line === undefined ? name : `${name}:${line}`, known);
  }
};

/** `--pinned` writes one file: from several it would not be known which. */
export const refuseSeveralPinned = (flags: Pick<PlaceValues, "output" | "pinned">, count: number): void => {
  const { file } = readPlaceOutput(flags);
  if (file === undefined || count === 1) return;
  throw new WaybillError(
    "USAGE_INVALID",
    `${file === flags.pinned ? "--pinned" : "--output"} writes one file, and ${count} are given`,
    {
      hint: "Call once for each file.",
    },
  );
};

/** Whoever writes the file chooses the registries, and must not be sent the password for another (attack 47). */
const refuseCredentials = (flags: PlaceValues): void => {
  if ((flags.registryUsername ?? flags.registryPassword ?? flags.registryToken) === undefined) return;
  throw new WaybillError(
    "USAGE_INVALID",
    "--registry-username, --registry-password and --registry-token: the file says which registries are asked",
    {
      hint: "Log in with waybill login, which keeps one credential for each registry.",
    },
  );
};

const reportPlaces = async (
  io: Io,
  checked: CheckedPlaces,
  files: readonly ReadFile[],
  manner: VerdictManner,
): Promise<number> => {
  const isOwn = manner.output === "report" || manner.output === "lines";
  if (manner.output === "report") await io.print(`${JSON.stringify(placesJson(checked, files), null, 2)}\n`);
  if (manner.output === "lines") for (const one of checked.places) await io.print(`${printable(placeLine(one))}\n`);
  await reportVerdicts(io, checked.images, { ...manner, output: isOwn ? "none" : manner.output });
  for (const { place, checked: answer } of checked.places)
    if (place.image.kind === "unknown" && answer.kind === "undecided") io.fail(answer.error);
  for (const one of checked.places.filter(({ place }) => place.image.kind === "named")) {
    const isGood = one.checked.kind === "decided" && one.checked.verdict.ok;
    (isGood ? io.note : io.refuse)(printable(placeNote(one)));
  }
  return exitCodeOf(checked.places.map((one) => one.checked));
};
