import { WaybillError, hasCode } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";

/** The canonical name of the registry that HOST means: `host`, `host:port`, also with docker's `https://` before and `/v1/` after it. USAGE_INVALID. */
export const readRegistryName = (text: string): string => {
  const host = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(text)?.[1] ?? "";
  try {
    const reference = parseReference(`${host}/any/thing`);
    // Without dot and port a reference takes it for a part of a Docker Hub name.
    if (reference.kind === "registry" && reference.repository === "any/thing") return reference.registry;
  } catch (error) {
    if (!hasCode(error, "REFERENCE_INVALID")) throw error;
  }
  throw new WaybillError("USAGE_INVALID", `${JSON.stringify(text.slice(0, 120))} is not the name of a registry`, {
    hint: "Write the host, with its port if it has one: registry.example, localhost:5000, docker.io.",
  });
};
