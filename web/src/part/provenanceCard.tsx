import type { JSX } from "preact";
import type { Paper } from "../apiTypes.ts";
import { readProvenance } from "../readProvenance.ts";
import type { Dependency, ProvenanceSummary } from "../readProvenance.ts";
import { useApi } from "../useAnswer.ts";
import type { KeyStateOf } from "../useKeyStates.ts";
import { Card } from "./card.tsx";
import { CopiedCode } from "./copiedCode.tsx";
import { Facts } from "./facts.tsx";
import { KeyName } from "./keyName.tsx";
import { Loaded } from "./loaded.tsx";
import { OutsideLink } from "./outsideLink.tsx";

interface ProvenanceCardProps {
  readonly papers: readonly Paper[];
  readonly stateOf: KeyStateOf;
}

const SLSA_1 = "https://slsa.dev/provenance/v1";

/** How the image came to be, as the newest provenance under a key of the service attests it. */
export const ProvenanceCard = ({ papers, stateOf }: ProvenanceCardProps): JSX.Element | null => {
  const [newest] = papers
    .filter(({ predicate_type: type, signed_by_service: own }) => own && type === SLSA_1)
    .toSorted((a, b) => (a.verified_at < b.verified_at ? 1 : -1));
  return newest?.predicate_url == null ? null : (
    <AttestedCard url={newest.predicate_url} paper={newest} stateOf={stateOf} />
  );
};

interface AttestedCardProps {
  readonly url: string;
  readonly paper: Paper;
  readonly stateOf: KeyStateOf;
}

/** A document under its own digest never changes, so that no event concerns it. */
const AttestedCard = ({ url, paper, stateOf }: AttestedCardProps): JSX.Element => {
  const known = useApi<unknown>(url, () => false);
  return (
    <Card title="Provenance" wide>
      <p class="attested-by">
        As attested by key <KeyName id={paper.keyid} state={stateOf(paper.keyid)} />
      </p>
      <Loaded known={known}>
        {(document) => {
          const summary = readProvenance(document);
          return summary === undefined ? <p class="dim">It has another form than SLSA v1.</p> : <Said of={summary} />;
        }}
      </Loaded>
    </Card>
  );
};

const Said = ({ of }: { readonly of: ProvenanceSummary }): JSX.Element => (
  <>
    <div class="halves">
      <Facts
        facts={[
          ["Builder", of.builder && <OutsideLink text={of.builder} />],
          ["Build type", of.buildType && <OutsideLink text={of.buildType} />],
          ["Invocation", of.invocation && <span class="breakable">{of.invocation}</span>],
          ...(of.startedOn === undefined ? [] : [["Started", of.startedOn] as const]),
          ...(of.finishedOn === undefined ? [] : [["Finished", of.finishedOn] as const]),
        ]}
      />
      <Facts
        facts={of.parameters.map(
          ([name, value]) => [name, name === "source" ? <OutsideLink text={value} /> : <span>{value}</span>] as const,
        )}
      />
    </div>
    <h3>Resolved dependencies</h3>
    {of.dependencies.length === 0 ? (
      <p class="dim">None are stated; the commit is one only where it was registered in full.</p>
    ) : (
      <ul class="plain">
        {of.dependencies.map((dependency) => (
          <DependencyLine key={dependency.uri + dependency.digests.join(" ")} dependency={dependency} />
        ))}
      </ul>
    )}
    {of.left === 0 ? null : <p class="dim">{of.left} more stand in the document; save it above.</p>}
  </>
);

const DependencyLine = ({ dependency: { uri, digests } }: { readonly dependency: Dependency }): JSX.Element => (
  <li class="dependency">
    {uri === "" ? null : <OutsideLink text={uri} />}
    {digests.map((digest) => (
      <CopiedCode key={digest} text={digest} what={`digest ${digest}`} />
    ))}
  </li>
);
