import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Credential } from "#registry/client/credentials.ts";
import type { HelperCall } from "#registry/credential/parseConfigFile.ts";
import { credentialOf } from "#registry/credential/readAuthEntry.ts";

/** What a helper that was run to its end left behind. */
export interface HelperOutcome {
  readonly exit: number;
  /** Holds the secret; it goes into no message. */
  readonly stdout: Uint8Array;
}

/** Runs `docker-credential-NAME VERB` with `input` on stdin. CONFIG_INVALID when it cannot be run or does not end. */
export type RunHelper = (
  ctx: Ctx,
  helper: string,
  verb: "get" | "store" | "erase",
  input: string,
) => Promise<HelperOutcome>;

const LIMITS = { maxBytes: 256 * 1024, maxDepth: 8, maxValues: 1000 };

/**
 * Asks a helper for a registry (docker-credential-helpers, `credentials.Serve`). Undefined where it has none; anything else
 * that it says is CONFIG_INVALID naming the helper, since going on without would only hide why.
 */
export const askHelper = async (run: RunHelper, ctx: Ctx, call: HelperCall): Promise<Credential | undefined> => {
  const { exit, stdout } = await run(ctx, call.helper, "get", call.server);
  if (exit !== 0) {
    if (saysNotFound(stdout)) return undefined;
    throw helperFailed(call, "get", `ended with ${exit}`);
  }
  const answer = parseAnswer(stdout);
  if (answer === undefined) throw helperFailed(call, "get", "answered with something else than a credential");
  return credentialOf(answer);
};

/**
 * It has nothing for the registry, as opposed to anything that went wrong: `credentials.NewErrCredentialsNotFound`, "credentials
 * not found in native keychain", of which not every helper says the end.
 */
export const saysNotFound = (stdout: Uint8Array): boolean =>
  Buffer.from(stdout).toString().trim().toLowerCase().startsWith("credentials not found");

const parseAnswer = (stdout: Uint8Array): { readonly username: string; readonly password: string } | undefined => {
  try {
    const value = parseStrict(stdout, "answer", LIMITS);
    if (!isJsonObject(value)) return undefined;
    const [username, password] = [value["Username"], value["Secret"]];
    return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
  } catch {
    // The parser's words may quote the secret.
    return undefined;
  }
};

/** Without a word of what the helper said. */
export const helperFailed = ({ helper, server, where }: HelperCall, verb: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `docker-credential-${helper} (${where}) ${what}`, {
    hint: `What it prints is not repeated here, since it may be a secret; see it with: echo ${server} | docker-credential-${helper} ${verb}`,
  });
