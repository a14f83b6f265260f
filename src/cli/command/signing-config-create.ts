import { createSigningConfig } from "#app/createSigningConfig.ts";
import type { SigningServiceKind } from "#app/createSigningConfig.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { writeDocument } from "#cli/writeDocument.ts";

const FIELDS = "url=,api-version=,start-time=,operator=[,end-time=]";
const TUF_HINT =
  "Give the file that is to be changed with --base-config; cosign fetches it: cosign signing-config create.";

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
      out: flag.text({ value: "FILE", summary: "write it there instead of to stdout" }),
    }),
    ...flag.grouped("Services", {
      noDefaultFulcio: flag.toggle({
        default: false,
        summary: "leave out the certificate authorities of --base-config",
      }),
      noDefaultOidc: flag.toggle({ default: false, summary: "leave out its identity providers" }),
      noDefaultRekor: flag.toggle({ default: false, summary: "leave out its logs" }),
      noDefaultTsa: flag.toggle({ default: false, summary: "leave out its timestamp authorities" }),
    }),
    withDefaultServices: flag.refused({
      summary: "no signing config of the public instance is built in",
      hint: TUF_HINT,
    }),
    withDefaultRekorV2: flag.refused({
      summary: "no signing config of the public instance is built in",
      hint: TUF_HINT,
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
    const { baseConfig } = flags;
    const bytes = createSigningConfig({
      base:
        baseConfig === undefined
          ? undefined
          : { bytes: await deps.readInput(ctx, baseConfig, io.readStdin), name: baseConfig },
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
