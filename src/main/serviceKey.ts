import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { readPassword } from "#host/password.ts";
import { readSigner } from "#keys/openSigner.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

/** Opens the service's key without asking anybody: the password comes from a file or a variable, else the key stays closed. */
export const openServiceKey =
  (passwordFile: string | undefined) =>
  async (ctx: Ctx, key: string): Promise<Signer> => {
    const readEnv = (name: string): string | undefined => process.env[name];
    const locked = await readSigner(ctx, key, {
      readFile: readLocalFile,
      readEnv,
      parsePublicKey,
      password: (call) =>
        readPassword(call, "open", {
          readEnv,
          readFile: readLocalFile,
          input: silence,
          output: process.stderr,
          file: passwordFile,
        }),
    });
    return locked.unlock();
  };

const refuse = (): never => {
  throw new WaybillError("KEY_UNREADABLE", "the key needs a password, and a service asks nobody", {
    hint: "Set WAYBILL_PASSWORD or COSIGN_PASSWORD (it may be empty), or give --password-file.",
  });
};

const silence = { on: refuse, off: () => undefined, resume: refuse, pause: () => undefined, unshift: refuse };
