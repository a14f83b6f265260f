import { contentOf, isDirectory, isSymlink, walk } from "#sbom/fileTree.ts";
import type { Directory, TreeNode } from "#sbom/fileTree.ts";
import { createGapList } from "#sbom/gapList.ts";
import type { LayerRecord } from "#sbom/layerRecord.ts";
import type { ScanBudget } from "#sbom/scanBudget.ts";
import { isMarker, readWhiteout } from "#sbom/whiteout.ts";
import type { Unknown } from "#sbom/package.ts";

/** Where a content stands. */
export interface ContentPlace {
  readonly layer: number;
  readonly ordinal: number;
}

/** One version of a file that some layer brought, whether or not it is visible in the end. */
export interface Version {
  readonly content: number;
  readonly layer: number;
}

/** The image as a container sees it. */
export interface SquashedImage {
  readonly root: Directory;
  readonly locate: (content: number) => ContentPlace;
  /** Number of a content, by its layer and ordinal. */
  readonly contentAt: (place: ContentPlace) => number;
  /** Versions of remembered files by the path they were put at, base layer first. */
  readonly history: ReadonlyMap<string, readonly Version[]>;
  readonly unknowns: readonly Unknown[];
}

/**
 * Puts layers over each other, base first (sbom.md 4.1-4.5). Of each layer first its whiteouts act on what is below, then
 * its entries are put in their order, so that a marker never hides what its own layer brings. Parents are found through
 * the links of the merged view, as containerd does; the name itself is never followed. Directory over directory merges,
 * everything else replaces with all that was below it. `remembers` says whose versions `history` shall list.
 */
export const squash = (
  records: readonly LayerRecord[],
  budget: ScanBudget,
  remembers: (place: ContentPlace) => boolean,
): SquashedImage => {
  const squasher = new Squasher(records, budget, remembers);
  for (const record of records) squasher.apply(record);
  return squasher;
};

interface Parent {
  readonly path: string;
  readonly directory: Directory;
}

class Squasher implements SquashedImage {
  readonly root: Directory = { kind: "directory", entries: new Map() };
  readonly history = new Map<string, Version[]>();
  readonly #gaps = createGapList(MAX_GAPS);
  readonly #budget: ScanBudget;
  readonly #remembers: (place: ContentPlace) => boolean;
  /** Number of each layer's first content; a layer's contents are numbered by ordinal. */
  readonly #bases: readonly number[];
  /** The parent found last: entries of one directory follow each other. */
  #lastParent: { readonly written: string; readonly parent: Parent } | undefined;

  constructor(records: readonly LayerRecord[], budget: ScanBudget, remembers: (place: ContentPlace) => boolean) {
    this.#budget = budget;
    this.#remembers = remembers;
    let base = 0;
    this.#bases = records.map((record) => (base += record.paths.length) - record.paths.length);
  }

  readonly locate = (content: number): ContentPlace => {
    const layer = this.#bases.findLastIndex((base) => base <= content);
    return { layer, ordinal: content - (this.#bases[layer] ?? 0) };
  };

  readonly contentAt = ({ layer, ordinal }: ContentPlace): number => (this.#bases[layer] ?? 0) + ordinal;

  get unknowns(): readonly Unknown[] {
    return this.#gaps.list();
  }

  apply(record: LayerRecord): void {
    for (const path of record.paths) if (isMarker(path)) this.#whiteOut(record.index, path);
    for (const [ordinal, path] of record.paths.entries())
      if (path !== "" && !isMarker(path)) this.#put(record, ordinal, path);
  }

  #whiteOut(layer: number, path: string): void {
    const marker = readWhiteout(path);
    if (marker.kind === "bare")
      this.#gaps.note({ path, layer, reason: "a whiteout without a name was ignored; runtimes refuse the layer" });
    else if (marker.kind === "opaque") this.#clear(marker.directory);
    else if (marker.kind === "hide") {
      const place = walk(this.root, marker.directory, { followLast: true });
      if (isDirectory(place?.node)) this.#remove(place.node, marker.name);
    }
  }

  /**
   * An opaque directory shows nothing of the layers below and exists even if they have none (stereoscope#48). A link of
   * that name below is replaced, not followed: what it leads to stays (stereoscope#694).
   */
  #clear(directory: string): void {
    this.#lastParent = undefined;
    if (directory === "") return this.root.entries.clear();
    const { parent, name } = this.#findParent(directory);
    this.#set(parent.directory, name, this.#newDirectory());
  }

  #remove(directory: Directory, name: string): void {
    this.#lastParent = undefined;
    directory.entries.delete(name);
  }

