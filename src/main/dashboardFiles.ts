import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { WaybillError } from "#core/errors.ts";

export interface Dashboard {
  /** The answer where the request is for the dashboard; undefined: it is for somebody else. */
  readonly answer: (request: Request) => Response | undefined;
}

interface BuiltFile {
  readonly type: string;
  readonly cache: string;
  readonly plain: Variant;
  readonly gzip: Variant | undefined;
}

interface Variant {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

// Ten times what the dashboard has: a mistaken folder must not end up in memory.
const MAX_FILES = 100;
const MAX_BYTES = 8 * 1024 * 1024;
const WORTH_GZIP_BYTES = 1024;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

// What names come from images and builds, the pages show; whatever gets through as markup must not run or call home.
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

// The names of assets have a hash of their content in them; the page that names them does not.
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";

// The dashboard's own places: each opens the same page, which reads the path itself.
const PLACE = /^\/(?:index\.html)?$|^\/(?:apps|images|keys|jobs|audit)(?:\/|$)/;

/**
 * The dashboard that was built into `dir`, kept in memory. Where there is none, as in a checkout before its first build,
 * its address says how to get it. LIMIT_EXCEEDED for a folder with more in it than a dashboard has.
 */
export const openDashboard = (dir: URL | string): Dashboard => {
  const root = typeof dir === "string" ? dir : fileURLToPath(dir);
  const files = existsSync(join(root, "index.html")) ? readFiles(root) : new Map<string, BuiltFile>();
  const page = files.get("/index.html");
  return {
    answer: (request) => {
      if (request.method !== "GET" && request.method !== "HEAD") return undefined;
      const { pathname } = new URL(request.url);
      if (page === undefined) return pathname === "/" ? unbuilt(request) : undefined;
      const file = PLACE.test(pathname) ? page : files.get(pathname);
      return file && answerFile(file, request);
    },
  };
};

const readFiles = (root: string): ReadonlyMap<string, BuiltFile> => {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => join(root, name))
    .filter((path) => TYPES[extname(path)] !== undefined && statSync(path).isFile());
  const size = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  if (paths.length > MAX_FILES || size > MAX_BYTES) {
    throw new WaybillError("LIMIT_EXCEEDED", `${root}: ${paths.length} files of ${size} bytes are no dashboard`, {
      hint: "Run npm run build, which writes the dashboard into dist/web and nothing else.",
    });
  }
  return new Map(paths.map((path) => [`/${relative(root, path).replaceAll("\\", "/")}`, readBuilt(path)]));
};

const readBuilt = (path: string): BuiltFile => {
  const bytes = new Uint8Array(readFileSync(path));
  const packed = bytes.length < WORTH_GZIP_BYTES ? undefined : new Uint8Array(gzipSync(bytes, { level: 9 }));
  return {
    type: TYPES[extname(path)] ?? "",
    cache: extname(path) === ".html" ? ASK_AGAIN : FOR_EVER,
    plain: variant(bytes),
    gzip: packed && variant(packed),
  };
};

const variant = (bytes: Uint8Array<ArrayBuffer>): Variant => ({
  bytes,
  etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`,
});

const answerFile = (file: BuiltFile, request: Request): Response => {
  const { bytes, etag } = (acceptsGzip(request) && file.gzip) || file.plain;
  const headers = new Headers({ ...HEADERS, "Cache-Control": file.cache, ETag: etag, Vary: "Accept-Encoding" });
  if (request.headers.get("If-None-Match")?.includes(etag)) return new Response(null, { status: 304, headers });
  headers.set("Content-Type", file.type);
  headers.set("Content-Length", String(bytes.length));
  if (bytes === file.gzip?.bytes) headers.set("Content-Encoding", "gzip");
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
};

// RFC 9110, 12.5.3; `gzip;q=0` forbids it.
const acceptsGzip = (request: Request): boolean =>
  /(?:^|,)\s*gzip\s*(?:,|$|;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))/i.test(request.headers.get("Accept-Encoding") ?? "");

const unbuilt = (request: Request): Response =>
  new Response(request.method === "HEAD" ? null : UNBUILT, {
    headers: { ...HEADERS, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });

const UNBUILT = [
  "Waybill serves its API under /v1, described by /v1/openapi.json.",
  "The dashboard is not built here: npm run build makes it.",
  "",
].join("\n");
