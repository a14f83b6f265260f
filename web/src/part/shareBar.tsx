import type { JSX } from "preact";

/** A part of a whole, between 0 and 1, as a bar beside the words that say the same. */
export const ShareBar = ({ share }: { readonly share: number }): JSX.Element => (
  <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="share-rest" width="100" height="6" />
    <rect class="share-part" width={Math.max(share * 100, share > 0 ? 1 : 0)} height="6" />
  </svg>
);
