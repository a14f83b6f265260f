import type { GoJson } from "#claims/goJson.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { list, message, readProtoJson, scalar } from "#claims/protoJson.ts";
import { readProtoTime, writeProtoTime } from "#claims/protoTime.ts";
import type { ProtoTime } from "#claims/protoTime.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** Where a service is, since when, and whose it is (sigstore_trustroot.proto, Service). */
export interface SigningService {
  readonly url: string;
  /** 0: not yet released. */
  readonly majorApiVersion: number;
  readonly start: ProtoTime;
  readonly end: ProtoTime | undefined;
  readonly operator: string;
}

/** How many of several services are to be used; `count` of EXACT alone. */
export interface ServiceChoice {
  readonly selector: "ALL" | "ANY" | "EXACT";
  readonly count: number | undefined;
}

/** With which services keyless signers work (sigstore_trustroot.proto, SigningConfig v0.2). */
export interface SigningConfig {
  readonly caUrls: readonly SigningService[];
  readonly oidcUrls: readonly SigningService[];
  readonly rekorTlogUrls: readonly SigningService[];
  readonly rekorTlogConfig: ServiceChoice | undefined;
  readonly tsaUrls: readonly SigningService[];
  readonly tsaConfig: ServiceChoice | undefined;
}

const MEDIA_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
const SELECTORS = ["ALL", "ANY", "EXACT"] as const;

/** Compact JSON with the members, and in the order, of cosign 3's `signing-config create`. */
export const writeSigningConfig = (config: SigningConfig): Uint8Array =>
  writeProtoJson({
    mediaType: MEDIA_TYPE,
    caUrls: servicesOf(config.caUrls),
    oidcUrls: servicesOf(config.oidcUrls),
    rekorTlogUrls: servicesOf(config.rekorTlogUrls),
    rekorTlogConfig: choiceOf(config.rekorTlogConfig),
    tsaUrls: servicesOf(config.tsaUrls),
    tsaConfig: choiceOf(config.tsaConfig),
  });

// protojson leaves out what is empty or zero; cosign always sets the two choices.
const servicesOf = (services: readonly SigningService[]): GoJson | undefined =>
  services.length === 0 ? undefined : services.map(serviceOf);

const serviceOf = ({ url, majorApiVersion, start, end, operator }: SigningService): GoJson => ({
  url,
  majorApiVersion: majorApiVersion === 0 ? undefined : majorApiVersion,
  validFor: { start: writeProtoTime(start), end: end === undefined ? undefined : writeProtoTime(end) },
  operator,
});

const choiceOf = (choice: ServiceChoice | undefined): GoJson =>
  choice === undefined ? {} : { selector: choice.selector, count: choice.count };

const MAX_SERVICES = 64;
const service = message({
  url: scalar,
  majorApiVersion: scalar,
  validFor: message({ start: scalar, end: scalar }),
  operator: scalar,
});
const choice = message({ selector: scalar, count: scalar });
const SHAPE = message({
  mediaType: scalar,
  caUrls: list(service, MAX_SERVICES),
  oidcUrls: list(service, MAX_SERVICES),
  rekorTlogUrls: list(service, MAX_SERVICES),
  rekorTlogConfig: choice,
  tsaUrls: list(service, MAX_SERVICES),
  tsaConfig: choice,
});
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16, maxValues: 5000 };

/** Reads a signing config v0.2. `what` names it in errors: INPUT_INVALID, LIMIT_EXCEEDED. */
export const readSigningConfig = (bytes: Uint8Array, what: string): SigningConfig => {
  const members = readProtoJson(parseStrict(bytes, what, LIMITS), SHAPE, what) as JsonObject;
  if (members["mediaType"] !== MEDIA_TYPE) {
    const shown = JSON.stringify(members["mediaType"] ?? null).slice(0, 120);
    throw bad(`${what}: the media type ${shown} is not that of a signing config v0.2`);
  }
  const services = (name: string): readonly SigningService[] =>
    ((members[name] ?? []) as readonly JsonObject[]).map((one, index) =>
      readService(one, `${what}: ${name}[${index}]`),
    );
  return {
    caUrls: services("caUrls"),
    oidcUrls: services("oidcUrls"),
    rekorTlogUrls: services("rekorTlogUrls"),
    rekorTlogConfig: readChoice(members["rekorTlogConfig"], `${what}: rekorTlogConfig`),
    tsaUrls: services("tsaUrls"),
    tsaConfig: readChoice(members["tsaConfig"], `${what}: tsaConfig`),
  };
};

const readService = (value: JsonObject, what: string): SigningService => {
  const { url, majorApiVersion = 0, operator } = value;
  if (typeof url !== "string" || url === "") throw bad(`${what}: url is missing`);
  if (typeof operator !== "string" || operator === "") throw bad(`${what}: operator is missing`);
  const { start, end } = isJsonObject(value["validFor"]) ? value["validFor"] : {};
  const began = readTime(start, `${what}.validFor.start`);
  if (began === undefined) throw bad(`${what}.validFor.start is missing`);
  const ended = readTime(end, `${what}.validFor.end`);
  return {
    url,
    majorApiVersion: readCount(majorApiVersion, `${what}.majorApiVersion`),
    start: began,
    end: ended,
    operator,
  };
};

const readChoice = (value: Json | undefined, what: string): ServiceChoice | undefined => {
  const { selector, count } = isJsonObject(value) ? value : {};
  if (selector === undefined && count === undefined) return undefined;
  const known = SELECTORS.find((one, index) => selector === one || selector === index + 1);
  if (known === undefined) throw bad(`${what}.selector is none of ${SELECTORS.join(", ")}`);
  return { selector: known, count: count === undefined ? undefined : readCount(count, `${what}.count`) };
};

// protojson takes numbers in quotes, too.
const readCount = (value: Json, what: string): number => {
  const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number < 2 ** 32) return number;
  throw bad(`${what} is no whole number`);
};

const readTime = (value: Json | undefined, what: string): ProtoTime | undefined => {
  const time = typeof value === "string" ? readProtoTime(value) : undefined;
  if (value !== undefined && time === undefined) throw bad(`${what} is no RFC 3339 time`);
  return time;
};

const bad = (text: string): WaybillError => new WaybillError("INPUT_INVALID", text);
