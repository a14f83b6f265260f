import { computed, signal } from "@preact/signals";
import { parseRoute, routePath } from "./route.ts";
import type { Route } from "./route.ts";

const place = signal({ path: globalThis.location.pathname, search: globalThis.location.search });

/** The page that is open. */
export const route = computed<Route>(() => parseRoute(place.value.path));

/** A value of the open page's query, such as what its table is filtered by: it survives a reload and can be passed on. */
export const queryValue = (name: string): string => new URLSearchParams(place.value.search).get(name) ?? "";

/** Changes a value of the query in place: typing in a filter is no step to go back from. */
export const setQueryValue = (name: string, value: string): void => {
  const values = new URLSearchParams(place.value.search);
  if (value === "") values.delete(name);
  else values.set(name, value);
  const search = values.size === 0 ? "" : `?${values}`;
  history.replaceState(undefined, "", place.value.path + search);
  place.value = { ...place.value, search };
};

/** Opens a page as following a link does. */
export const openRoute = (to: Route): void => {
  const path = routePath(to);
  if (path === place.value.path && place.value.search === "") return;
  history.pushState(undefined, "", path);
  place.value = { path, search: "" };
  scrollTo(0, 0);
};

/** Follows the browser's own back and forward. */
export const followHistory = (): void => {
  addEventListener("popstate", () => {
    place.value = { path: globalThis.location.pathname, search: globalThis.location.search };
  });
};
