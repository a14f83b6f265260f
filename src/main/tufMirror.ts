import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { WaybillError } from "#core/errors.ts";

/** Where a TUF repository is: an address without what may be secret, or a directory. */
export type TufMirror =
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "directory"; readonly path: string };

/** Reads `https://HOST/PATH`, `file:///PATH` or a path; `where` names the flag, variable or file. CONFIG_INVALID. */
export const parseTufMirror = (text: string, where: string): TufMirror => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    if (text === "") throw bad(where, "names no mirror");
    return { kind: "directory", path: resolve(text) };
  }
  const url = URL.parse(text);
  if (url === null) throw bad(where, "is no address");
  if (url.protocol === "file:") return { kind: "directory", path: filePath(url, where) };
  if (url.protocol !== "https:" && url.protocol !== "http:") throw bad(where, "is an address of another kind");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw bad(where, "holds a user, a password, a query or a fragment, which would be kept and shown");
  return { kind: "http", url };
};

/** As it is kept, shown and compared. */
export const formatTufMirror = (mirror: TufMirror): string =>
  mirror.kind === "directory" ? mirror.path : mirror.url.href.replace(/\/$/, "");

const filePath = (url: URL, where: string): string => {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new WaybillError("CONFIG_INVALID", `${where} names a file of another machine`, { cause, hint: HINT });
  }
};

const HINT = "Write https://HOST/PATH, or the path of a directory in which timestamp.json lies.";

const bad = (where: string, why: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${where} ${why}`, { hint: HINT });
