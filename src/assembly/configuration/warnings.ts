import type { ActiveProvider } from "./active-providers.ts";
import { isLoopback } from "./address.ts";
import type { Settings } from "./load-settings.ts";

/** What works as written but may not be meant. */
export function settingsWarnings(settings: Settings): string[] {
  const { providers, configuration } = settings;
  return [
    ...providers.flatMap(providerWarnings),
    ...(providers.length === 0 ? ["No provider is served: no call to a model will succeed."] : []),
    ...unusedPriceWarnings(settings),
    ...timeoutWarnings(configuration.timeouts),
  ];
}

function providerWarnings(provider: ActiveProvider): string[] {
  const warnings: string[] = [];
  const url = new URL(provider.baseUrl);
  if (provider.keySource.from === "configuration") {
    const what = provider.credentials === undefined ? "key stands" : "credentials stand";
    warnings.push(
      `providers.${provider.id}.${what} in the file itself; a \${VARIABLE} or file: keeps ${provider.credentials === undefined ? "it" : "them"} out.`,
    );
  }
  if (url.protocol === "http:" && provider.key !== undefined && !isLoopback(url.hostname)) {
    warnings.push(`providers.${provider.id}: its key travels unencrypted to ${url.origin}.`);
  }
  return warnings;
}

function unusedPriceWarnings({ configuration, providers }: Settings): string[] {
  const served = new Set(providers.map(({ id }) => id));
  return Object.keys(configuration.prices)
    .filter((name) => !served.has(name.slice(0, name.indexOf("/"))))
    .map((name) => `prices.${name}: its provider is not served.`);
}

function timeoutWarnings(timeouts: Settings["configuration"]["timeouts"]): string[] {
  const { total_ms: total, ...phases } = timeouts;
  return Object.entries(phases)
    .filter(([, limit]) => limit > total)
    .map(([name]) => `timeouts.${name} is longer than timeouts.total_ms, which ends the call first.`);
}
