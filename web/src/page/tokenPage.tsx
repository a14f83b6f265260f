import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signIn, signedOutBecause } from "../session.ts";

/** Asks for an access token, and keeps it only once the service has accepted it. */
export const TokenPage = (): JSX.Element => {
  const [problem, setProblem] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Waybill";
    field.current?.focus();
  }, []);
  const submit = async (): Promise<void> => {
    const secret = field.current?.value.trim() ?? "";
    setBusy(true);
    const refused = await tryToken(secret);
    setBusy(false);
    setProblem(refused);
    if (refused === undefined) signIn(secret);
    else field.current?.focus();
  };
  const said = problem ?? signedOutBecause.value;
  return (
    <main class="sign-in" id="main">
      <h1>Waybill</h1>
      <p>The papers of your container images: what is aboard, who loaded it, and who signed for it.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label class="field" for="token">
          <span>Access token</span>
        </label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          aria-describedby="token-help token-problem"
          aria-invalid={said === undefined ? undefined : true}
        />
        <p id="token-problem" class="problem" role="alert">
          {said}
        </p>
        <button type="submit" class="main" disabled={busy}>
          {busy ? "Checking…" : "Sign in"}
        </button>
      </form>
      <p id="token-help" class="dim">
        The service printed an operator's token when it first started. For one that only reads:{" "}
        <code>waybill tokens create --name dashboard</code>. It stays in this tab and ends with it.
      </p>
    </main>
  );
};

/** Undefined where the service accepts the token, else what to say. */
const tryToken = async (secret: string): Promise<string | undefined> => {
  // What has other letters cannot even be sent in a header (RFC 6750, 2.1).
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(secret)) return "This is no token: it has blanks or other letters in it.";
  try {
    const response = await fetch("/v1/apps?limit=1", {
      headers: { Authorization: `Bearer ${secret}` },
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(15_000),
    });
    if (response.ok) return undefined;
    if (response.status === 401) return "The service does not accept this token.";
    return `The service answered ${response.status}. Try again in a moment.`;
  } catch {
    return "The service cannot be reached.";
  }
};
