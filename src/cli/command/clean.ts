import { cleanImage } from "#app/cleanImage.ts";
import type { Cleaned, CleanedImage } from "#app/cleanImage.ts";
import type { CleanedKind } from "#app/planCleaning.ts";
import { defineCommand } from "#cli/command.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import { flag } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { registryFlags } from "#cli/registryFlags.ts";

// Signatures first: one that is left alone would promise papers that are gone.
const ALL: readonly CleanedKind[] = ["signature", "referrer", "attestation", "sbom"];

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Says which papers of an image would be removed, and with --force removes them: cosign's tags and Sigstore bundles. Never the image, papers of other images, or referrers of other types. Of an index only its own papers.",
  flags: {
    ...flag.grouped("Papers", {
      type: flag.choice(["signature", "attestation", "referrer", "sbom", "all"], {
        default: "all",
        summary: "the .sig, .att or .sbom tag; referrer: Sigstore bundles, of signatures and attestations",
      }),
      force: flag.toggle({ short: "f", default: false, summary: "remove them" }),
      settle: flag.duration({
        value: "DURATION",
        default: "500ms",
        summary: "wait before the last look at written tags",
      }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
      output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill clean registry.example/app:1.0", "what would be removed"],
    ["waybill clean -f --type signature registry.example/app:1.0", "remove the .sig tag"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const cleaned = await cleanImage({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      platform: flags.platform,
      kinds: flags.type === "all" ? ALL : [flags.type],
      force: flags.force,
      settleMs: flags.settle,
    });
    if (flags.output === "json") await io.print(`${JSON.stringify(cleanedJson(cleaned), null, 2)}\n`);
    else for (const line of cleanedLines(cleaned)) await io.print(`${printable(line)}\n`);
    for (const { name, reason } of cleaned.kept) io.note(printable(`left: ${name}: ${reason}`));
    if (cleaned.items.length === 0) io.note("there is nothing to remove");
    else if (!flags.force) io.note("nothing was removed; --force removes it");
    const failed = cleaned.items.flatMap(({ name, error }) => (error === undefined ? [] : [errorAbout(name, error)]));
    const [first] = failed;
    if (first === undefined) return 0;
    for (const { name, error } of cleaned.items) if (error !== undefined) io.refuse(printable(`not removed: ${name}`));
    io.fail(first);
    return first.exitCode;
  },
});

const cleanedLines = ({ items, removed, image }: CleanedImage): readonly string[] =>
  items
    .filter(({ error }) => error === undefined)
    .map((one) => `${removed ? "Removed" : "would remove"} ${one.name} from ${image} (${describe(one)})`);

const describe = ({ kind, papers }: Cleaned): string => {
  if (kind === "referrer") return papers === 0 ? "bundle, listed and gone" : "bundle";
  return kind === "sbom" ? "attached SBOM" : `${papers} ${kind}${papers === 1 ? "" : "s"}`;
};

const cleanedJson = ({ image, removed, items, kept }: CleanedImage): object => ({
  image,
  items: items.map(({ kind, name, digest, papers, error }) => ({
    kind,
    name,
    digest,
    papers,
    state: error !== undefined ? "failed" : removed ? "removed" : "would be removed",
    ...(error === undefined ? {} : { code: error.code, message: error.message }),
  })),
  kept,
});
