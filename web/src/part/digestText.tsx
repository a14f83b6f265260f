import type { JSX } from "preact";
import { shortDigest } from "../shortText.ts";
import { CopyButton } from "./copyButton.tsx";
import { RouteLink } from "./routeLink.tsx";

interface DigestTextProps {
  readonly digest: string;
  readonly what: string;
  /** The whole digest instead of its beginning. */
  readonly whole?: boolean;
  /** Leads to the page of the image with this digest. */
  readonly image?: boolean;
}

/** A digest that can be copied whole. */
export const DigestText = ({ digest, what, whole, image }: DigestTextProps): JSX.Element => {
  const text = <code title={digest}>{whole ? digest : shortDigest(digest)}</code>;
  return (
    <span class="digest" data-short={whole ? undefined : true}>
      {image ? <RouteLink to={{ page: "image", digest }}>{text}</RouteLink> : text}
      <CopyButton text={digest} what={what} />
    </span>
  );
};
