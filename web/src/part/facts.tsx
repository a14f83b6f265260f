import type { ComponentChildren, JSX } from "preact";

/** Names and what stands for them; what is null is not known, and says so. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [string, ComponentChildren])[];
}): JSX.Element => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value ?? <span class="dim">not stated</span>}</dd>
      </div>
    ))}
  </dl>
);
