import { contentOf, createDirectory, isDirectory, isSymlink, removeEntry, setEntry, walk } from "#sbom/fileTree.ts";
import type { Directory, TreeNode } from "#sbom/fileTree.ts";
import { pathOf, readEntries } from "#sbom/entryList.ts";
import type { EntryList, LayerEntry } from "#sbom/entryList.ts";
import { createGapList } from "#sbom/gapList.ts";
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
  /** Versions of captured and linked files by the path they were put at, base layer first. */
  readonly history: ReadonlyMap<string, readonly Version[]>;
  /** Size and mode of contents that were not captured and yet are in the tree. */
  readonly facts: ReadonlyMap<number, ContentFacts>;
  readonly unknowns: readonly Unknown[];
}

/** Header of a content. */
export interface ContentFacts {
  readonly size: number;
  readonly mode: number;
}

/** A layer to be put over those before it. */
export interface SquashLayer {
  readonly entries: EntryList;
  /** Whether a cataloger kept something of the file. */
  readonly isCaptured: (ordinal: number) => boolean;
}

/** Puts layers over each other, base first. */
export interface Squash {
  /** Puts the next layer over those before it. */
  readonly apply: (layer: SquashLayer) => void;
  /** What is visible now; it changes with the next layer. */
  readonly image: SquashedImage;
}

/**
 * Puts layers over each other, base first (sbom.md 4.1-4.5). Of each layer first its whiteouts act on what is below, then
 * its entries are put in their order, so that a marker never hides what its own layer brings. Parents are found through
 * the links of the merged view, as containerd does; the name itself is never followed. Directory over directory merges,
 * everything else replaces with all that was below it.
 *
 * Millions of files are nobody's evidence: one that was not captured is put only where something of its name is replaced,
 * or where a link of the image may lead to it, which its last name must allow (`linkedNames`, of all layers).
 */
export const createSquash = (budget: ScanBudget, linkedNames: ReadonlySet<string>): Squash => {
  const squasher = new Squasher(budget, linkedNames);
  return { apply: (layer) => squasher.apply(layer), image: squasher };
};

interface Parent {
  readonly path: string;
  readonly directory: Directory;
}

class Squasher implements SquashedImage {
  readonly root: Directory = createDirectory();
  readonly history = new Map<string, Version[]>();
  readonly facts = new Map<number, ContentFacts>();
  readonly #gaps = createGapList<Unknown>(MAX_GAPS);
  readonly #budget: ScanBudget;
  readonly #linkedNames: ReadonlySet<string>;
  /** Number of each layer's first content; a layer's contents are numbered by ordinal. */
  readonly #bases: number[] = [];
  #nextBase = 0;
  /** The parent found last: entries of one directory follow each other. */
  #lastParent: { readonly written: string; readonly parent: Parent } | undefined;

  constructor(budget: ScanBudget, linkedNames: ReadonlySet<string>) {
    this.#budget = budget;
    this.#linkedNames = linkedNames;
  }

  readonly locate = (content: number): ContentPlace => {
    const layer = this.#bases.findLastIndex((base) => base <= content);
    return { layer, ordinal: content - (this.#bases[layer] ?? 0) };
  };

  readonly contentAt = ({ layer, ordinal }: ContentPlace): number => (this.#bases[layer] ?? 0) + ordinal;

  get unknowns(): readonly Unknown[] {
    return this.#gaps.list();
  }

  apply({ entries, isCaptured }: SquashLayer): void {
    const layer = this.#bases.push(this.#nextBase) - 1;
    this.#nextBase += entries.count;
    if (entries.hasMarkers)
      for (const entry of readEntries(entries)) if (isMarker(entry.name)) this.#whiteOut(layer, pathOf(entry));
    for (const entry of readEntries(entries))
      if (entry.name !== "" && !isMarker(entry.name)) this.#put(layer, entry, isCaptured(entry.ordinal));
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
    if (directory === "") return void (this.root.entries = createDirectory().entries);
    const slash = directory.lastIndexOf("/");
    const parent = this.#findParent(directory.slice(0, Math.max(slash, 0)));
    this.#set(parent.directory, directory.slice(slash + 1), createDirectory());
  }

  #remove(directory: Directory, name: string): void {
    this.#lastParent = undefined;
    removeEntry(directory, name);
  }

  #put(layer: number, entry: LayerEntry, captured: boolean): void {
    const parent = this.#findParent(entry.parent);
    const before = parent.directory.entries.get(entry.name);
    const content = this.contentAt({ layer, ordinal: entry.ordinal });
    if (entry.type === "file" && !captured) {
      if (before === undefined && !this.#linkedNames.has(entry.name)) return;
      this.facts.set(content, { size: entry.size, mode: entry.mode });
    }
    const node = this.#nodeOf(layer, entry, content);
    if (node === undefined) return;
    if (isDirectory(node) && isDirectory(before)) return;
    this.#set(parent.directory, entry.name, node);
    const shown = contentOf(node);
    if (shown !== undefined && (captured || typeof node !== "number"))
      this.#remember(parent, entry.name, { content: shown, layer });
  }

  #nodeOf(layer: number, entry: LayerEntry, content: number): TreeNode | undefined {
    switch (entry.type) {
      case "file":
        return content;
      case "directory":
        return createDirectory();
      case "symlink":
        return { kind: "symlink", target: entry.target ?? "", layer };
      case "hardlink":
        return this.#linkNode(layer, entry);
      case "other":
        return DEVICE;
    }
  }

  /**
   * A hard link means what its target's name means at this point of the layer: an earlier entry of the layer, else what the
   * layers below have. Entries are put in their order, so a later entry of that name is another file (stereoscope#670).
   */
  #linkNode(layer: number, entry: LayerEntry): TreeNode | undefined {
    const target = entry.target ?? "";
    const node = walk(this.root, target, { followLast: false })?.node;
    const content = contentOf(node);
    if (content !== undefined) return { kind: "hardlink", content, layer };
    if (node !== undefined && !isDirectory(node)) return isSymlink(node) ? { ...node, layer } : node;
    const reason = `a hard link to ${target}, which is no file, was ignored`;
    this.#gaps.note({ path: pathOf(entry), layer, reason });
    return undefined;
  }

  #findParent(written: string): Parent {
    if (this.#lastParent?.written !== written) {
      const place = walk(this.root, written, { followLast: true, make: (parent, part) => this.#make(parent, part) });
      const directory = isDirectory(place?.node) ? place.node : this.root;
      this.#lastParent = { written, parent: { path: place?.names.join("/") ?? "", directory } };
    }
    return this.#lastParent.parent;
  }

  #make(parent: Directory, name: string): Directory {
    const directory = createDirectory();
    setEntry(parent, name, directory);
    this.#budget.spend("nodes", 1);
    return directory;
  }

  #set(directory: Directory, name: string, node: TreeNode): void {
    const before = directory.entries.get(name);
    if (before === undefined) this.#budget.spend("nodes", 1);
    // The parent found last may lie behind what changes here.
    if (typeof before === "object" || isSymlink(node)) this.#lastParent = undefined;
    setEntry(directory, name, node);
  }

  #remember(parent: Parent, name: string, version: Version): void {
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
