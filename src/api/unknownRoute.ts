import { WaybillError } from "#core/errors.ts";
import type { Endpoint } from "#api/endpoint.ts";

/**
 * Why no route answers: METHOD_UNKNOWN where the path has other methods, NOT_FOUND otherwise. Looked up only then, so that the
 * router has one handler for each request that is answered. `prefixes` are those of the versions.
 */
export const unknownRoute = (
  endpoints: readonly Endpoint[],
  prefixes: readonly string[],
): ((path: string) => WaybillError) => {
  const paths = Map.groupBy(endpoints, ({ route }) => route.path);
  const known = [...paths].map(([path, all]) => ({
    pattern: patternOf(prefixes, path),
    allow: all.flatMap(({ route: { method } }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", "),
  }));
  return (asked) => {
    const found = known.find(({ pattern }) => pattern.test(asked));
    if (found === undefined) return new WaybillError("NOT_FOUND", "no such route");
    const { allow } = found;
    return new WaybillError("METHOD_UNKNOWN", `this resource knows ${allow}`, { details: { allow } });
  };
};

const patternOf = (prefixes: readonly string[], path: string): RegExp => {
  const segments = path.replaceAll(".", "\\.").replaceAll(/\{[a-z_]+\}/g, "[^/]+");
  return new RegExp(`^(?:${prefixes.join("|")})${segments}$`);
};
