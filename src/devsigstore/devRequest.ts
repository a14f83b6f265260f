/** A request as services see it, read whole. */
export interface DevRequest {
  readonly method: string;
  /** Below the service's own prefix, as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

export interface DevAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined where the service has nothing of that name. */
export type DevService = (request: DevRequest) => DevAnswer | undefined;

export const answerJson = (
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): DevAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
  headers,
});

export const answerText = (body: string, type = "text/plain; charset=utf-8"): DevAnswer => ({
  status: 200,
  type,
  body,
});

export const answerBytes = (body: Uint8Array, type = "application/octet-stream"): DevAnswer => ({
  status: 200,
  type,
  body,
});

/** A service of fixed paths: `METHOD /path`. */
export const routeExactly =
  (routes: Readonly<Record<string, (request: DevRequest) => DevAnswer>>): DevService =>
  (request) => {
    const name = `${request.method} ${request.path}`;
    return Object.hasOwn(routes, name) ? routes[name]?.(request) : undefined;
  };
