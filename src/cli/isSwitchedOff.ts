/** Go's words for false, which is what cosign's environment takes too. */
export const isSwitchedOff = (text: string | undefined): boolean =>
  text !== undefined && ["0", "f", "false", "no", "off"].includes(text.toLowerCase());
