import { flag } from "#cli/flag.ts";

/** What an attestation says, about an image or a file. */
export const predicateFlags = flag.grouped("Predicate", {
  predicate: flag.text({ value: "FILE", summary: "the predicate; - reads stdin" }),
  type: flag.text({
    value: "TYPE",
    default: "custom",
    summary:
      "slsaprovenance, slsaprovenance02, slsaprovenance1, spdx, spdxjson, cyclonedx, link, vuln, openvex, vsa, test-result, scai, release, custom, or a URI",
  }),
});
