/** The URL where a link may lead there, else undefined: `javascript:` and its like are text, never a link. */
export const safeUrl = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "" ? text : undefined;
};
