/** What a request is about; names and digests are as they stand in the path, nobody has checked them. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags" | "uploads"; readonly name: string }
  | {
      readonly kind: "manifest" | "blob" | "upload" | "referrers";
      readonly name: string;
      /** Tag, digest or upload id. */
      readonly reference: string;
    };

export interface Target {
  readonly route: Route;
  readonly query: URLSearchParams;
}

const PATHS = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads(?:\/([^/]*))?$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;
const KINDS: Readonly<Record<string, "manifest" | "blob" | "referrers">> = {
  manifests: "manifest",
  blobs: "blob",
  referrers: "referrers",
};

/** Reads a request's target; undefined for what no registry has. Repositories may have `blobs` and the like in their names. */
export const parseTarget = (url: string): Target | undefined => {
  const mark = url.indexOf("?");
  const path = unescape(mark === -1 ? url : url.slice(0, mark));
  const route = path === undefined ? undefined : parseRoute(path);
  return route && { route, query: new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1)) };
};

const parseRoute = (path: string): Route | undefined => {
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const [, tagsOf] = TAGS.exec(path) ?? [];
  if (tagsOf !== undefined) return { kind: "tags", name: tagsOf };
  const [, uploadsOf, id] = UPLOAD.exec(path) ?? [];
  if (uploadsOf !== undefined)
    return id === undefined || id === ""
      ? { kind: "uploads", name: uploadsOf }
      : { kind: "upload", name: uploadsOf, reference: id };
  const [, name = "", word = "", reference = ""] = PATHS.exec(path) ?? [];
  const kind = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
  return kind && { kind, name, reference };
};

/** Some clients write the colon of a digest as %3A. */
const unescape = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};
