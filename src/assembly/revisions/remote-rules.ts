import { type Origin, originOf } from "../../config/origin.ts";
import type { Finding, Path } from "../../config/problem.ts";
import { addressFault, foreignReach } from "../../egress/guard/guard.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import type { Settings } from "../configuration/load-settings.ts";

/**
 * What a change that comes over the network may not do, though it may change everything else: whoever holds an admin key
 * must not get at this machine by it. It brings no reference to an environment variable or a file that is not there
 * already, for the same provider at the same origin; it leads no call into this network; it moves no secret, which it
 * can't read, to another origin.
 */
export function remoteFindings(running: Settings, next: Settings): Finding[] {
  const known = new Map(running.providers.map((provider) => [provider.id, provider]));
  return [
    ...referenceFindings(running, next, known),
    ...allowanceFindings(running, next),
    ...webhookFindings(running, next),
    ...next.providers.flatMap((provider) => providerFindings(provider, known.get(provider.id), running)),
  ];
}

type Known = ReadonlyMap<string, ActiveProvider>;

const MOVED = "was entered for another origin";
const LOCALLY = "Let whoever can write the configuration file do it, or use the command line on the machine.";

function referenceFindings(running: Settings, next: Settings, known: Known): Finding[] {
  return [...next.origins].flatMap(([key, origin]): Finding[] => {
    const path: Path = JSON.parse(key);
    const isKept = isSame(originOf(running.origins, path), origin) && !isMoved(path, next, known);
    if (isKept) return [];
    const what =
      origin.from === "file" ? "a file of this machine" : "an environment variable of this machine";
    const message = `refers to ${what}, which a change over the network can't bring in`;
    return [
      { path, message, mend: `Write the value itself, or store it as the provider's secret. ${LOCALLY}` },
    ];
  });
}

function isSame(one: Origin | undefined, other: Origin): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether what belongs to a provider would go to another origin than it does now. */
function isMoved(path: Path, next: Settings, known: Known): boolean {
  const [section, id] = path;
  if (section !== "providers" || typeof id !== "string") return false;
  return (
    originOfProvider(next.providers.find((provider) => provider.id === id)) !==
    originOfProvider(known.get(id))
  );
}

function originOfProvider(provider: ActiveProvider | undefined): string | undefined {
  return provider === undefined ? undefined : new URL(provider.baseUrl).origin;
}

function allowanceFindings(running: Settings, next: Settings): Finding[] {
  const allowed = running.configuration.egress.allow;
  return next.configuration.egress.allow.flatMap((origin, index): Finding[] => {
    if (allowed.includes(origin)) return [];
    const message = "can't be allowed by a change over the network";
    return [{ path: ["egress", "allow", index], message, mend: LOCALLY }];
  });
}

function webhookFindings(running: Settings, next: Settings): Finding[] {
  const before = running.configuration.alerts.webhook;
  const webhook = next.configuration.alerts.webhook;
  if (webhook === undefined || webhook.url === before?.url) return [];
  const path = ["alerts", "webhook"];
  const fault = addressFault(
    webhook.url,
    foreignReach(webhook.url, new Set(running.configuration.egress.allow)),
  );
  if (fault !== undefined)
    return [{ path: [...path, "url"], message: `may not be called: it ${fault}`, mend: LOCALLY }];
  if (webhook.secret !== before?.secret) return [];
  return [{ path: [...path, "secret"], message: MOVED, mend: "Enter it again for the new one." }];
}

function providerFindings(
  provider: ActiveProvider,
  before: ActiveProvider | undefined,
  running: Settings,
): Finding[] {
  const path = ["providers", provider.id];
  if (provider.settings === undefined || provider.builtIn?.local !== undefined) return [];
  const isMovedElsewhere = originOfProvider(provider) !== originOfProvider(before);
  return [
    ...(isMovedElsewhere ? addressFindings(path, provider, running) : []),
    ...(isMovedElsewhere && before !== undefined ? secretFindings(path, provider, before) : []),
    ...credentialFindings(path, provider, isMovedElsewhere ? undefined : before, running),
    ...proxyFindings(path, provider, before),
  ];
}

