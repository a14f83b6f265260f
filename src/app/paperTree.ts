import type { Digest } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";

/** Where one copy of a paper is. `index`: BuildKit keeps it as a member of the image's index. */
export interface TreeCopy {
  readonly form: "bundle" | "legacy" | "referrer" | "index";
  /** Of the manifest that carries it. */
  readonly manifest: Digest;
  readonly tag?: string;
  /** Position among the layers of the manifest. */
  readonly layer?: number;
}

/** Something that hangs on an image. All that is said of it is what it or its carrier says: nothing was verified. */
export interface TreePaper {
  /** `build`: a statement that BuildKit left, unsigned; `other`: a referrer that is no bundle. */
  readonly kind: "signature" | "attestation" | "sbom" | "build" | "other" | "unreadable";
  /** Predicate type, artifact type or media type; empty where nothing is said. */
  readonly type: string;
  /** The legacy copy and the bundle copy of one claim stand here together. */
  readonly copies: readonly TreeCopy[];
  /** Annotations that a signature says were signed. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Why it cannot be read, or that it is about another image. */
  readonly trouble?: string;
  /** What hangs on the paper itself. */
  readonly papers: readonly TreePaper[];
}

/** An image or an index, what hangs on it, and what is in it. */
export interface TreeImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: "image" | "index";
  /** Of a member of an index, as the index says. */
  readonly platform?: string;
  /** It is listed more than once, and its papers are shown where it comes first. */
  readonly repeated?: true;
  readonly papers: readonly TreePaper[];
  readonly images: readonly TreeImage[];
}

/** The whole tree, and what could not be read or was too much: what is missing then nobody knows. */
export interface PaperTree {
  readonly reference: string;
  readonly name: string;
  readonly tree: TreeImage;
  readonly failures: readonly WaybillError[];
}
