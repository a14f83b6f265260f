import { z } from "zod";
import { BUILD_STATE } from "#api/contract/fields.ts";

/** RFC 9457. */
export const PROBLEM = z.object({
  type: z.string().describe("urn:waybill:problem: and the code."),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  hint: z.string().describe("What to do about it."),
  instance: z.string().describe("The path that was asked for."),
  code: z.string().regex(/^[a-z]+(?:-[a-z]+)*$/),
  trace_id: z.string().describe("The request id, also in X-Request-Id and in the service's log."),
  state: BUILD_STATE.optional().describe("Of the build: what a missing paper waits for, or why a gate is closed."),
  errors: z
    .array(z.object({ pointer: z.string(), code: z.string() }))
    .optional()
    .describe("JSON pointers into the request as {path, query, header, body}."),
});

export type Problem = z.infer<typeof PROBLEM>;

export const PROBLEM_TYPE = "application/problem+json";
