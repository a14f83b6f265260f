import type { TagLister } from "#core/content.ts";
import { WaybillError } from "#core/errors.ts";
import { isTag } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { readPages } from "#registry/client/pages.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

const PAGE = { target: "tags/list?n=1000", accept: "application/json", maxBytes: 4 * 1024 * 1024, maxPages: 1000 };
const MAX_TAGS = 500_000;
const LIMITS = { maxBytes: PAGE.maxBytes, maxDepth: 8, maxValues: MAX_TAGS };

/** Tags of one repository over all pages, in the order of their bytes; none where the repository is not there. */
export const openTags = (calls: RepositoryCalls): TagLister => ({
  listTags: async (ctx) => {
    const tags = new Set<string>();
    for await (const answer of readPages(calls, ctx, PAGE)) {
      if (answer.status === 404) break;
      if (answer.status !== 200) throw answer.error();
      for (const tag of readTags(calls, answer)) tags.add(tag);
      if (tags.size > MAX_TAGS) throw new WaybillError("LIMIT_EXCEEDED", `${calls.name}: more than ${MAX_TAGS} tags`);
    }
    return [...tags].sort();
  },
});

const readTags = (calls: RepositoryCalls, answer: SessionAnswer): readonly string[] => {
  const value = parse(answer);
  // An empty list of Go is null.
  const tags = isJsonObject(value) ? (value["tags"] ?? []) : undefined;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && isTag(tag)))
    throw new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: the list of tags is not one`);
  return tags as readonly string[];
};

const parse = (answer: SessionAnswer): Json => {
  try {
    return parseStrict(answer.bytes, "tags", LIMITS);
  } catch {
    return null;
  }
};
