import { invalidSpec, readServiceSpec, readSpecWindow } from "#app/serviceSpec.ts";
import type { ProtoTime } from "#claims/protoTime.ts";
import { pemCertificates } from "#claims/pemCertificates.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import { writeTrustRoot } from "#trust/writeTrustRoot.ts";
import type { NewAuthority, NewLog } from "#trust/writeTrustRoot.ts";

/** Whom a trusted root names, as flags call them. */
export type TrustedKind = "fulcio" | "ctfe" | "rekor" | "tsa";

export interface CreateTrustRootInput {
  /** Specifications (cosign.md 5.8) as they were written; those of a kind replace all of the base's of that kind. */
  readonly services: Readonly<Record<TrustedKind, readonly string[]>>;
  /** A trusted root to begin with; undefined: an empty one. */
  readonly base: { readonly bytes: Uint8Array; readonly name: string } | undefined;
  /** Kinds of which the base's are left out. */
  readonly without: ReadonlySet<TrustedKind>;
}

export interface CreateTrustRootDeps {
  readonly readFile: (ctx: Ctx, path: string) => Promise<Uint8Array>;
}

/**
 * Makes a trusted root, to the byte as cosign 3 does, and reads it as any other: what verifying would refuse is not written.
 * USAGE_INVALID for a specification, TRUST_INVALID and KEY_WEAK for what is in the files.
 */
export const createTrustRoot =
  ({ readFile }: CreateTrustRootDeps) =>
  async (ctx: Ctx, { services, base, without }: CreateTrustRootInput): Promise<Uint8Array> => {
    const readAll = async <T>(kind: TrustedKind, read: ReadSpec<T>): Promise<readonly T[] | undefined> => {
      const all: T[] = [];
      // One after another, so that the first mistake on the command line is the one that is told.
      for (const text of services[kind]) all.push(await read(text, `--${kind}`, (path) => readFile(ctx, path)));
      return all.length > 0 || without.has(kind) ? all : undefined;
    };
    const root = {
      certificateAuthorities: await readAll(
        "fulcio",
        readAuthority((certificates) => certificates.at(-1)),
      ),
      tlogs: await readAll("rekor", readLog),
      ctlogs: await readAll("ctfe", readLog),
      timestampAuthorities: await readAll(
        "tsa",
        readAuthority(([leaf]) => leaf),
      ),
    };
    const bytes = writeTrustRoot(root, base);
    readTrustRoot(bytes, "the trusted root that was asked for");
    return bytes;
  };

type ReadSpec<T> = (text: string, flag: string, readFile: (path: string) => Promise<Uint8Array>) => Promise<T>;

/** `startsWith` is the certificate from whose beginning on the authority counts, where nothing else is said. */
const readAuthority =
  (startsWith: (certificates: readonly Certificate[]) => Certificate | undefined): ReadSpec<NewAuthority> =>
  async (text, flag, readFile) => {
    const spec = readServiceSpec(text, {
      flag,
      required: ["url", "certificate-chain"],
      optional: ["start-time", "end-time"],
    });
    const window = readSpecWindow(spec, flag);
    const path = spec["certificate-chain"];
    const blocks = pemCertificates(await readFile(path));
    if (blocks.length === 0) {
      throw new WaybillError("TRUST_INVALID", `${path}: no certificate in PEM is in it`, {
        hint: "Give a file of -----BEGIN CERTIFICATE----- blocks, the root last.",
      });
    }
    const certificates = blocks.map((der, index) =>
      readCertificate(der, `${path}, certificate ${index + 1} of ${blocks.length}`),
    );
    const start = window.start ?? momentOf(startsWith(certificates)?.notBefore ?? new Date(0));
    return { uri: demandWebAddress(spec.url, flag), certificates, start, end: window.end };
  };

const momentOf = (date: Date): ProtoTime => ({ date, nanos: 0 });

const readLog: ReadSpec<NewLog> = async (text, flag, readFile) => {
  const spec = readServiceSpec(text, {
    flag,
    required: ["url", "public-key", "start-time"],
    optional: ["end-time", "origin"],
  });
  const { start, end } = readSpecWindow(spec, flag);
  // A required member that is read is there.
  if (start === undefined) throw invalidSpec(flag, "start-time is missing");
  const path = spec["public-key"];
  const key = parsePublicKey(await readFile(path), path);
  return { uri: demandWebAddress(spec.url, flag), key, start, end, origin: spec.origin };
};

/** Scheme-less names are allowed there (sigstore_trustroot.proto, base_url); credentials are nothing to hand around. */
const demandWebAddress = (url: string, flag: string): string => {
  if (!/^[^/]*:\/\/[^/]*@|^[^/]*@/.test(url)) return url;
  throw invalidSpec(flag, "url: it holds credentials");
};
