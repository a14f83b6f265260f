import { asWaybillError } from "#core/errors.ts";

/** One thing that was looked at, and whether it is as it should be. */
export interface Finding {
  /** A word by which scripts find it, such as `clock`. */
  readonly check: string;
  /** What it is about: a registry, an image, a key; null: this machine. */
  readonly subject: string | null;
  /** `warn`: works, or may not matter here; `fail`: what needs it will not work. */
  readonly state: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; null where all is well. */
  readonly hint: string | null;
}

type About = Pick<Finding, "check" | "subject">;

export const fine = (about: About, message: string): Finding => ({ ...about, state: "ok", message, hint: null });

export const doubtful = (about: About, message: string, hint: string): Finding => ({
  ...about,
  state: "warn",
  message,
  hint,
});

export const broken = (about: About, message: string, hint: string): Finding => ({
  ...about,
  state: "fail",
  message,
  hint,
});

/** What was thrown, as a finding. */
export const failed = (about: About, thrown: unknown): Finding => {
  const { code, message, hint } = asWaybillError(thrown);
  return broken(about, `${code} ${message}`, hint);
};
