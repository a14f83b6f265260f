import { createTrustRoot } from "#app/createTrustRoot.ts";
import type { TrustedKind } from "#app/createTrustRoot.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { writeDocument } from "#cli/writeDocument.ts";

const AUTHORITY = "url=,certificate-chain=FILE[,start-time=,end-time=]";
const LOG = "url=,public-key=FILE,start-time=[,end-time=,origin=]";

const service = (summary: string) => flag.list({ value: "SPEC", summary });

export const command = defineCommand({
  positionals: [],
  description: `Makes a trusted root: who is believed to issue certificates and times, and to keep logs. A SPEC of an authority is ${AUTHORITY}, its chain in PEM with the root last; that of a log is ${LOG}. Without any flag it names nobody.`,
  flags: {
    ...flag.grouped("Services", {
      fulcio: service("certificate authority; may repeat"),
      ctfe: service("log of its certificates; may repeat"),
      rekor: service("transparency log; may repeat"),
      tsa: service("timestamp authority, its leaf first; may repeat"),
      withDefaultServices: flag.toggle({
        default: false,
        summary: "begin with those of the public instance, as built in",
      }),
      noDefaultFulcio: flag.toggle({ default: false, summary: "of those leave out the certificate authorities" }),
      noDefaultCtfe: flag.toggle({ default: false, summary: "leave out the logs of certificates" }),
      noDefaultRekor: flag.toggle({ default: false, summary: "leave out the transparency logs" }),
      noDefaultTsa: flag.toggle({ default: false, summary: "leave out the timestamp authorities" }),
    }),
    ...flag.grouped("Files", {
      out: flag.text({ value: "FILE", summary: "write it there instead of to stdout" }),
    }),
  },
  examples: [
    [
      "waybill trusted-root create --fulcio url=https://ca.example,certificate-chain=ca.pem --rekor url=https://log.example,public-key=log.pub,start-time=2026-01-01T00:00:00Z --out trusted-root.json",
      "of a private instance",
    ],
    [
      "waybill trusted-root create --with-default-services --out trusted-root.json",
      "of the public one, to work offline",
    ],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const builtIn = flags.withDefaultServices ? await deps.readBuiltInRoot() : undefined;
    if (builtIn !== undefined) {
      io.note(`the public instance's trusted root is as of ${builtIn.taken.toISOString().slice(0, 10)}`);
    }
    const left: readonly (readonly [boolean, TrustedKind])[] = [
      [flags.noDefaultFulcio, "fulcio"],
      [flags.noDefaultCtfe, "ctfe"],
      [flags.noDefaultRekor, "rekor"],
      [flags.noDefaultTsa, "tsa"],
    ];
    const bytes = await createTrustRoot({ readFile: async (at, path) => deps.readInput(at, path, io.readStdin) })(ctx, {
      services: { fulcio: flags.fulcio, ctfe: flags.ctfe, rekor: flags.rekor, tsa: flags.tsa },
      base: builtIn === undefined ? undefined : { bytes: builtIn.bytes, name: "the built-in trusted root" },
      without: new Set(left.flatMap(([isLeft, kind]) => (isLeft ? [kind] : []))),
    });
    return writeDocument({ io, ctx, deps }, bytes, flags.out, "trusted root");
  },
});
