/** A page of the dashboard and what it is about. */
export type Route =
  | { readonly page: "overview" }
  | { readonly page: "apps" }
  | { readonly page: "app"; readonly app: string }
  | { readonly page: "build"; readonly app: string; readonly build: string }
  | { readonly page: "image"; readonly digest: string }
  | { readonly page: "keys" }
  | { readonly page: "jobs" }
  | { readonly page: "audit" }
  | { readonly page: "missing" };

/** The page that a URL's path names. Anything else, also a path that cannot be decoded, is the page `missing`. */
export const parseRoute = (path: string): Route => {
  const parts = decodeParts(path);
  const [first, second = "", third, fourth = ""] = parts;
  if (parts.length === 0) return { page: "overview" };
  if (parts.length === 1 && isList(first)) return { page: first };
  if (parts.length === 2 && first === "apps") return { page: "app", app: second };
  if (parts.length === 2 && first === "images") return { page: "image", digest: second };
  if (parts.length === 4 && first === "apps" && third === "builds")
    return { page: "build", app: second, build: fourth };
  return { page: "missing" };
};

/** The path of a page; what `parseRoute` reads back as the same page. */
export const routePath = (route: Route): string => {
  switch (route.page) {
    case "overview":
      return "/";
    case "app":
      return `/apps/${encodeURIComponent(route.app)}`;
    case "build":
      return `/apps/${encodeURIComponent(route.app)}/builds/${encodeURIComponent(route.build)}`;
    case "image":
      // A colon is an ordinary character of a path (RFC 3986, 3.3), and digests are to be read.
      return `/images/${encodeURIComponent(route.digest).replaceAll("%3A", ":")}`;
    default:
      return `/${route.page}`;
  }
};

const LISTS = ["apps", "keys", "jobs", "audit"] as const;

const isList = (name: string | undefined): name is (typeof LISTS)[number] => LISTS.some((list) => list === name);

const decodeParts = (path: string): readonly string[] => {
  const parts = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (parts.length === 1 && parts[0] === "") return [];
  try {
    const decoded = parts.map((part) => decodeURIComponent(part));
    return decoded.includes("") ? ["", ""] : decoded;
  } catch {
    return ["", ""];
  }
};
