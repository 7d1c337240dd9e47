import type { ActiveProvider } from "../configuration/active-providers.ts";
import { VERSION } from "./version.ts";

/** All headers that a call to a provider carries but those of the request itself. */
export function upstreamHeaders(provider: ActiveProvider): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    // Bytes pass through as they are, so they must come as they are.
    "accept-encoding": "identity",
    "user-agent": `gatehouse/${VERSION}`,
  };
  const given = { ...provider.builtIn?.headers, ...provider.settings?.headers };
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value;
  const credential = credentialHeader(provider);
  if (credential !== undefined) headers[credential.name] = credential.value;
  return Object.freeze(headers);
}

function credentialHeader({
  authentication,
  key,
}: ActiveProvider): { name: string; value: string } | undefined {
  if (key === undefined) return undefined;
  switch (authentication.scheme) {
    case "bearer":
      return { name: "authorization", value: `Bearer ${key}` };
    case "header":
      return { name: authentication.name.toLowerCase(), value: key };
    case "none":
    case "aws":
    case "google":
    case "entra":
      // Their proofs are worked out for each request.
      return undefined;
  }
}
