/** The line of one instruction, joined where it was continued. */
export interface LogicalLine {
  /** Of its beginning, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** Where each character of the text stands in the file. */
  readonly offsets: readonly number[];
}
