import { useRef, useState } from "preact/hooks";
import type { ListPage } from "./apiTypes.ts";
import { askApi } from "./askApi.ts";
import type { Answer } from "./askApi.ts";
import { useAnswer } from "./useAnswer.ts";
import type { Concerns, Known } from "./useAnswer.ts";

/** As much of a list as has been asked for. */
export interface KnownList<T> extends Known<ListPage<T>> {
  /** Asks for one page more; undefined where everything is there. */
  readonly more: (() => void) | undefined;
}

/** `path` may have a query. */
export interface ListRequest {
  readonly path: string;
  /** Items on a page of the API, at most 200. */
  readonly limit: number;
  /** How many pages are asked for at first. */
  readonly pages: number;
}

/** The first pages of a list, kept up to date as a whole. */
export const useList = <T>({ path, limit, pages }: ListRequest, concerns: Concerns): KnownList<T> => {
  const [asked, setAsked] = useState({ path, pages });
  const wanted = asked.path === path ? asked.pages : pages;
  const known = useAnswer(`${path} ${wanted}`, (signal) => askPages<T>(path, limit, wanted, signal), concerns);
  // While more is on its way the rows that are there stay.
  const shown = useRef<{ readonly path: string; readonly value: ListPage<T> }>(undefined);
  if (known.value !== undefined) shown.current = { path, value: known.value };
  const value = shown.current?.path === path ? shown.current?.value : undefined;
  const more = (): void => setAsked({ path, pages: wanted + pages });
  return {
    value,
    refusal: known.refusal,
    more: value === undefined || value.next_page_token === null ? undefined : more,
  };
};

const askPages = async <T>(
  path: string,
  limit: number,
  pages: number,
  signal: AbortSignal,
): Promise<Answer<ListPage<T>>> => {
  const items: T[] = [];
  let next: string | null = null;
  for (let page = 1; ; page++) {
    const answer: Answer<ListPage<T>> = await askApi<ListPage<T>>(pagePath(path, limit, next), signal);
    if (!answer.ok) return answer;
    items.push(...answer.value.items);
    next = answer.value.next_page_token;
    if (next === null || page >= pages) {
      return { ok: true, value: { items, next_page_token: next, total: answer.value.total } };
    }
  }
};

const pagePath = (path: string, limit: number, next: string | null): string => {
  const token = next === null ? "" : `&page_token=${encodeURIComponent(next)}`;
  return `${path}${path.includes("?") ? "&" : "?"}limit=${limit}${token}`;
};
