import { flag } from "#cli/flag.ts";
import { placeOutput } from "#cli/placeOutput.ts";
import { refusedFileFlags } from "#cli/refusedFlags.ts";
import { annotationFlags, verifyFlags } from "#cli/verifyFlags.ts";

// What files name are images in registries.
const { localImage: _, ...imageFlags } = verifyFlags;
const { registryUsername, registryPassword, registryToken } = imageFlags;

/** Flags of what verifies the images that files name. */
export const placeFlags = {
  ...imageFlags,
  output: placeOutput,
  // Refused with a reason, so that a password in the environment is not left out without a word.
  registryUsername: { ...registryUsername, hidden: true },
  registryPassword: { ...registryPassword, hidden: true },
  registryToken: { ...registryToken, hidden: true },
  ...annotationFlags,
  ...refusedFileFlags,
  ...flag.grouped("Files", {
    pinned: flag.text({
      value: "FILE",
      summary: "write the one file here with the verified digests behind the names, once all are; - writes stdout",
    }),
  }),
};
