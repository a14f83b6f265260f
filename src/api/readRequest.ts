import { WaybillError, hasCode } from "#core/errors.ts";
import type { Ctx } from "#core/ctx.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { ZodType } from "zod";

const MAX_BODY = 256 * 1024;
const BODY_LIMITS = { maxBytes: MAX_BODY, maxDepth: 16, maxValues: 20_000 };
// 256 KiB in this time is slower than any line that carries images.
const BODY_DEADLINE_MS = 15_000;
const MAX_ERRORS = 20;

/** A part of the request as its schema reads it; REQUEST_INVALID says where it does not fit. */
export const parsePart = (schema: ZodType, value: unknown, part: "path" | "query" | "body"): unknown => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ERRORS);
  const details: Record<string, string> = {};
  for (const { path, code } of issues) details[pointerTo(part, path)] = code.replaceAll("_", "-");
  const words = issues.map(({ path, message }) => `${pointerTo(part, path)}: ${message}`);
  throw new WaybillError("REQUEST_INVALID", words.join("; "), { details });
};

/** RFC 6901 into the request as {path, query, header, body}; names of the caller's are cut, since they come back to him. */
const pointerTo = (part: string, path: readonly PropertyKey[]): string =>
  `/${[part, ...path].map((name) => String(name).slice(0, 80).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;

/** The names in an address's query; one that stands twice is refused, since two readers would take two values. */
export const readQuery = (address: string): Readonly<Record<string, string>> => {
  const query = Object.create(null) as Record<string, string>;
  // Most have none, and parsing an address takes longer than all other checks of such a request.
  if (!address.includes("?")) return query;
  for (const [name, value] of new URL(address).searchParams) {
    if (Object.hasOwn(query, name)) throw invalid(`/query/${name.slice(0, 80)}`, "stands-twice");
    query[name] = value;
  }
  return query;
};

const invalid = (pointer: string, code: string): WaybillError =>
  new WaybillError("REQUEST_INVALID", `${pointer}: ${code.replaceAll("-", " ")}`, { details: { [pointer]: code } });

/** The bytes of a body. BODY_TOO_LARGE, REQUEST_INVALID where it comes too slowly. */
export const readBody = async (ctx: Ctx, request: Request): Promise<Uint8Array> => {
  if (Number(request.headers.get("Content-Length") ?? 0) > MAX_BODY) throw tooLarge();
  const slow = new AbortController();
  const deadline = ctx.clock.sleep(BODY_DEADLINE_MS, slow.signal).then(
    () => "late" as const,
    () => "over" as const,
  );
  try {
    return await collect(request, deadline);
  } finally {
    slow.abort();
  }
};

/** TYPE_UNSUPPORTED. No form can send this type to another origin, which besides the absence of cookies stops CSRF. */
export const demandJson = (request: Request): void => {
  const type = request.headers.get("Content-Type");
  if (type?.split(";", 1)[0]?.trim().toLowerCase() === "application/json") return;
  throw new WaybillError("TYPE_UNSUPPORTED", "the body's type is not application/json");
};

const collect = async (request: Request, deadline: Promise<"late" | "over">): Promise<Uint8Array> => {
  if (request.body === null) return new Uint8Array();
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), deadline]);
      if (next === "late" || next === "over") throw invalid("/body", "too-slow");
      if (next.done) return Buffer.concat(chunks);
      size += next.value.byteLength;
      if (size > MAX_BODY) throw tooLarge();
      chunks.push(next.value);
    }
  } finally {
    // Whoever sends for ever is not waited for; a body that was read to its end has nothing to cancel.
    void reader.cancel().catch(() => undefined);
  }
};

/** A body as strict JSON: duplicate names, depth beyond 16 and the one name that schemas lose in silence are refused. */
export const parseBody = (bytes: Uint8Array): Json => {
  const body = parseStrictly(bytes);
  if (namesProto(body)) throw invalid("/body", "name-is-__proto__");
  return body;
};

const namesProto = (value: Json): boolean => {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value as Record<string, Json>).some(namesProto);
};

const parseStrictly = (bytes: Uint8Array): Json => {
  try {
    return parseStrict(bytes, "the body", BODY_LIMITS);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    throw new WaybillError("REQUEST_INVALID", error.message, { details: { "/body": "not-strict-json" }, cause: error });
  }
};

const tooLarge = (): WaybillError => new WaybillError("BODY_TOO_LARGE", `a body may have ${MAX_BODY} bytes`);
