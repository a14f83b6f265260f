import { z } from "zod";

/** The names of apps and builds: they stand in paths, headers and annotations, so nothing that means something there. */
export const NAME = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
  .describe("Letters, digits, '.', '_', '-'; at most 128 characters; begins with a letter or a digit.");

/** core/digest.ts: one text per digest. */
export const DIGEST = z
  .string()
  .regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
  .describe("sha256: and 64 lower-case hex digits, or sha512: and 128.");

export const ID = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .describe("A UUIDv7.");

export const TIME = z.iso.datetime().describe("RFC 3339, UTC.");

export const BUILD_STATE = z.enum(["pending", "running", "done", "failed", "skipped", "signing_unavailable"]);

export const OPERATION_STATE = z.enum([
  "pending",
  "running",
  "signing_unavailable",
  "done",
  "failed",
  "skipped",
  "cancelled",
]);

export const ISSUE_MODE = z
  .enum(["best-effort", "gate"])
  .describe("What an unsigned image means for whoever waits: gate stays closed, best-effort goes on and is on record.");

// A control character has no place in any text of ours, and PostgreSQL refuses NUL in all of its texts.
// Spelled out, since readers of the description have other words for classes.
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const CALM = /^[^\u0000-\u001f\u007f-\u009f]*$/;

/** One line of text of at most `length` characters. */
export const line = (length: number): z.ZodString => z.string().max(length).regex(CALM);

const digits = (value: unknown): unknown =>
  typeof value === "string" && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;

/** What every list understands. */
export const PAGE_QUERY = z.object({
  limit: z.preprocess(digits, z.int().min(1).max(200).default(50)).describe("Items on a page."),
  page_token: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/)
    .optional()
    .describe("next_page_token of the page before; fits this list alone."),
});

export const NOTHING = z.object({});

/** A page of a list; `total` counts what is known to exist, exactly once the end has been reached. */
export const pageOf = <T extends z.ZodType>(
  item: T,
): z.ZodObject<{
  items: z.ZodArray<T>;
  next_page_token: z.ZodNullable<z.ZodString>;
  total: z.ZodObject<{ count: z.ZodInt; type: z.ZodEnum<{ EXACT: "EXACT"; AT_LEAST: "AT_LEAST" }> }>;
}> =>
  z.object({
    items: z.array(item),
    next_page_token: z.string().nullable(),
    total: z.object({ count: z.int().min(0), type: z.enum(["EXACT", "AT_LEAST"]) }),
  });
