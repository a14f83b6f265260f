import type { JSX } from "preact";
import type { Keys } from "../apiTypes.ts";
import { Card } from "../part/card.tsx";
import { CommandList } from "../part/commandList.tsx";
import { DigestText } from "../part/digestText.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { StateBadge } from "../part/stateBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { fetchKeyCommand } from "../commands.ts";
import { useApi } from "../useAnswer.ts";

type Key = Keys["items"][number];

/** The public keys of the service. */
export const KeysPage = (): JSX.Element => {
  const known = useApi<Keys>("/v1/keys", ({ kind }) => kind === "key");
  return (
    <>
      <PageHead title="Keys" />
      <Loaded known={known}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="The service has no key">
              <p>Builds are accepted; their papers follow when it has one.</p>
              <p>
                Make one with <code>waybill generate-key-pair</code> and name it with <code>--key</code>; the file is
                watched.
              </p>
            </EmptyState>
          ) : (
            <div class="grid">
              {items.map((key) => (
                <KeyCard key={key.id} item={key} />
              ))}
            </div>
          )
        }
      </Loaded>
    </>
  );
};

const KeyCard = ({ item }: { readonly item: Key }): JSX.Element => {
  const { id, state, algorithm, pem } = item;
  const current = state === "current";
  return (
    <Card
      title={current ? "Key in use" : "Retired key"}
      wide
      aside={<StateBadge words={current ? { tone: "good", text: "Signs" } : { tone: "calm", text: "Checks only" }} />}
    >
      <p>
        <DigestText digest={id} what="key id" whole />
      </p>
      <p class="dim">
        {current
          ? "Papers are signed with this key. Anybody may have its public half, without a token."
          : "Nothing new is signed with this key; what it signed stays confirmed."}
      </p>
      <p class="dim">
        {algorithm}, first seen <TimeText time={item.first_seen_at} />
        {item.retired_at === null ? null : (
          <>
            , retired <TimeText time={item.retired_at} />
          </>
        )}
      </p>
      <CommandList
        commands={[
          {
            ...fetchKeyCommand({ origin: globalThis.location.origin, retired: current ? undefined : id }),
            title: "Fetch it",
          },
          { title: "Public key (PEM)", text: pem.trimEnd() },
        ]}
      />
    </Card>
  );
};
