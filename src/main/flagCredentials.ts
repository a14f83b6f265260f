import type { RegistryValues } from "#cli/registryFlags.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import type { CredentialSource, FoundCredential } from "#registry/client/credentials.ts";

type Flags = Pick<RegistryValues, "registryUsername" | "registryPassword" | "registryToken">;

/**
 * The credential that flags give, for the one registry that the references name and no other (attack 47): who chooses the
 * name of one image must not be sent the password for another. Undefined without such flags. USAGE_INVALID for half a
 * credential, and for references to several registries.
 */
export const flagCredentials = (flags: Flags, references: readonly string[]): CredentialSource | undefined => {
  const found = readCredential(flags);
  if (found === undefined) return undefined;
  const registries = new Set(references.flatMap(registryOf));
  if (registries.size > 1) {
    throw new WaybillError(
      "USAGE_INVALID",
      `--registry-... flags are for one registry, and the references name ${[...registries].join(" and ")}`,
      { hint: "Call once for each registry, or log in with waybill login, which keeps one credential for each." },
    );
  }
  return async (_ctx, { registry }) => (registries.has(registry) ? found : undefined);
};

const readCredential = ({ registryUsername, registryPassword, registryToken }: Flags): FoundCredential | undefined => {
  if (registryToken !== undefined)
    return { credential: { kind: "bearer", token: registryToken }, from: "--registry-token" };
  if (registryUsername === undefined && registryPassword === undefined) return undefined;
  if (registryUsername === undefined || registryPassword === undefined)
    throw new WaybillError("USAGE_INVALID", "--registry-username and --registry-password belong together");
  return {
    credential: { kind: "password", username: registryUsername, password: registryPassword },
    from: "--registry-username and --registry-password",
  };
};

// One that is malformed is refused where it is used, beside those that are well.
const registryOf = (text: string): readonly string[] => {
  try {
    const reference = parseReference(text);
    return reference.kind === "registry" ? [reference.registry] : [];
  } catch (error) {
    if (hasCode(error, "REFERENCE_INVALID")) return [];
    throw error;
  }
};
