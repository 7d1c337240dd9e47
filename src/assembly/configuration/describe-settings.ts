import type { Reach } from "../../model/reach.ts";
import type { Snapshot, Timeouts } from "../../model/snapshot.ts";
import { compileTimeouts } from "../compile/timeouts.ts";
import type { ActiveProvider, KeySource } from "./active-providers.ts";
import { routeLines } from "./describe-routes.ts";
import type { Settings } from "./load-settings.ts";
import { settingsWarnings } from "./warnings.ts";

/** What would run, for people: where from, where to, for whom. Shows no key. */
export function describeSettings(settings: Settings, snapshot: Snapshot): string {
  return [
    section("listens", listenLines(settings)),
    section(
      "providers",
      settings.providers.map((provider) => providerLine(provider, snapshot)),
    ),
    section("routes", routeLines(snapshot)),
    section("warnings", settingsWarnings(settings)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function overrideWords({ host, port }: Settings["overrides"]): string {
  const variables = [...(host === undefined ? [] : ["HOST"]), ...(port === undefined ? [] : ["PORT"])];
  return variables.length === 0 ? "" : ` (from ${variables.join(" and ")})`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function listenLines({ configuration, file, label, dataFolder, overrides }: Settings): string[] {
  const { server, limits, ledger, log } = configuration;
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  return [
    `configuration  ${label ?? file ?? "none: built-in defaults"}`,
    `address        http://${host}:${server.port}${overrideWords(overrides)}`,
    `data folder    ${dataFolder}`,
    `trusted hosts  ${["loopback names", ...server.trusted_hosts].join(", ")}`,
    `cors origins   ${server.cors.origins.join(", ") || "none"}`,
    `limits         ${limits.body_bytes} bytes a request, ${limits.max_in_flight} calls at once`,
    `timeouts       ${timeoutWords(compileTimeouts(configuration.timeouts))}`,
    `ledger         survives the end of the ${ledger.durability === "disk" ? "machine" : "process"}`,
    `content logged ${log.content_of_projects.join(", ") || "of no project"}`,
  ];
}

const REASONS: Readonly<Record<ActiveProvider["because"], string>> = {
  file: "written in the file",
  environment: "found by its variable",
  secret: "its key was entered",
  "built-in": "built in",
};

/** Where its name may lead, where that is not in public alone. */
const REACHES: Readonly<Record<Reach, string>> = {
  public: "",
  "own-network": ", allowed as written: may lead into your own network",
  anywhere: ", allowed by egress.allow: may lead anywhere",
};

function providerLine(provider: ActiveProvider, snapshot: Snapshot): string {
  const upstream = snapshot.upstreams.get(provider.id);
  const where = upstream?.local === undefined ? (upstream?.origin ?? "") : "inside this process";
  const models = snapshot.catalog.filter((model) => model.provider === provider.id).length;
  const reach = REACHES[upstream?.local === undefined ? (upstream?.reach ?? "public") : "public"];
  const through = upstream?.proxy === undefined ? "" : ", through a proxy";
  const own = Object.values(provider.settings?.timeouts ?? {}).some((limit) => limit !== undefined);
  const waits = own && upstream !== undefined ? `, ${timeoutWords(upstream.timeouts)}` : "";
  const facts = `${keyWords(provider.keySource)}, ${modelWords(models)}${waits}${through}${reach}`;
  return `${provider.id}  ${where}  (${REASONS[provider.because]}; ${facts})`;
}

function modelWords(count: number): string {
  if (count === 0) return "models not listed";
  return count === 1 ? "1 model" : `${count} models`;
}

function keyWords(source: KeySource): string {
  switch (source.from) {
    case "environment":
      return `key from ${source.variables.join(", ")}`;
    case "file":
      return `key from the file ${source.path}`;
    case "configuration":
      return "key written in the file";
    case "store":
      return "key entered and stored encrypted";
    case "nowhere":
      return "no key";
  }
}

function timeoutWords(timeouts: Timeouts): string {
  const { connectMs, firstByteMs, betweenBytesMs, totalMs } = timeouts;
  const seconds = (ms: number) => `${ms / 1000} s`;
  const phases = `${seconds(connectMs)} to connect, ${seconds(firstByteMs)} to the first byte`;
  return `${phases}, ${seconds(betweenBytesMs)} between bytes, ${seconds(totalMs)} in all`;
}
