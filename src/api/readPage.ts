import type { Cut } from "#records/recordStore.ts";
import { readPageToken, writePageToken } from "#api/pageToken.ts";

export interface PageQuery {
  readonly limit: number;
  readonly page_token?: string | undefined;
}

export interface PageBody<V> {
  readonly items: readonly V[];
  readonly next_page_token: string | null;
  readonly total: { readonly count: number; readonly type: "EXACT" | "AT_LEAST" };
}

interface List<T, V> {
  /** What the page's token is bound to: tenant, path and filters. */
  readonly list: readonly string[];
  readonly query: PageQuery;
  readonly read: (cut: Cut) => Promise<readonly T[]>;
  readonly rowOf: (item: T) => string;
  readonly view: (item: T) => V;
}

/**
 * One page by keyset. Nothing is counted in the store: what has been seen is a lower bound, and at the end exact, which costs
 * the same on the first page as on the thousandth.
 */
export const readPage = async <T, V>({ list, query, read, rowOf, view }: List<T, V>): Promise<PageBody<V>> => {
  const name = JSON.stringify(list);
  const place = query.page_token === undefined ? undefined : readPageToken(name, query.page_token);
  const found = await read({ limit: query.limit + 1, after: place?.after });
  const items = found.slice(0, query.limit);
  const more = found.length > query.limit;
  const last = items.at(-1);
  const seen = (place?.seen ?? 0) + items.length;
  return {
    items: items.map(view),
    next_page_token: more && last !== undefined ? writePageToken(name, { after: rowOf(last), seen }) : null,
    total: { count: more ? seen + 1 : seen, type: more ? "AT_LEAST" : "EXACT" },
  };
};
