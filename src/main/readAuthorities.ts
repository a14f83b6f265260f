import { X509Certificate } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { readNamedFile } from "#main/readNamedFile.ts";

const MAX_BYTES = 1024 * 1024;

/** The PEM file of `--registry-cacert`, if it is given. CONFIG_INVALID where it holds no certificate: nobody would say so later. */
export const readAuthorities = async (ctx: Ctx, path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  const pem = Buffer.from(await readNamedFile(ctx, path, { cap: MAX_BYTES, what: "--registry-cacert" })).toString();
  if (!holdsCertificate(pem))
    throw new WaybillError("CONFIG_INVALID", `--registry-cacert: ${path} holds no certificate in PEM`);
  return pem;
};

const holdsCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).raw.byteLength > 0;
  } catch {
    return false;
  }
};
