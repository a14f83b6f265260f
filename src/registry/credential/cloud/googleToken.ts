import type { Ctx } from "#core/ctx.ts";
import { answerHeader } from "#net/answerHeader.ts";
import type { Send } from "#net/send.ts";
import { askMachine, getRequest, parseObject, textOf } from "#registry/credential/cloud/askCloud.ts";
import type { CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudUrl } from "#registry/credential/cloud/cloudUrl.ts";

export interface GoogleToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly usableUntil: number;
  /** Whose it is, for people. */
  readonly of: string;
}

// What an answer without expires_in is good for (RFC 6749 section 5.1 only recommends the member).
const DEFAULT_SECONDS = 300;

/** An answer of OAuth 2.0 (RFC 6749 section 5.1). */
export const readAccessToken = (bytes: Uint8Array, ctx: Ctx, who: string): GoogleToken => {
  const object = parseObject(bytes, who);
  const said = object["expires_in"];
  const seconds = typeof said === "number" && said > 0 ? said : DEFAULT_SECONDS;
  return { token: textOf(object, "access_token", who), usableUntil: ctx.clock.now() + seconds * 1000, of: who };
};

/** The token of the service account of this machine or pod; undefined where there is no metadata server or no account. */
export const tokenOfGoogleMachine = async (
  { env, sendToMachine }: CloudDeps,
  ctx: Ctx,
): Promise<GoogleToken | undefined> => {
  const who = "Google (service account of this machine)";
  const base = `http://${env["GCE_METADATA_HOST"] || "metadata.google.internal"}`;
  const url = cloudUrl(`${base}/computeMetadata/v1/instance/service-accounts/default/token`, "GCE_METADATA_HOST");
  // Whatever answers at that name elsewhere does not say that it is Google's.
  let isGoogle = false;
  const noting: Send = async (own, request) => {
    const answer = await sendToMachine(own, request);
    isGoogle = answerHeader(answer, "metadata-flavor") === "Google";
    return isGoogle ? answer : { ...answer, status: 404 };
  };
  const bytes = await askMachine(noting, ctx, who, getRequest(url, { "metadata-flavor": "Google" }));
  return bytes === undefined ? undefined : readAccessToken(bytes, ctx, who);
};
