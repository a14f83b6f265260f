import { invalidSpec, readServiceSpec, readSpecWindow } from "#app/serviceSpec.ts";
import { readSigningConfig, writeSigningConfig } from "#claims/signingConfig.ts";
import type { ServiceChoice, SigningConfig, SigningService } from "#claims/signingConfig.ts";
import { WaybillError } from "#core/errors.ts";

/** The kinds of services, as flags call them. */
export type SigningServiceKind = "fulcio" | "oidc-provider" | "rekor" | "tsa";

export interface CreateSigningConfigInput {
  /** What to begin with: bytes of a signing config and its name; undefined: an empty one. */
  readonly base: { readonly bytes: Uint8Array; readonly name: string } | undefined;
  /** Specifications (cosign.md 5.8) as they were written; those of a kind replace all of the base's of that kind. */
  readonly services: Readonly<Record<SigningServiceKind, readonly string[]>>;
  /** `ANY`, `ALL` or `EXACT:n`. */
  readonly choices: Readonly<Record<"rekor" | "tsa", string | undefined>>;
  /** Kinds of which the base's services are left out. */
  readonly without: ReadonlySet<SigningServiceKind>;
}

const EMPTY: SigningConfig = {
  caUrls: [],
  oidcUrls: [],
  rekorTlogUrls: [],
  rekorTlogConfig: undefined,
  tsaUrls: [],
  tsaConfig: undefined,
};

/** Makes a signing config, to the byte as cosign 3 does. USAGE_INVALID for a specification, INPUT_INVALID for the base. */
export const createSigningConfig = (input: CreateSigningConfigInput): Uint8Array => {
  const base = input.base === undefined ? EMPTY : readSigningConfig(input.base.bytes, input.base.name);
  const services = (kind: SigningServiceKind, old: readonly SigningService[]): readonly SigningService[] => {
    const given = input.services[kind].map((spec) => readService(spec, `--${kind}`));
    return given.length > 0 ? given : input.without.has(kind) ? [] : old;
  };
  const choice = (kind: "rekor" | "tsa", old: ServiceChoice | undefined): ServiceChoice | undefined => {
    const given = input.choices[kind];
    if (given !== undefined) return readChoice(given, `--${kind}-config`);
    // How many of the old services were enough says nothing of the new ones.
    if (input.services[kind].length > 0) {
      throw new WaybillError("USAGE_INVALID", `--${kind}-config is required with --${kind}`, {
        hint: `Say how many of them are to be used: --${kind}-config ANY, ALL or EXACT:1.`,
      });
    }
    return input.without.has(kind) ? undefined : old;
  };
  return writeSigningConfig({
    caUrls: services("fulcio", base.caUrls),
    oidcUrls: services("oidc-provider", base.oidcUrls),
    rekorTlogUrls: services("rekor", base.rekorTlogUrls),
    rekorTlogConfig: choice("rekor", base.rekorTlogConfig),
    tsaUrls: services("tsa", base.tsaUrls),
    tsaConfig: choice("tsa", base.tsaConfig),
  });
};

const readService = (text: string, flag: string): SigningService => {
  const spec = readServiceSpec(text, {
    flag,
    required: ["url", "api-version", "start-time", "operator"],
    optional: ["end-time"],
  });
  const url = URL.parse(spec.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalidSpec(flag, `url: ${JSON.stringify(spec.url.slice(0, 160))} is no address`, "Begin it with https://.");
  }
  // Clients send the address along with requests, and logs keep it.
  if (url.username !== "" || url.password !== "") throw invalidSpec(flag, "url: it holds credentials");
  const { start, end } = readSpecWindow(spec, flag);
  // A required member that is read is there.
  if (start === undefined) throw invalidSpec(flag, "start-time is missing");
  return {
    url: spec.url,
    majorApiVersion: readNumber(spec["api-version"], flag, "api-version", 0),
    start,
    end,
    operator: spec.operator,
  };
};

const readChoice = (text: string, flag: string): ServiceChoice => {
  const [, word = "", , count] = /^(any|all|exact)(:(.*))?$/i.exec(text) ?? [];
  const selector = (["ANY", "ALL", "EXACT"] as const).find((one) => one === word.toUpperCase());
  if (selector === undefined || (selector === "EXACT") === (count === undefined)) {
    throw invalidSpec(flag, `${JSON.stringify(text.slice(0, 80))} is none of ANY, ALL, EXACT:n`);
  }
  // None of the services at all is what leaving them out says.
  return { selector, count: count === undefined ? undefined : readNumber(count, flag, "EXACT", 1) };
};

const readNumber = (text: string, flag: string, name: string, least: number): number => {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least) return number;
  throw invalidSpec(flag, `${name}: ${JSON.stringify(text.slice(0, 80))} is no whole number from ${least} on`);
};
