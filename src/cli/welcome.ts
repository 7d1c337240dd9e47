import type { ActiveProvider } from "../assembly/configuration/active-providers.ts";
import type { Gatehouse } from "../assembly/gatehouse.ts";

/** What a start prints: where it listens and whom it serves; at the first start also the keys and a call to paste. */
export function welcome(gatehouse: Gatehouse): string {
  const { settings } = gatehouse.running;
  const lines = [
    `Gatehouse listens on ${gatehouse.url}`,
    "",
    "Providers:",
    ...settings.providers.map((provider) => providerLine(provider, gatehouse)),
  ];
  const { firstSecrets } = gatehouse;
  if (firstSecrets === undefined) return lines.join("\n");
  return [
    ...lines,
    "",
    "This is the first start. These two keys are shown now and never again:",
    `  admin key    ${firstSecrets.adminKey}   (opens /admin/v1, /admin/docs and /metrics)`,
    `  virtual key  ${firstSecrets.virtualKey}   (calls to models)`,
    "",
    `  master key   ${gatehouse.masterKey.source}   (keep a copy: without it, what is encrypted here is lost)`,
    "",
    "Try it:",
    ...tryIt(gatehouse, firstSecrets.virtualKey),
  ].join("\n");
}

function providerLine(provider: ActiveProvider, { running }: Gatehouse): string {
  const { keySource, id } = provider;
  const from = keySource.from === "environment" ? ` (key from ${keySource.variables.join(", ")})` : "";
  const note =
    provider.builtIn?.local === undefined ? "" : " (built in: answers by itself, no model behind it)";
  const isOwn = running.snapshot.upstreams.get(id)?.reach === "own-network";
  return `  ${id}${from}${note}${isOwn ? " (may lead into your own network)" : ""}`;
}

/** An address that stands for all of this machine's is no name to call it by. */
const EVERY_ADDRESS = /\/\/(?:0\.0\.0\.0|\[::\])/;

function tryIt({ url, running }: Gatehouse, virtualKey: string): string[] {
  return [
    `  curl ${url.replace(EVERY_ADDRESS, "//127.0.0.1")}/v1/chat/completions \\`,
    `    -H "Authorization: Bearer ${virtualKey}" \\`,
    `    -H "Content-Type: application/json" \\`,
    `    -d '{"model": "${running.snapshot.defaultModel ?? "demo/demo"}", "messages": [{"role": "user", "content": "Hello!"}]}'`,
  ];
}
