import type { Environment } from "../../config/expand-references.ts";
import type { Provider } from "../../model/provider.ts";

/** The address of an operator's own server as its usual environment variable holds it. */
export interface UsualAddress {
  readonly variable: string;
  /** Undefined where the variable holds no address. */
  readonly baseUrl: string | undefined;
}

/** The first of a provider's usual variables for its address that is set. */
export function usualAddress(provider: Provider, environment: Environment): UsualAddress | undefined {
  for (const variable of provider.addressVariables ?? []) {
    const written = environment[variable]?.trim();
    if (written) return { variable, baseUrl: baseUrlOf(written, provider.baseUrl) };
  }
  return undefined;
}

/** An address to listen on is reached by this machine's own. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "[::]"]);

/**
 * `host`, `host:port` or a whole address: what is left out is as the server has it by itself. Ollama's clients read
 * OLLAMA_HOST so (https://github.com/ollama/ollama/blob/main/envconfig/config.go).
 */
function baseUrlOf(written: string, usual: string): string | undefined {
  const hasScheme = /^https?:\/\//i.test(written);
  const text = hasScheme ? written : `http://${written}`;
  if (!URL.canParse(text) || /\s/.test(written)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.search !== "" || url.hash !== "") return undefined;
  const own = new URL(usual);
  if (url.port === "" && !hasScheme) url.port = own.port;
  if (EVERY_ADDRESS.has(url.hostname)) url.hostname = own.hostname;
  if (url.pathname === "/") url.pathname = own.pathname;
  return url.href.replace(/\/+$/, "");
}
