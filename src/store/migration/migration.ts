/** The words in which the databases differ. */
export interface DialectWords {
  /** Text that is compared byte by byte, so that both databases sort the same. */
  readonly text: string;
  readonly integer: string;
  readonly bytes: string;
  /** What follows the bracket of `create table (...)`. */
  readonly tableEnd: string;
}

/** One step forward; it never changes once it is released, and nothing leads back. */
export interface Migration {
  /** `NNNN_name`, in the order of their application. */
  readonly id: string;
  readonly statements: (words: DialectWords) => readonly string[];
}
