import type { Storage } from "#app/storage.ts";
import { flag } from "#cli/flag.ts";
import type { FlagValues } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

/** Where papers are stored or looked for; `--new-bundle-format` is cosign's way to say it. */
export const storageFlags = flag.grouped("Papers", {
  storage: flag.choice(["both", "bundle", "legacy"], {
    summary: "form of the papers: Sigstore bundles as referrers, cosign's .sig/.att tags, or both (default both)",
  }),
  newBundleFormat: flag.toggle({ summary: "true: --storage bundle, false: --storage legacy" }),
});

export const storageOf = (flags: FlagValues<typeof storageFlags>): Storage => {
  if (flags.newBundleFormat === undefined) return flags.storage ?? "both";
  const named: Storage = flags.newBundleFormat ? "bundle" : "legacy";
  if (flags.storage !== undefined && flags.storage !== named) {
    throw new WaybillError(
      "USAGE_INVALID",
      `--storage ${flags.storage} and --new-bundle-format=${flags.newBundleFormat} contradict each other`,
      { hint: "Give one of the two." },
    );
  }
  return named;
};

/** Flags of every command that signs. */
export const signingFlags = flag.grouped("Signing", {
  key: flag.text({ value: "KEY", summary: "private key: file or env://VARIABLE" }),
  passwordFile: flag.text({
    value: "FILE",
    summary: "file that holds the key's password (else COSIGN_PASSWORD, WAYBILL_PASSWORD, a prompt)",
  }),
  yes: flag.toggle({ short: "y", default: false, summary: "ask nothing", hidden: true }),
  tlogUpload: flag.toggle({ default: false, summary: "write to a transparency log", hidden: true }),
  useSigningConfig: flag.toggle({
    default: false,
    summary: "take service addresses from a signing config",
    hidden: true,
  }),
});

/** Flags of every command that writes papers beside images. */
export const writingFlags = {
  ...signingFlags,
  ...storageFlags,
  ...flag.grouped("Papers", {
    settle: flag.duration({
      value: "DURATION",
      default: "500ms",
      summary: "wait before the last look at written tags",
    }),
    dryRun: flag.toggle({ default: false, summary: "say what would be written, write nothing" }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, only this image" }),
    maxWorkers: flag.count({ value: "N", default: 10, min: 1, max: 100, summary: "images under way at once" }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    recordCreationTimestamp: flag.ignored({ summary: "papers hold no time of the clock" }),
  }),
};

/** Refuses what this version cannot do; a service that is silently left out would be a paper less than asked for. */
export const refuseServices = (flags: { readonly tlogUpload: boolean; readonly useSigningConfig: boolean }): void => {
  for (const [name, on] of [
    ["--tlog-upload", flags.tlogUpload],
    ["--use-signing-config", flags.useSigningConfig],
  ] as const) {
    if (on)
      throw new WaybillError("USAGE_INVALID", `${name}: transparency logs are not supported by this version`, {
        hint: `Leave ${name} away, or give ${name}=false.`,
      });
  }
};

/** `k=v` pairs; the first `=` divides. USAGE_INVALID for what has none, and for a name given twice with two values. */
export const readPairs = (pairs: readonly string[], name: string): Readonly<Record<string, string>> => {
  const result = Object.create(null) as Record<string, string>;
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at <= 0) {
      throw new WaybillError("USAGE_INVALID", `${name} ${JSON.stringify(pair.slice(0, 120))} is not name=value`, {
        hint: `Write ${name} name=value; the first = divides the two.`,
      });
    }
    const key = pair.slice(0, at);
    const value = pair.slice(at + 1);
    if (result[key] !== undefined && result[key] !== value) {
      throw new WaybillError("USAGE_INVALID", `${name} gives ${JSON.stringify(key.slice(0, 120))} two values`, {
        hint: "One name has one value; leave one of them away.",
      });
    }
    result[key] = value;
  }
  return result;
};

/** A flag without which the command has no meaning; `hint` says what to give. */
export const required = (value: string | undefined, name: string, hint: string): string => {
  if (value === undefined || value === "") throw new WaybillError("USAGE_INVALID", `${name} is required`, { hint });
  return value;
};

/** The `--key` of what signs. */
export const requiredKey = (value: string | undefined): string =>
  required(value, "--key", "Give the private key, such as --key cosign.key; waybill generate-key-pair makes one.");
