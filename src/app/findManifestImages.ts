import { isMap, isSeq } from "yaml";
import type { YAMLMap } from "yaml";
import { WaybillError, hasCode } from "#core/errors.ts";
import { findComposeImages } from "#app/findComposeImages.ts";
import type { FileNote, ImagePlace, NamedImages } from "#app/imagePlace.ts";
import { parseYamlFile } from "#app/parseYamlFile.ts";
import type { YamlDocument } from "#app/parseYamlFile.ts";
import { textOf, unknownImage, yamlImage } from "#app/yamlImage.ts";

export interface ManifestInput {
  readonly text: string;
  /** Only images of what is shaped like a container; every other `image:` is mentioned. */
  readonly containersOnly: boolean;
  /** The file was found in a directory: documents that are something else are mentioned, not refused. */
  readonly isFound: boolean;
}

/**
 * The images that Kubernetes objects and compose files name, with aliases and merges. An object is walked whole, whatever its
 * kind, so that custom resources and lists are no hiding place. What cannot be parsed or told is an unknown image.
 */
export const findManifestImages = (input: ManifestInput): NamedImages => {
  const places: ImagePlace[] = [];
  const notes: FileNote[] = [];
  try {
    for (const document of parseYamlFile(input.text)) {
      const found = readDocument(document, input);
      places.push(...found.places);
      notes.push(...found.notes);
    }
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    const line = Number(error.details["line"] ?? 1);
    return { places: [{ line, role: "the file", image: { kind: "unknown", error }, end: undefined }], notes: [] };
  }
  return { places, notes };
};

const readDocument = (document: YamlDocument, input: ManifestInput): NamedImages => {
  const { root, lineOf, entriesOf } = document;
  const line = lineOf(root);
  const members = isMap(root) ? entriesOf(root) : undefined;
  const kind = textOf(document, members?.get("kind"));
  const version = textOf(document, members?.get("apiVersion"));
  if (kind !== undefined && version !== undefined) {
    if (!version.startsWith("kustomize.config.k8s.io/")) return findInObject(document, kind, input.containersOnly);
    const hint = "Verify what it builds: kustomize build DIR | waybill manifest verify -";
    return { places: [unknownImage(line, kind, "it names images in parts, and other files", hint)], notes: [] };
  }
  if (members?.has("services") === true) return findComposeImages(document, members);
  const reason = "no Kubernetes object and no compose file";
  if (input.isFound) return { places: [], notes: [{ line, text: `${reason}: not looked at` }] };
  const hint = "Give files that hold apiVersion and kind, or services.";
  return { places: [unknownImage(line, "the document", `it is ${reason}`, hint)], notes: [] };
};

const LISTS: ReadonlySet<string> = new Set([
  "containers",
  "initContainers",
  "ephemeralContainers",
  "steps",
  "sidecars",
]);

/** Members that what runs has beside its image: of a Kubernetes container, a step of Tekton's, a template of Argo's. */
const CONTAINER = new Set(
  (
    "args command env envFrom imagePullPolicy lifecycle livenessProbe ports readinessProbe resizePolicy resources " +
    "restartPolicy script securityContext startupProbe stdin terminationMessagePath tty volumeDevices volumeMounts workingDir"
  ).split(" "),
);

/** Below these only containers count: any name may stand there, with any meaning. */
const FREE_NAMES: ReadonlySet<string> = new Set([
  "annotations",
  "labels",
  "matchLabels",
  "metadata",
  "nodeSelector",
  "selector",
]);
const FREE_KINDS: ReadonlySet<string> = new Set(["ConfigMap", "CustomResourceDefinition", "Secret"]);

/** How a Helm chart's values and many operators divide an image's name. */
const PARTS: readonly string[] = ["repository", "tag", "digest", "registry"];

interface Walk {
  readonly document: YamlDocument;
  readonly containersOnly: boolean;
  readonly places: ImagePlace[];
  readonly notes: FileNote[];
  steps: number;
}

interface Spot {
  readonly path: string;
  readonly depth: number;
  /** An item of a list of containers. */
  readonly isContainer: boolean;
  /** Only containers count here. */
  readonly isFree: boolean;
}

// Aliases can make a small file very large; the largest honest bundles have some hundred thousand nodes.
const MAX_STEPS = 1_000_000;
const MAX_DEPTH = 200;

const findInObject = (document: YamlDocument, kind: string, containersOnly: boolean): NamedImages => {
  const walk: Walk = { document, containersOnly, places: [], notes: [], steps: 0 };
  visitNode(walk, document.root, { path: "", depth: 0, isContainer: false, isFree: FREE_KINDS.has(kind) });
  return { places: walk.places, notes: walk.notes };
};

const visitNode = (walk: Walk, value: unknown, spot: Spot): void => {
  const node = walk.document.resolve(value);
  if (node === undefined) return;
  if (++walk.steps > MAX_STEPS || spot.depth > MAX_DEPTH) {
    const reason = walk.steps > MAX_STEPS ? `it has more than ${MAX_STEPS} nodes` : "it is nested too deeply";
    throw new WaybillError("LIMIT_EXCEEDED", reason, { details: { line: walk.document.lineOf(node) } });
  }
  const depth = spot.depth + 1;
  if (isMap(node)) visitMap(walk, node, { ...spot, depth });
  if (!isSeq(node)) return;
  for (const [at, item] of node.items.entries()) visitNode(walk, item, { ...spot, path: `${spot.path}[${at}]`, depth });
};

const visitMap = (walk: Walk, map: YAMLMap, spot: Spot): void => {
  const entries = walk.document.entriesOf(map);
  for (const [name, value] of entries) {
    const path = spot.path === "" ? name : `${spot.path}.${name}`;
    if (name === "image") takeImage(walk, value, { ...spot, path }, map);
    const isContainer = LISTS.has(name) && isSeq(walk.document.resolve(value));
    visitNode(walk, value, { ...spot, path, isContainer, isFree: spot.isFree || FREE_NAMES.has(name) });
  }
};

const takeImage = (walk: Walk, value: unknown, spot: Spot, owner: YAMLMap): void => {
  const { document } = walk;
  const node = document.resolve(value);
  const names = [...document.entriesOf(owner).keys()];
  const isContainer = spot.isContainer || names.some((name) => CONTAINER.has(name));
  if (isMap(node)) return takeParts(walk, node, { ...spot, isContainer });
  if (!isContainer && (spot.isFree || textOf(document, node) === undefined)) return;
  take(walk, yamlImage(document, value, spot.path, document.lineOf(owner)), isContainer);
};

/** `image:` with members: a volume's `reference` (Kubernetes' ImageVolumeSource), or a name in parts. */
const takeParts = (walk: Walk, parts: YAMLMap, { path, isFree, isContainer }: Spot): void => {
  const { document } = walk;
  const entries = document.entriesOf(parts);
  const line = document.lineOf(parts);
  if (entries.has("reference")) {
    walk.places.push(yamlImage(document, entries.get("reference"), `${path}.reference`, line));
  } else if (isContainer || (!isFree && PARTS.some((name) => textOf(document, entries.get(name)) !== undefined))) {
    const hint = "Verify what is applied in the end, or leave it out with --containers-only.";
    take(
      walk,
      unknownImage(line, path, "the image is given in parts, which only their reader puts together", hint),
      isContainer,
    );
  }
};

const take = ({ containersOnly, places, notes }: Walk, place: ImagePlace, isContainer: boolean): void => {
  if (isContainer || !containersOnly) places.push(place);
  else notes.push({ line: place.line, text: `not checked: ${place.role} belongs to no container` });
};
