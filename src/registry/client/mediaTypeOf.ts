import { answerHeader } from "#net/answerHeader.ts";
import type { HttpAnswer } from "#net/send.ts";

/** Content-Type in lower case without parameters, or undefined where there is none. */
export const mediaTypeOf = (answer: Pick<HttpAnswer, "headers">): string | undefined =>
  answerHeader(answer, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
