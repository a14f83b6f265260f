import { isAlias, isMap, isSeq } from "yaml";
import type { FileNote, ImagePlace, NamedImages } from "#app/imagePlace.ts";
import type { YamlDocument } from "#app/parseYamlFile.ts";
import { textOf, unknownImage, yamlImage } from "#app/yamlImage.ts";

const CONFIG = "Verify what docker compose makes of all files: docker compose config | waybill manifest verify -";

/**
 * The images of a compose file's services (compose-spec, 05-services): `image`, and volumes of type image. A service that is only
 * built is mentioned; what other files say is unknown.
 */
export const findComposeImages = (document: YamlDocument, root: ReadonlyMap<string, unknown>): NamedImages => {
  const places: ImagePlace[] = [];
  const notes: FileNote[] = [];
  const line = document.lineOf(document.root);
  const services = document.resolve(root.get("services"));
  if (root.has("include")) places.push(unknownImage(line, "include", "other files belong to this one", CONFIG));
  if (!isMap(services))
    return { places: [...places, unknownImage(line, "services", "it is no mapping", CONFIG)], notes };
  for (const [name, value] of document.entriesOf(services)) {
    const service = document.resolve(value);
    const role = `services.${name}`;
    const at = isAlias(value) ? document.lineOf(value) : service === undefined ? line : document.lineOf(service);
    if (!isMap(service)) {
      places.push(unknownImage(at, role, "it is no mapping", CONFIG));
      continue;
    }
    const members = document.entriesOf(service);
    if (members.has("image")) places.push(yamlImage(document, members.get("image"), `${role}.image`, at));
    else if (members.has("extends")) places.push(unknownImage(at, role, "it extends another service", CONFIG));
    else if (members.has("build"))
      notes.push({ line: at, text: `${role} is built here, and names no image to verify` });
    else if (members.has("provider"))
      notes.push({ line: at, text: `${role} comes from a provider, and names no image` });
    else places.push(unknownImage(at, role, "it has neither an image nor a build", CONFIG));
    places.push(...volumeImages(document, members.get("volumes"), `${role}.volumes`));
  }
  return { places, notes };
};

const volumeImages = (document: YamlDocument, value: unknown, role: string): readonly ImagePlace[] => {
  const volumes = document.resolve(value);
  if (!isSeq(volumes)) return [];
  return volumes.items.flatMap((item, at) => {
    const volume = document.resolve(item);
    if (!isMap(volume)) return [];
    const members = document.entriesOf(volume);
    if (textOf(document, members.get("type")) !== "image") return [];
    return [yamlImage(document, members.get("source"), `${role}[${at}].source`, document.lineOf(volume))];
  });
};
