import type { HttpAnswer } from "#net/send.ts";

/** A header of an answer, several of one name joined as RFC 9110 section 5.3 allows; `name` in lower case. */
export const answerHeader = (answer: Pick<HttpAnswer, "headers">, name: string): string | undefined => {
  const value = answer.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
};
