import type { Build, Paper } from "./apiTypes.ts";

/** A command for people to run again what the page says. */
export interface Command {
  readonly title: string;
  readonly text: string;
}

// Waybill makes no entry in a public log by default, and cosign refuses without one unless it is told to.
const NO_LOG = "--insecure-ignore-tlog=true";

/** Where the service is, and which of its keys signed where that is one that it retired. */
export interface KeyPlace {
  readonly origin: string;
  readonly retired: string | undefined;
}

/** How anybody repeats the checks of a build's papers with cosign and waybill. */
export const checkCommands = (build: Build, papers: readonly Paper[], place: KeyPlace): readonly Command[] => {
  const image = build.image && quote(build.image.reference);
  if (!image) return [];
  const has = (type: string): boolean => papers.some((paper) => paper.predicate_type.startsWith(type));
  const attested = (type: string): string =>
    `cosign verify-attestation --key cosign.pub --type ${type} ${NO_LOG} ${image}`;
  return [
    fetchKeyCommand(place),
    { title: "Check the signature with cosign", text: `cosign verify --key cosign.pub ${NO_LOG} ${image}` },
    ...(has("https://cyclonedx.org/bom") ? [{ title: "Check the SBOM with cosign", text: attested("cyclonedx") }] : []),
    ...(has("https://slsa.dev/provenance/v1")
      ? [{ title: "Check the provenance with cosign", text: attested("slsaprovenance1") }]
      : []),
    { title: "Check the signature with waybill", text: `waybill verify --key cosign.pub ${image}` },
    ...(has("https://cyclonedx.org/bom")
      ? [
          {
            title: "Check the SBOM with waybill",
            text: `waybill verify-attestation --key cosign.pub --type cyclonedx ${image}`,
          },
        ]
      : []),
    { title: "Show everything with waybill", text: `waybill show --key cosign.pub ${image}` },
  ];
};

/** How the public key is fetched that signed. */
export const fetchKeyCommand = ({ origin, retired }: KeyPlace): Command => {
  const query = retired === undefined ? "" : `?kid=${encodeURIComponent(retired).replaceAll("%3A", ":")}`;
  return {
    title: retired === undefined ? "Fetch the service's public key" : "Fetch the retired key that signed",
    text: `curl -fsSo cosign.pub ${quote(`${origin}/v1/cosign.pub${query}`)}`,
  };
};

/** How a platform registers a build and asks for its papers, for pages that have nothing to show yet. */
export const firstCommands = (origin: string): readonly Command[] => [
  {
    title: "Register a build",
    text: [
      `curl -fsS ${quote(`${origin}/v1/apps/my-app/builds`)} -H "Authorization: Bearer $WAYBILL_TOKEN" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"build_id":"build-1","source":"https://git.example/my-app","commit_sha":"deadbeef"}'`,
    ].join("\n"),
  },
  issueCommand({ app: "my-app", build_id: "build-1" }, origin),
];

/** How the papers of a build are asked for. */
export const issueCommand = (build: Pick<Build, "app" | "build_id">, origin: string): Command => ({
  title: "Ask for its papers",
  text: [
    `curl -fsS ${quote(`${origin}/v1/apps/${build.app}/builds/${build.build_id}/issue`)} -H "Authorization: Bearer $WAYBILL_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"image":"registry.example/builds/${build.app}@sha256:..."}'`,
  ].join("\n"),
});

/** How papers are asked for once more after a failure. */
export const rerunCommand = (build: Pick<Build, "app" | "build_id">, origin: string): Command => ({
  title: "Issue again",
  text: [
    `curl -fsS ${quote(`${origin}/v1/apps/${build.app}/builds/${build.build_id}/issue`)} -H "Authorization: Bearer $WAYBILL_TOKEN" \\`,
    `  -H 'Content-Type: application/json' -d '{"rerun":true}'`,
  ].join("\n"),
});

/** A word as a POSIX shell reads it back: names come from registries and builds, and are pasted into terminals. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
