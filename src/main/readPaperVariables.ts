import type { PaperPlace } from "#core/content.ts";
import { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";

/** Where and how cosign's environment wants papers of images in registries kept. */
export interface PaperVariables {
  /** Undefined: beside the image. */
  readonly repository: RegistryReference | undefined;
  readonly types: Pick<PaperPlace, "legacyTypes">;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * COSIGN_REPOSITORY, a repository that is used as it is, without the image's name (cosign.md 1.2), and
 * COSIGN_DOCKER_MEDIA_TYPES (1.3). CONFIG_INVALID for what is neither empty nor usable: papers would go astray.
 */
export const readPaperVariables = (environment: Environment): PaperVariables => ({
  repository: readRepository(environment["COSIGN_REPOSITORY"]),
  types: readTypes(environment["COSIGN_DOCKER_MEDIA_TYPES"]),
});

const readRepository = (text: string | undefined): RegistryReference | undefined => {
  if (text === undefined || text === "") return undefined;
  const reference = parseRepository(text);
  if (reference?.kind === "registry" && reference.tag === undefined && reference.digest === undefined) return reference;
  throw new WaybillError("CONFIG_INVALID", `COSIGN_REPOSITORY=${JSON.stringify(text.slice(0, 300))} is no repository`, {
    hint: "Write HOST/PATH without a tag or a digest, such as registry.example/papers.",
  });
};

const parseRepository = (text: string): ReturnType<typeof parseReference> | undefined => {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
};

// Go's strconv.ParseBool, with which cosign reads it; what that does not know cosign takes for false without a word.
const YES: readonly string[] = ["1", "t", "T", "TRUE", "true", "True"];
const NO: readonly string[] = ["", "0", "f", "F", "FALSE", "false", "False"];

const readTypes = (text = ""): PaperVariables["types"] => {
  if (YES.includes(text)) return { legacyTypes: "docker" };
  if (NO.includes(text)) return {};
  throw new WaybillError(
    "CONFIG_INVALID",
    `COSIGN_DOCKER_MEDIA_TYPES=${JSON.stringify(text.slice(0, 80))} is neither true nor false`,
    { hint: "Set it to 1, or unset it." },
  );
};
