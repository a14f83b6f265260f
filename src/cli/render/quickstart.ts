import type { QuickstartEvent } from "#app/quickstart.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";
import { carriedLines } from "#cli/render/carriedOut.ts";
import { shownLines } from "#cli/render/shownImage.ts";

/** The tour for people, one station after the other. */
export const quickstartLines = (event: QuickstartEvent, paint: Paint): readonly string[] => {
  switch (event.kind) {
    case "image":
      return [
        "",
        paint("bold", event.copiedFrom === undefined ? "A real image" : `A copy of ${printable(event.copiedFrom)}`),
        `  ${event.reference}`,
        `  ${event.digest}`,
      ];
    case "issued":
      return [
        "",
        paint("bold", "Its papers: SBOM, provenance, signature"),
        ...event.images.flatMap((image) => [
          `  ${printable(image.image)}`,
          ...carriedLines(image, false).map((line) => `    ${printable(line)}`),
        ]),
      ];
    case "shown":
      return [
        "",
        paint("bold", "What anybody with the public key sees"),
        ...shownLines(event.shown, true, paint).map((line) => (line === "" ? "" : `  ${line}`)),
      ];
    case "served":
      return [
        "",
        paint("bold", "The control plane, which builds ask for papers"),
        `  listening on ${event.url}`,
        ...event.requests.flatMap(({ request, answer }) => [`  ${request}`, `    ${printable(answer)}`]),
      ];
    case "tampered":
      return [
        "",
        paint("bold", event.title),
        `  ${printable(event.did)}`,
        `  $ ${event.asked}`,
        `  ${paint("red", "refused")}, exit 1`,
        ...event.reasons.map((reason) => `    ${printable(reason)}`),
      ];
  }
};

export interface QuickstartEnd {
  /** Of the control plane. */
  readonly api: string;
  readonly token: string;
  readonly dashboard: boolean;
  readonly signed: string;
  readonly dir: string;
  readonly keep: boolean;
  readonly program: string;
}

/** Commands that work as they stand, on what is still there. */
export const nextCommands = (end: QuickstartEnd, paint: Paint): readonly string[] => {
  const { keep, program } = end;
  const title = keep ? "Next, while this keeps running (Ctrl-C ends it)" : "Next";
  const commands = keep ? onTheTour(end) : onYourImage(program);
  return [
    "",
    paint("bold", title),
    ...commands.flatMap(([meaning, ...lines]) => [
      `  ${paint("dim", `# ${meaning}`)}`,
      ...lines.map((line) => `  ${line}`),
    ]),
  ];
};

type Commands = readonly (readonly [meaning: string, ...lines: string[]])[];

const onTheTour = ({ program, dir, signed, api, token, dashboard }: QuickstartEnd): Commands => {
  const key = `${dir}/cosign.pub`;
  return [
    dashboard
      ? ["the dashboard: open the address in a browser, and sign in with the token", api, token]
      : ["the dashboard is not built here; this brings it", "npm run quickstart -- --keep"],
    ["the papers on one screen", `${program} show --key ${key} ${signed}`],
    [
      "the signature, as waybill and cosign check it",
      `${program} verify --key ${key} ${signed}`,
      `cosign verify --key ${key} --insecure-ignore-tlog=true ${signed}`,
    ],
    [
      "the SBOM and the provenance that were signed",
      `${program} verify-attestation --key ${key} --type cyclonedx ${signed} | jq -r .payload | base64 -d | jq .predicate`,
      `cosign verify-attestation --key ${key} --insecure-ignore-tlog=true --type slsaprovenance1 ${signed}`,
    ],
    [
      "the same papers over HTTP",
      `curl -H "Authorization: Bearer $(cat ${dir}/operator.token)" ${api}/v1/apps/quickstart/builds/build-1/sbom | jq '.components[0:5]'`,
    ],
  ];
};

const onYourImage = (program: string): Commands => [
  ["the same, and the registry stays up for you to try things", `${program} quickstart --keep`],
  ["with an image of yours, which is only read", `${program} quickstart REGISTRY/IMAGE`],
  [
    "papers for an image of yours, in its registry",
    `${program} generate-key-pair`,
    `${program} issue --key cosign.key REGISTRY/IMAGE`,
  ],
  [
    "anybody checks them, with cosign as well",
    `${program} verify --key cosign.pub REGISTRY/IMAGE`,
    "cosign verify --key cosign.pub --insecure-ignore-tlog=true REGISTRY/IMAGE",
  ],
];
