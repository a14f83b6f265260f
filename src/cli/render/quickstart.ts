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
        ...shownLines(event.shown, true, paint).map((line) => `  ${line}`),
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
  readonly signed: string;
  readonly dir: string;
  readonly keep: boolean;
  readonly program: string;
}

/** Commands that work as they stand, on what is still there. */
export const nextCommands = ({ signed, dir, keep, program }: QuickstartEnd, paint: Paint): readonly string[] => {
  const key = `${dir}/cosign.pub`;
  if (!keep) {
    return [
      "",
      paint("bold", "Next"),
      `  ${program} quickstart --keep             the same, and the registry stays up for you`,
      `  ${program} quickstart REGISTRY/IMAGE     with an image of yours, which is only read`,
      `  ${program} generate-key-pair             then: ${program} issue --key cosign.key REGISTRY/IMAGE`,
      `  cosign verify --key cosign.pub --insecure-ignore-tlog=true REGISTRY/IMAGE     checks what you issued`,
    ];
  }
  return [
    "",
    paint("bold", "Next, while this keeps running (Ctrl-C ends it)"),
    `  ${program} show --key ${key} ${signed}`,
    `  ${program} verify --key ${key} ${signed}`,
    `  ${program} verify-attestation --key ${key} --type cyclonedx ${signed} | jq -r .payload | base64 -d | jq .predicate`,
    `  cosign verify --key ${key} --insecure-ignore-tlog=true ${signed}`,
    `  cosign verify-attestation --key ${key} --insecure-ignore-tlog=true --type slsaprovenance1 ${signed}`,
  ];
};
