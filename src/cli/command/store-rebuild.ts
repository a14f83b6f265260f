import { rebuildRecords } from "#app/rebuildRecords.ts";
import type { RebuildReport, RebuiltRepository, RepositoryCounts } from "#app/rebuildRecords.ts";
import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Reads the papers beside all images of the repositories, verifies them with the keys that are given, and puts those of one tenant into the index, with the builds that they tell of. Adds to a database that is there, makes one where none is, and changes nothing the second time. Exits 1 when papers and database disagree about a build.",
  timeout: "1h",
  flags: {
    ...dataFlag,
    fromRegistry: flag.list({
      value: "REPO",
      separator: ",",
      summary: "repository whose images carry the papers; may repeat",
    }),
    tenant: flag.text({ value: "NAME", default: "default", summary: "take the papers that name this tenant" }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    ...flag.grouped("Trust", {
      key: flag.list({
        value: "KEY",
        summary: "public key of the service, now or then: file, env://VARIABLE or https://...; may repeat",
      }),
    }),
    ...registryFlags,
  },
  examples: [
    [
      "waybill store rebuild --data ./data --from-registry registry.example/builds/my-app --key cosign.pub",
      "after the database was lost",
    ],
    [
      "waybill store rebuild --from-registry registry.example/builds/a,registry.example/builds/b --key cosign.pub --key old.pub",
      "of two repositories, signed with two keys",
    ],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const from = demand(flags.fromRegistry, "--from-registry", "Name the repositories that hold the papers.").map(
      readRepository,
    );
    const keys = demand(flags.key, "--key", "Give the public key of the service, such as --key cosign.pub.");
    const trust = await deps.openTrust(ctx, keys);
    const repositories = await deps.openRepositories(flags, flags.fromRegistry);
    const place = storePlace(flags, io.env);
    const opened = await deps.openControlPlaneStore(ctx, place, "create");
    try {
      const { tenant } = flags;
      const report = await rebuildRecords({ ...opened, repositories })(ctx, { by: "cli", tenant, from, trust });
      await io.print(flags.output === "json" ? `${JSON.stringify(toJson(report))}\n` : toLines(report));
      return tellProblems(io, report);
    } finally {
      await opened.close();
    }
  },
});

const demand = (given: readonly string[], name: string, hint: string): readonly string[] => {
  if (given.length === 0) throw new WaybillError("USAGE_INVALID", `${name} is required`, { hint });
  return given;
};

const readRepository = (text: string): RegistryReference => {
  const reference = parseReference(text);
  if (reference.kind === "registry" && reference.tag === undefined && reference.digest === undefined) return reference;
  throw new WaybillError("USAGE_INVALID", `--from-registry ${text} is no repository of a registry`, {
    hint: "Write HOST/REPOSITORY, without a tag and without a digest.",
  });
};

const COLUMNS: readonly (readonly [words: string, name: keyof RepositoryCounts, added?: keyof RepositoryCounts])[] = [
  ["images", "images"],
  ["papers", "papers", "addedPapers"],
  ["builds", "builds", "addedBuilds"],
  ["not verified", "refused"],
  ["of other tenants", "others"],
  ["images without papers", "bare"],
];

const toLine = (name: string, counts: RepositoryCounts): string => {
  const columns = COLUMNS.map(([words, all, added]) => {
    const more = added === undefined ? "" : ` (${counts[added]} new)`;
    return `${words} ${counts[all]}${more}`;
  });
  return `${printable(name)}  ${columns.join("  ")}\n`;
};

const whole = ({ repositories }: RebuildReport): readonly RebuiltRepository[] =>
  repositories.filter(({ error }) => error === undefined);

const toLines = (report: RebuildReport): string => {
  const read = whole(report);
  return [...read.map(({ name, counts }) => toLine(name, counts)), toLine("total", total(report))].join("");
};

const total = (report: RebuildReport): RepositoryCounts => {
  const sum = (name: keyof RepositoryCounts): number =>
    whole(report).reduce((before, { counts }) => before + counts[name], 0);
  return {
    images: sum("images"),
    bare: sum("bare"),
    papers: sum("papers"),
    addedPapers: sum("addedPapers"),
    builds: sum("builds"),
    addedBuilds: sum("addedBuilds"),
    others: sum("others"),
    refused: sum("refused"),
  };
};

const toJson = (report: RebuildReport) => ({
  repositories: report.repositories.map(({ name, counts, refusals, error }) =>
    error === undefined
      ? { repository: name, ...countsJson(counts), refusals }
      : { repository: name, error: { code: error.code, message: error.message } },
  ),
  total: countsJson(total(report)),
  conflicts: report.conflicts,
});

const countsJson = (counts: RepositoryCounts) => ({
  images: counts.images,
  papers: counts.papers,
  new_papers: counts.addedPapers,
  builds: counts.builds,
  new_builds: counts.addedBuilds,
  not_verified: counts.refused,
  of_other_tenants: counts.others,
  images_without_papers: counts.bare,
});

const tellProblems = (io: Io, { repositories, conflicts }: RebuildReport): number => {
  for (const { refusals } of repositories) for (const line of refusals) io.warn(printable(line));
  for (const line of conflicts) io.refuse(printable(line));
  const errors = repositories.flatMap(({ name, error }) => (error === undefined ? [] : [errorAbout(name, error)]));
  for (const error of errors) io.fail(error);
  if (conflicts.length > 0) return 1;
  return errors[0]?.exitCode ?? 0;
};
