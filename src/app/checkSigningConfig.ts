import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";

const TYPE = /^application\/vnd\.dev\.sigstore\.signingconfig\.v0\.\d+\+json$/;
// Certificate authorities and identity providers are for who signs without a key, and so without effect here.
const SERVICES: readonly string[] = ["rekortlogurls", "tsaurls"];

/**
 * Accepts a signing config that asks for no log and no timestamp, such as `cosign signing-config create` makes without further
 * words. USAGE_INVALID for one that does: what is signed would have fewer proofs than it asks for. INPUT_INVALID for other files.
 */
export const checkSigningConfig = (bytes: Uint8Array, file: string): void => {
  const config = parseStrict(bytes, file);
  const type = isJsonObject(config) ? config["mediaType"] : undefined;
  if (!isJsonObject(config) || typeof type !== "string" || !TYPE.test(type))
    throw new WaybillError("INPUT_INVALID", `${file} is no signing config`, {
      hint: "Give the JSON that cosign signing-config create writes.",
    });
  for (const [name, urls] of Object.entries(config)) {
    // protojson takes a field's own name, rekor_tlog_urls, too.
    const isService = SERVICES.includes(name.replaceAll("_", "").toLowerCase());
    if (!isService || urls === null || (Array.isArray(urls) && urls.length === 0)) continue;
    throw new WaybillError("USAGE_INVALID", `${file}: ${name} names services, which this version does not use`, {
      hint: "Give a signing config without them, or leave --signing-config away.",
    });
  }
};
