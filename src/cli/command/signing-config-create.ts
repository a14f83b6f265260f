import { createSigningConfig } from "#app/createSigningConfig.ts";
import type { SigningServiceKind } from "#app/createSigningConfig.ts";
import { defineCommand } from "#cli/command.ts";
import type { Run } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { FlagTable } from "#cli/flag.ts";
import { writeDocument } from "#cli/writeDocument.ts";
import { WaybillError } from "#core/errors.ts";

const FIELDS = "url=,api-version=,start-time=,operator=[,end-time=]";
// How Sigstore's instances call them on their TUF mirrors.
const DEFAULT_TARGET = "signing_config.v0.2.json";
const REKOR_V2_TARGET = "signing_config_rekor_v2.v0.2.json";

const service = (summary: string) => flag.list({ value: "SPEC", summary });

export const command = defineCommand({
  positionals: [],
  description: `Makes a signing config: the services with which keyless signers work. A SPEC is ${FIELDS}; one or more of a kind replace all of that kind of --base-config. Without any flag it names no service, which is what signing with a key needs.`,
  flags: {
    ...flag.grouped("Services", {
      fulcio: service("certificate authority; may repeat"),
      rekor: service("transparency log; may repeat, and needs --rekor-config"),
      oidcProvider: service("identity provider; may repeat"),
      tsa: service("timestamp authority; may repeat, and needs --tsa-config"),
      rekorConfig: flag.text({ value: "ANY|ALL|EXACT:n", summary: "how many of the logs are to be used" }),
      tsaConfig: flag.text({
        value: "ANY|ALL|EXACT:n",
        summary: "how many of the timestamp authorities are to be used",
      }),
    }),
    ...flag.grouped("Files", {
      baseConfig: flag.text({ value: "FILE", summary: "begin with this signing config; - reads stdin" }),
      withDefaultServices: flag.toggle({
        default: false,
        summary: "begin with that of the TUF mirror that was chosen (initialize), else of the public instance",
      }),
      withDefaultRekorV2: flag.toggle({ default: false, summary: "the same with Rekor v2" }),
      out: flag.text({ value: "FILE", summary: "write it there instead of to stdout" }),
    }),
    ...flag.grouped("Services", {
      noDefaultFulcio: flag.toggle({
        default: false,
        summary: "leave out the certificate authorities that it begins with",
      }),
      noDefaultOidc: flag.toggle({ default: false, summary: "leave out its identity providers" }),
      noDefaultRekor: flag.toggle({ default: false, summary: "leave out its logs" }),
      noDefaultTsa: flag.toggle({ default: false, summary: "leave out its timestamp authorities" }),
    }),
  },
  examples: [
    ["waybill signing-config create --out signing-config.json", "one that names no service"],
    [
      "waybill signing-config create --base-config old.json --rekor url=https://rekor.example,api-version=2,start-time=2026-01-01T00:00:00Z,operator=example --rekor-config ANY",
      "the same services, and another log",
    ],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const bytes = createSigningConfig({
      base: await readBase({ io, ctx, deps }, flags),
      services: { fulcio: flags.fulcio, "oidc-provider": flags.oidcProvider, rekor: flags.rekor, tsa: flags.tsa },
      choices: { rekor: flags.rekorConfig, tsa: flags.tsaConfig },
      without: new Set(
        (
          [
            [flags.noDefaultFulcio, "fulcio"],
            [flags.noDefaultOidc, "oidc-provider"],
            [flags.noDefaultRekor, "rekor"],
            [flags.noDefaultTsa, "tsa"],
          ] as const satisfies readonly (readonly [boolean, SigningServiceKind])[]
        ).flatMap(([left, kind]) => (left ? [kind] : [])),
      ),
    });
    return writeDocument({ io, ctx, deps }, bytes, flags.out, "signing config");
  },
});

interface BaseFlags {
  readonly baseConfig: string | undefined;
  readonly withDefaultServices: boolean;
  readonly withDefaultRekorV2: boolean;
}

/** What is begun with; USAGE_INVALID where it is said in two ways. */
const readBase = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  { baseConfig, withDefaultServices, withDefaultRekorV2 }: BaseFlags,
): Promise<{ readonly bytes: Uint8Array; readonly name: string } | undefined> => {
  if ([baseConfig !== undefined, withDefaultServices, withDefaultRekorV2].filter(Boolean).length > 1)
    throw new WaybillError("USAGE_INVALID", "--base-config and the defaults of a TUF mirror contradict each other", {
      hint: "Give one of --base-config, --with-default-services and --with-default-rekor-v2.",
    });
  if (withDefaultServices) return deps.readMirrorTarget(ctx, DEFAULT_TARGET);
  if (withDefaultRekorV2) return deps.readMirrorTarget(ctx, REKOR_V2_TARGET);
  if (baseConfig === undefined) return undefined;
  return { bytes: await deps.readInput(ctx, baseConfig, io.readStdin), name: baseConfig };
};