function addressFindings(path: Path, provider: ActiveProvider, running: Settings): Finding[] {
  const { baseUrl, builtIn } = provider;
  if (builtIn !== undefined && new URL(builtIn.baseUrl).origin === new URL(baseUrl).origin) return [];
  const allowed = new Set(running.configuration.egress.allow);
  const fault = addressFault(baseUrl, foreignReach(baseUrl, allowed));
  if (fault === undefined) return [];
  const mend = `Allow ${new URL(baseUrl).origin} by \`egress.allow\` in the configuration file, then try again.`;
  return [{ path: [...path, "base_url"], message: `may not be called: it ${fault}`, mend }];
}

/** Written secrets are masked for whoever comes over the network: they can't have been meant for another origin. */
function secretFindings(path: Path, provider: ActiveProvider, before: ActiveProvider): Finding[] {
  const kept: Finding[] = [];
  const message = MOVED;
  const mend = "Enter it again for the new one.";
  const { headers } = provider.settings ?? {};
  const known = new Set(writtenKeys(before).map(([, key]) => key));
  for (const [at, key] of writtenKeys(provider))
    if (known.has(key)) kept.push({ path: [...path, ...at], message, mend });
  for (const [name, value] of Object.entries(headers ?? {}))
    if (before.settings?.headers[name] === value)
      kept.push({ path: [...path, "headers", name], message, mend });
  return kept;
}

/** Every key, and part of a credential, that is written for a provider, with its place. */
function writtenKeys({ settings }: ActiveProvider): (readonly [at: Path, key: string])[] {
  const { key, keys = [], credentials = {} } = settings ?? {};
  return [
    ...(key === undefined ? [] : [[["key"], key] as const]),
    ...keys.map((one, index) => [["keys", index], typeof one === "string" ? one : one.key] as const),
    ...Object.entries(credentials).map(([name, part]) => [["credentials", name], part] as const),
  ];
}

/**
 * Credentials of several parts may name addresses where a proof is asked for, and what is left out of them is taken from the
 * environment. `before` is undefined where the provider has another origin than it had.
 */
function credentialFindings(
  path: Path,
  { settings, builtIn, credentials = {} }: ActiveProvider,
  before: ActiveProvider | undefined,
  running: Settings,
): Finding[] {
  const written = settings?.credentials ?? {};
  const names = Object.keys(written);
  const isKept = JSON.stringify(written) === JSON.stringify(before?.settings?.credentials ?? {});
  const signing = builtIn && signingOf(builtIn.authentication);
  if (names.length === 0 || isKept || signing === undefined) return [];
  const lent = Object.keys(credentials).filter((name) => !names.includes(name));
  const at = (name: string): Path => [...path, "credentials", name];
  const allowed = new Set(running.configuration.egress.allow);
  return [
    ...lent.map((name) => ({ path: at(name), message: LENT, mend: `Write it as well. ${LOCALLY}` })),
    ...Object.entries(written).flatMap(([name, value]): Finding[] => {
      const field = signing.fields[name];
      if (field?.isOfMachine?.(value) === true)
        return [{ path: at(name), message: OF_MACHINE, mend: LOCALLY }];
      const address = field?.addressIn?.(value);
      const fault = address === undefined ? undefined : addressFault(address, foreignReach(address, allowed));
      return fault === undefined
        ? []
        : [{ path: at(name), message: `may not be called: it ${fault}`, mend: LOCALLY }];
    }),
  ];
}

const LENT =
  "is not written, and a change over the network can't bring in what this machine's environment has of it";
const OF_MACHINE = "is what this machine itself has, which a change over the network can't bring in";

function proxyFindings(path: Path, provider: ActiveProvider, before: ActiveProvider | undefined): Finding[] {
  const proxy = provider.settings?.proxy;
  if (proxy === undefined || proxy === before?.settings?.proxy) return [];
  return [{ path: [...path, "proxy"], message: "can't be set by a change over the network", mend: LOCALLY }];
}
