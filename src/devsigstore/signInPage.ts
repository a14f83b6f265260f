/** A page that asks for an address and sends it with everything that the client asked for. */
export const signInPage = (query: URLSearchParams): string => {
  const kept = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  // A code that the program only printed is typed in here.
  const code = query.get("client_id") === null && query.get("user_code") === null ? CODE : "";
  return `<!doctype html><title>Local Sigstore</title><h1>Who do you want to be?</h1>
<p>This local Sigstore is for trying and testing: it believes anybody.</p>
<form>${kept.join("")}${code}<label>E-mail address <input type="email" name="email" value="${escapeHtml(query.get("login_hint") ?? "")}" required></label>
<button>Sign in</button></form>
`;
};

const CODE = `<label>Code <input name="user_code" required></label>`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
