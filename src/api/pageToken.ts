import { createHash } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import { parseStrict } from "#core/strictJson.ts";

/** Where a page ended: the row of its last item, and how many items had been seen by then. */
export interface PagePlace {
  readonly after: string;
  readonly seen: number;
}

const LIMITS = { maxBytes: 2000, maxDepth: 1, maxValues: 8 };

/**
 * A place as opaque text, bound to its list (tenant, path, filters). No secret protects it: a forged one only moves its forger
 * about in a list that is his.
 */
export const writePageToken = (list: string, { after, seen }: PagePlace): string =>
  Buffer.from(JSON.stringify([markOf(list), after, seen])).toString("base64url");

/** REQUEST_INVALID for a token of another list, or none at all. */
export const readPageToken = (list: string, token: string): PagePlace => {
  const parts = parseToken(token);
  const [mark, after, seen] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  const fits =
    mark === markOf(list) &&
    typeof after === "string" &&
    /^[^\p{Cc}]{1,1000}$/u.test(after) &&
    Number.isSafeInteger(seen);
  if (!fits) throw refused();
  return { after, seen: Math.max(0, Number(seen)) };
};

const parseToken = (token: string): unknown => {
  try {
    return parseStrict(Buffer.from(token, "base64url"), "page_token", LIMITS);
  } catch {
    throw refused();
  }
};

const markOf = (list: string): string => createHash("sha256").update(list).digest("base64url").slice(0, 16);

const refused = (): WaybillError =>
  new WaybillError("REQUEST_INVALID", "page_token does not belong to this list", {
    hint: "Take next_page_token of the page before, with the same filters.",
    details: { "/query/page_token": "of-another-list" },
  });
