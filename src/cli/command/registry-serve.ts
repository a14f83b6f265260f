import { aborted } from "#cli/aborted.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import { readListen } from "#cli/readListen.ts";
import { readSize } from "#cli/readSize.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "An OCI registry in this process: push, pull, tags, referrers, deletes. What it acknowledged survives a crash. It keeps each repository as an OCI layout below --dir and runs until it is interrupted. With --verbose it tells each request.",
  timeout: "0",
  drains: true,
  flags: {
    dir: flag.text({ value: "DIR", summary: "where everything is kept; created when missing" }),
    listen: flag.text({
      value: "HOST:PORT",
      default: "127.0.0.1:5000",
      summary: "port 0 takes a free one; beyond loopback only with TLS",
    }),
    metricsListen: flag.text({
      value: "HOST:PORT",
      default: "none",
      summary: "address of /metrics for Prometheus; none switches it off",
    }),
    ...flag.grouped("Access", {
      tlsCert: flag.text({ value: "FILE", summary: "PEM certificate with its chain; read again when it changes" }),
      tlsKey: flag.text({ value: "FILE", summary: "PEM private key of the certificate" }),
      allowPlainHttp: flag.toggle({
        default: false,
        summary: "listen beyond loopback without TLS, where a proxy in front speaks it",
      }),
      htpasswd: flag.text({
        value: "FILE",
        summary: "users and their passwords as htpasswd -B writes them; read again when it changes",
      }),
    }),
    ...flag.grouped("Content", {
      readOnly: flag.toggle({ default: false, summary: "only pulls; writes nothing, and needs no right to" }),
      maxSize: flag.text({
        value: "SIZE",
        summary: "refuse pushes beyond so much content, such as 20GiB; no limit when not given",
      }),
    }),
  },
  examples: [
    ["waybill registry serve --dir ./registry", "on 127.0.0.1:5000"],
    ["waybill registry serve --dir ./registry --listen 127.0.0.1:0", "on a free port, which it prints"],
    [
      "waybill registry serve --dir ./registry --listen 0.0.0.0:5000 --tls-cert tls.crt --tls-key tls.key --htpasswd users",
      "for others",
    ],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const registry = await deps.startRegistry(ctx, {
      dir: required(flags.dir, "--dir", "Give the directory that keeps everything; it is created when missing."),
      listen: readListen(flags.listen, "--listen"),
      metricsListen: flags.metricsListen === "none" ? undefined : readListen(flags.metricsListen, "--metrics-listen"),
      tls: readTls(flags.tlsCert, flags.tlsKey),
      allowPlainHttp: flags.allowPlainHttp,
      htpasswd: flags.htpasswd,
      readOnly: flags.readOnly,
      maxSize: flags.maxSize === undefined ? undefined : readSize(flags.maxSize, "--max-size"),
    });
    try {
      if (registry.metricsUrl !== undefined) io.note(`metrics on ${registry.metricsUrl}/metrics`);
      await io.print(`listening on ${registry.url}\n`);
      await aborted(ctx.signal);
      return 0;
    } finally {
      await registry.close();
    }
  },
});

const readTls = (cert: string | undefined, key: string | undefined) => {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  const [given, missing] = cert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
  throw new WaybillError("USAGE_INVALID", `${given} needs ${missing}`, {
    hint: "Give both: the certificate and the private key that belongs to it.",
  });
};
