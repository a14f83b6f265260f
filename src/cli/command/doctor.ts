import { diagnose } from "#app/diagnose.ts";
import type { Finding } from "#app/finding.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";
import { readRegistryName } from "#cli/readRegistryName.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { parseReference } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, optional: true, fromStdin: true }],
  description:
    "Looks whether this machine, registries, images and keys are fit to work with, one line each: ok, warn or fail, with a hint. A REF may also be the bare name of a registry: HOST or HOST:PORT. For a whole REF an upload is begun and cancelled, without content, to see whether papers may be written. No secret is printed and no password is asked for. Exits 1 where a line says fail.",
  flags: {
    ...flag.grouped("Keys", {
      key: flag.list({ value: "KEY", summary: "also look at this key, public or private; may repeat" }),
      passwordFile: flag.text({ value: "FILE", summary: "file that holds the key's password" }),
    }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    ...registryFlags,
  },
  examples: [
    ["waybill doctor", "this machine alone"],
    ["waybill doctor ghcr.io docker.io", "registries: reached, with which login, clocks"],
    ["waybill doctor --key cosign.key registry.example/app:1.0", "all that signing this image needs"],
    ["waybill doctor -o json registry.example | jq -r '.[] | select(.state == \"fail\").hint'", "for scripts"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const hosts = args.filter(isHost);
    const names = args.filter((text) => !isHost(text));
    const references: readonly Reference[] = names.map(parseReference);
    const credentialed = [...names, ...hosts.map((host) => `${readRegistryName(host)}/any`)];
    await using diagnosis = await deps.openDiagnosis(ctx, flags, credentialed, flags.passwordFile);
    const registries = hosts.map(readRegistryName);
    const findings = await diagnose(diagnosis)(ctx, { registries, references, keys: flags.key });
    if (flags.output === "json") await io.print(`${JSON.stringify(findings)}\n`);
    else await io.print(findingLines(findings, io.paint));
    return findings.some(({ state }) => state === "fail") ? 1 : 0;
  },
});

// As docker tells a registry from an image of Docker Hub: by a dot, or by being this machine.
const isHost = (text: string): boolean =>
  /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|\[[0-9a-f:.]+\])(?::[0-9]+)?$/i.test(text);

const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

const findingLines = (findings: readonly Finding[], paint: Paint): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, subject, state, message, hint }) => {
      const about = subject === null ? "" : `${printable(subject)}: `;
      const line = `${paint(COLOURS[state], state.padEnd(4))}  ${check.padEnd(width)}  ${about}${printable(message)}\n`;
      return hint === null ? line : `${line}${" ".repeat(width + 8)}hint: ${printable(hint)}\n`;
    })
    .join("");
};