  #put(record: LayerRecord, ordinal: number, path: string): void {
    const { parent, name } = this.#findParent(path);
    const node = this.#nodeOf(record, ordinal, path);
    if (node === undefined) return;
    if (isDirectory(node) && isDirectory(parent.directory.entries.get(name))) return;
    this.#set(parent.directory, name, node);
    const content = contentOf(node);
    if (content !== undefined) this.#remember(parent, name, { content, layer: record.index }, typeof node !== "number");
  }

  #nodeOf(record: LayerRecord, ordinal: number, path: string): TreeNode | undefined {
    const layer = record.index;
    switch (record.types[ordinal]) {
      case "file":
        return this.contentAt({ layer, ordinal });
      case "directory":
        return this.#newDirectory();
      case "symlink":
        return { kind: "symlink", target: record.targets.get(ordinal) ?? "", layer };
      case "hardlink":
        return this.#linkNode(record, ordinal, path);
      default:
        return DEVICE;
    }
  }

  /**
   * A hard link means what its target's name means at this point of the layer: an earlier entry of the layer, else what the
   * layers below have. Entries are put in their order, so a later entry of that name is another file (stereoscope#670).
   */
  #linkNode(record: LayerRecord, ordinal: number, path: string): TreeNode | undefined {
    const layer = record.index;
    const target = record.targets.get(ordinal) ?? "";
    const node = walk(this.root, target, { followLast: false })?.node;
    const content = contentOf(node);
    if (content !== undefined) return { kind: "hardlink", content, layer };
    if (node !== undefined && !isDirectory(node)) return isSymlink(node) ? { ...node, layer } : node;
    this.#gaps.note({ path, layer, reason: `a hard link to ${target}, which is no file, was ignored` });
    return undefined;
  }

  #findParent(path: string): { readonly parent: Parent; readonly name: string } {
    const slash = path.lastIndexOf("/");
    const written = path.slice(0, Math.max(slash, 0));
    const name = path.slice(slash + 1);
    if (this.#lastParent?.written !== written) {
      const place = walk(this.root, written, { followLast: true, make: (parent, part) => this.#make(parent, part) });
      const directory = isDirectory(place?.node) ? place.node : this.root;
      this.#lastParent = { written, parent: { path: place?.names.join("/") ?? "", directory } };
    }
    return { parent: this.#lastParent.parent, name };
  }

  #make(parent: Directory, name: string): Directory {
    const directory = this.#newDirectory();
    parent.entries.set(name, directory);
    this.#budget.spend("nodes", 1);
    return directory;
  }

  #newDirectory(): Directory {
    return { kind: "directory", entries: new Map() };
  }

  #set(directory: Directory, name: string, node: TreeNode): void {
    const before = directory.entries.get(name);
    if (before === undefined) this.#budget.spend("nodes", 1);
    // The parent found last may lie behind what changes here.
    if (typeof before === "object" || isSymlink(node)) this.#lastParent = undefined;
    directory.entries.set(name, node);
  }

  #remember(parent: Parent, name: string, version: Version, isLink: boolean): void {
    if (!isLink && !this.#remembers(this.locate(version.content))) return;
    const path = parent.path === "" ? name : `${parent.path}/${name}`;
    const versions = this.history.get(path);
    if (versions === undefined) this.history.set(path, [version]);
    else if (versions.at(-1)?.layer === version.layer) versions[versions.length - 1] = version;
    else versions.push(version);
  }
}

// Bad markers and links; more of them tell nobody anything new.
const MAX_GAPS = 1000;

const DEVICE: TreeNode = { kind: "device" };
