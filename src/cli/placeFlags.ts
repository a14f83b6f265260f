import { flag } from "#cli/flag.ts";
import { verifyFlags } from "#cli/verifyFlags.ts";

// What files name are images in registries.
const { localImage: _, ...imageFlags } = verifyFlags;

/** Flags of what verifies the images that files name. */
export const placeFlags = {
  ...imageFlags,
  ...flag.grouped("Papers", {
    annotations: flag.list({
      short: "a",
      value: "NAME=VALUE",
      separator: ",",
      summary: "must have been signed with exactly this value; may repeat",
    }),
  }),
  ...flag.grouped("Files", {
    pinned: flag.text({
      value: "FILE",
      summary: "write the one file here with the verified digests behind the names, once all are; - writes stdout",
    }),
  }),
};
