import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { WaybillError } from "#core/errors.ts";
import { readSettingFile } from "#registry/server/readSettingFile.ts";

/** PEM files: the certificate with the chain that belongs to it, and its private key, not encrypted. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** Reads both, and makes sure that a connection can be made with them; CONFIG_INVALID naming the file that is wrong. */
export const readTlsPair = async (files: TlsFiles): Promise<TlsPair> => {
  const pair = { cert: await readSettingFile(files.cert), key: await readSettingFile(files.key) };
  const certificate = parse(files.cert, "a certificate in PEM", () => new X509Certificate(pair.cert));
  const key = parse(files.key, "a private key in PEM without a password", () => createPrivateKey(pair.key));
  if (!certificate.checkPrivateKey(key))
    throw new WaybillError(
      "CONFIG_INVALID",
      `${files.key}: is not the private key of the certificate in ${files.cert}`,
    );
  parse(files.cert, "usable for TLS with its key", () => createSecureContext(pair));
  return pair;
};

/** What OpenSSL says of a key must not be told: it may quote it. */
const parse = <T>(path: string, what: string, run: () => T): T => {
  try {
    return run();
  } catch {
    throw new WaybillError("CONFIG_INVALID", `${path}: is not ${what}`);
  }
};
