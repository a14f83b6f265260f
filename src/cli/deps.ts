/** What this program is. */
export interface ProgramFacts {
  readonly version: string;
  /** Version of the Node that runs it. */
  readonly node: string;
  /** Operating system and processor, such as `linux-x64`. */
  readonly platform: string;
}

/**
 * Everything from outside that commands use. `main/compose.ts` builds it; what is costly to load or to open is a function
 * that does it when called.
 */
export interface Deps {
  readonly program: ProgramFacts;
}
