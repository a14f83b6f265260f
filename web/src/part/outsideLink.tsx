import type { JSX } from "preact";
import { safeUrl } from "../safeUrl.ts";
import { Icon } from "./icon.tsx";

/** Somebody else's text, as a link only where it is an http or https address. */
export const OutsideLink = ({ text }: { readonly text: string }): JSX.Element => {
  const url = safeUrl(text);
  if (url === undefined) return <span class="breakable">{text}</span>;
  return (
    <a class="breakable" href={url} rel="noreferrer noopener" target="_blank">
      {text} <Icon name="outside" />
      <span class="unseen"> (opens in a new tab)</span>
    </a>
  );
};
