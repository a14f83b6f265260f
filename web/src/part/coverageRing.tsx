import type { JSX } from "preact";

interface CoverageRingProps {
  readonly title: string;
  readonly count: number;
  readonly of: number;
}

const RADIUS = 26;
const LENGTH = 2 * Math.PI * RADIUS;

/** How many of the builds have something, as a ring around the number. */
export const CoverageRing = ({ title, count, of }: CoverageRingProps): JSX.Element => {
  const share = of === 0 ? 0 : count / of;
  return (
    <div class="ring">
      <svg viewBox="0 0 64 64" width="88" height="88" aria-hidden="true" focusable="false">
        <circle class="ring-rest" cx="32" cy="32" r={RADIUS} />
        {share === 0 ? null : (
          <circle
            class="ring-share"
            cx="32"
            cy="32"
            r={RADIUS}
            stroke-dasharray={`${share * LENGTH} ${LENGTH}`}
            transform="rotate(-90 32 32)"
          />
        )}
        <text x="32" y="37" text-anchor="middle">
          {Math.floor(share * 100)}%
        </text>
      </svg>
      <div>
        <p class="ring-title">{title}</p>
        <p class="dim">
          {count} of {of}
        </p>
      </div>
    </div>
  );
};
