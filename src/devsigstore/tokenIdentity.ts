import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { TAG } from "#claims/strictDer.ts";
import { writeDer } from "#claims/writeDer.ts";
import type { AlternativeName } from "#trust/certificate.ts";
import { writeExtension } from "#devsigstore/certificateExtensions.ts";

/** Whom a certificate is for. */
export interface TokenIdentity {
  readonly name: AlternativeName;
  /** What the holder signs to show that the key is theirs. */
  readonly challenge: string;
  /** Fulcio's extensions, DER. */
  readonly extensions: readonly Uint8Array[];
}

const BASE = "1.3.6.1.4.1.57264.1";
const GITHUB = "https://github.com";

/** Whom these claims, which are verified, speak of (Fulcio's oidc.md). `host` is that of the issuer. TOKEN_INVALID. */
export const readTokenIdentity = (claims: JsonObject, issuer: string, host: string): TokenIdentity => {
  const sub = text(claims, "sub");
  const issued = [raw(1, issuer), utf8(8, issuer)];
  if (claims["job_workflow_ref"] !== undefined) {
    const name = { kind: "uri", value: `${GITHUB}/${text(claims, "job_workflow_ref")}` } as const;
    return { name, challenge: sub, extensions: [...workflowExtensions(claims, issued)] };
  }
  if (claims["email"] === undefined) return { name: nameOf(sub, host), challenge: sub, extensions: issued };
  const email = text(claims, "email");
  // oidc.md: only an address that the provider has confirmed becomes a name.
  if (claims["email_verified"] !== true) throw refused("names an e-mail address that is not verified");
  if (!/^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(email)) throw refused("names no e-mail address");
  return { name: { kind: "email", value: email }, challenge: email, extensions: issued };
};

/** A URI as it is; any other subject is a user's name at the issuer. */
const nameOf = (sub: string, host: string): AlternativeName => {
  if (/^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]+$/.test(sub)) return { kind: "uri", value: sub };
  if (/[!\s]/.test(sub)) throw refused("has a subject that is neither a URI nor a name");
  return { kind: "other", value: `${sub}!${host}` };
};

/** Fulcio's oid-info.md, in the order of their numbers. */
const workflowExtensions = (claims: JsonObject, issued: readonly Uint8Array[]): readonly Uint8Array[] => {
  const claim = (name: string): string => text(claims, name);
  const repository = `${GITHUB}/${claim("repository")}`;
  const values: readonly (readonly [number, string])[] = [
    [9, `${GITHUB}/${claim("job_workflow_ref")}`],
    [10, claim("job_workflow_sha")],
    [11, claim("runner_environment")],
    [12, repository],
    [13, claim("sha")],
    [14, claim("ref")],
    [15, claim("repository_id")],
    [16, `${GITHUB}/${claim("repository_owner")}`],
    [17, claim("repository_owner_id")],
    [18, `${GITHUB}/${claim("workflow_ref")}`],
    [19, claim("workflow_sha")],
    [20, claim("event_name")],
    [21, `${repository}/actions/runs/${claim("run_id")}/attempts/${claim("run_attempt")}`],
    [22, claim("repository_visibility")],
  ];
  const old = ["event_name", "sha", "workflow", "repository", "ref"].map((name, at) => raw(at + 2, claim(name)));
  const [first, ...others] = issued;
  return [...(first === undefined ? [] : [first]), ...old, ...others, ...values.map(([at, value]) => utf8(at, value))];
};

const raw = (number: number, value: string): Buffer => writeExtension(`${BASE}.${number}`, Buffer.from(value));

const utf8 = (number: number, value: string): Buffer =>
  writeExtension(`${BASE}.${number}`, writeDer(TAG.utf8String, Buffer.from(value)));

// Longer than any that is in use; a certificate must stay one that clients read.
const MAX_CLAIM = 512;

const text = (claims: JsonObject, name: string): string => {
  const value = claims[name];
  // oxlint-disable-next-line no-control-regex -- readers of certificates refuse them
  if (typeof value === "string" && value !== "" && value.length <= MAX_CLAIM && !/[\x00-\x1f\x7f]/.test(value))
    return value;
  throw refused(`has no usable claim ${name}`);
};

const refused = (why: string): WaybillError => new WaybillError("TOKEN_INVALID", `the identity token ${why}`);
