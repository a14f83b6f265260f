import { flag } from "#cli/flag.ts";

/** What a build knows about itself, said outright or found in its environment. */
export const buildFlags = flag.grouped("Provenance", {
  provenanceFrom: flag.choice(
    ["none", "auto", "github", "gitlab", "woodpecker", "tekton", "jenkins", "buildkite", "git"],
    {
      default: "none",
      summary: "take what flags do not say from the variables of a build system, or from the git checkout here",
    },
  ),
  source: flag.text({ value: "URI", summary: "repository of the source" }),
  commitSha: flag.text({ value: "SHA", summary: "commit that was built; also signed as annotation commit_sha" }),
  buildId: flag.text({ value: "ID", summary: "the build; also signed as annotation build_id" }),
  tenantId: flag.text({ value: "ID", summary: "whose build; also signed as annotation tenant_id" }),
  appId: flag.text({ value: "ID", summary: "of which application; also signed as annotation app_id" }),
  builderId: flag.text({ value: "URI", summary: "who built" }),
  buildType: flag.text({ value: "URI", summary: "how the parameters are to be read" }),
  parameter: flag.list({ value: "NAME=VALUE", summary: "external parameter; may repeat" }),
  material: flag.list({ value: "URI@DIGEST", summary: "what went into the build; may repeat" }),
  startedOn: flag.text({ value: "RFC3339", summary: "when the build began" }),
  finishedOn: flag.text({ value: "RFC3339", summary: "when the build ended" }),
});

/** Flags of what makes provenance beside other papers. */
export const provenanceFlags = {
  ...buildFlags,
  ...flag.grouped("Provenance", {
    provenance: flag.text({ value: "FILE", summary: "a provenance predicate made elsewhere; - reads stdin" }),
    provenanceVersion: flag.choice(["1", "0.2"], { default: "1", summary: "SLSA provenance version" }),
  }),
};
