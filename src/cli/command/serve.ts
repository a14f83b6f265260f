import { aborted } from "#cli/aborted.ts";
import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { flag } from "#cli/flag.ts";
import { isSwitchedOff } from "#cli/isSwitchedOff.ts";
import { passwordFlags } from "#cli/keyPairFlags.ts";
import { readListen } from "#cli/readListen.ts";
import { registryFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "The control plane beside a registry: builds ask it for papers, tenants and auditors read them over HTTP. It issues for the repositories that --repositories names and no others, and runs until it is interrupted. The very first start prints an operator's token on stderr. WAYBILL_ISSUE=false switches issuing off.",
  timeout: "0",
  drains: true,
  autoConfig: true,
  flags: {
    ...dataFlag,
    listen: flag.text({
      value: "HOST:PORT",
      default: "127.0.0.1:8600",
      summary: "address of the API; port 0 takes a free one",
    }),
    metricsListen: flag.text({
      value: "HOST:PORT",
      default: "127.0.0.1:8601",
      summary: "address of /metrics; none switches it off",
    }),
    allowPlainHttp: flag.toggle({
      default: false,
      summary: "listen beyond loopback, where a proxy in front speaks TLS",
    }),
    tokenFile: flag.text({
      value: "FILE",
      summary: "write the first operator's token here (mode 0600) instead of stderr",
    }),
    drain: flag.duration({
      value: "DURATION",
      default: "0s",
      summary: "at the end, say no on /readyz for so long before new connections are refused",
    }),
    rateLimit: flag.choice(["on", "off"], { default: "on", summary: "limit requests per token and address" }),
    trustedProxy: flag.list({
      value: "CIDR",
      separator: ",",
      summary: "proxy in front whose X-Forwarded-For names the client, such as 10.0.0.0/24; may repeat",
    }),
    ...flag.grouped("Issuing", {
      key: flag.text({ value: "KEY", summary: "private key: file or env://VARIABLE; may appear later" }),
      ...passwordFlags,
      repositories: flag.list({
        value: "GLOB",
        separator: ",",
        summary:
          "repositories to issue for, such as registry.example/builds/** or TENANT=registry.example/team/*; may repeat",
      }),
      builderId: flag.text({
        value: "URI",
        default: "https://waybill.dev/builder/unstated",
        summary: "who builds, for the provenance",
      }),
      mode: flag.choice(["best-effort", "gate"], {
        default: "best-effort",
        summary: "what an unsigned image means for pipelines that wait, where a request to issue does not say",
      }),
      workers: flag.count({ value: "N", default: 2, min: 1, max: 32, summary: "images under way at once" }),
      jobs: flag.count({ value: "N", default: 2, min: 1, max: 16, summary: "layers read at once" }),
      settle: flag.duration({
        value: "DURATION",
        default: "500ms",
        summary: "wait before the last look at written tags",
      }),
    }),
    ...flag.grouped("Access", {
      oidcIssuer: flag.text({ value: "URL", summary: "issuer whose access tokens are accepted" }),
      oidcAudience: flag.text({ value: "NAME", summary: "what those tokens must be for" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill serve --key cosign.key --repositories 'registry.example/builds/**'", "on 127.0.0.1:8600"],
    [
      "waybill serve --data ./data --token-file ./operator.token --listen 127.0.0.1:0",
      "on a free port, which it prints",
    ],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const plane = await deps.startControlPlane(ctx, {
      ...flags,
      ...storePlace(flags, io.env),
      listen: readListen(flags.listen, "--listen"),
      metricsListen: flags.metricsListen === "none" ? undefined : readListen(flags.metricsListen, "--metrics-listen"),
      settleMs: flags.settle,
      drainMs: flags.drain,
      trustedProxies: flags.trustedProxy,
      issue: !isSwitchedOff(io.env["WAYBILL_ISSUE"]),
      logFrom: io.logFrom,
    });
    try {
      if (plane.token !== undefined) io.announce(`operator token: ${plane.token}`);
      if (plane.metricsUrl !== undefined) io.note(`metrics on ${plane.metricsUrl}/metrics`);
      await io.print(`listening on ${plane.url}\n`);
      await aborted(ctx.signal);
      return 0;
    } finally {
      await plane.close();
    }
  },
});
