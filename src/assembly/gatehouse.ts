import { identifyAdministrator } from "../admin/identify.ts";
import type { AdminParts } from "../admin/resource.ts";
import { dialects } from "../dialects/index.ts";
import { Egress } from "../egress/egress.ts";
import { identify } from "../gateway/identify.ts";
import type { Interruptible, Parts } from "../gateway/parts.ts";
import { Ticker } from "../gateway/ticker.ts";
import { UpstreamCalls } from "../gateway/upstream-calls.ts";
import { ReaderThread } from "../ledger/reader/reader-thread.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { Admissions } from "../policy/admission.ts";
import { Budgets } from "../policy/budgets/budgets.ts";
import { OutputForecast } from "../policy/budgets/output-forecast.ts";
import { ledgerHistory } from "../policy/budgets/spend-history.ts";
import { BrowserTokens } from "../policy/identity/browser-tokens.ts";
import { KeyDirectory } from "../policy/identity/key-directory.ts";
import { ConcurrencyLimit } from "../policy/limits/concurrency.ts";
import { RateLimits } from "../policy/limits/rate-limits.ts";
import { RoutingState } from "../routing/routing-state.ts";
import { hostGuard } from "../server/guards/host.ts";
import { originGuard } from "../server/guards/origin.ts";
import { listen } from "../server/listener.ts";
import type { Administration } from "../server/routes/administration.ts";
import { routeTable } from "../server/routes/index.ts";
import { ChangeWatch } from "../storage/change-watch.ts";
import { lockDataFolder } from "../storage/data-lock.ts";
import { openSqlite, storePath } from "../storage/open-sqlite.ts";
import { type Logs, openLog } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { resources } from "./administration.ts";
import { openAlerts, testWebhook } from "./alerts.ts";
import { VERSION } from "./compile/version.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { processSnapshot } from "./configuration/process-settings.ts";
import { drain } from "./drain.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { type FirstSecrets, firstRun } from "./first-run.ts";
import { type MasterKey, openMasterKey } from "./master-key.ts";
import { openBooks } from "./open-books.ts";

/** How long calls in flight may go on once the gateway is told to stop. */
const DRAIN_MS = 30_000;

/** A gateway that runs. */
export interface Gatehouse {
  readonly url: string;
  readonly snapshot: Snapshot;
  /** The secrets of a first start, to be shown once. */
  readonly firstSecrets: FirstSecrets | undefined;
  /** What is encrypted at rest and signed is so with keys derived from it. */
  readonly masterKey: MasterKey;
  /** Stops taking calls, lets those in flight end, settles every row, and closes everything. */
  stop(): Promise<void>;
}

/** Puts the parts together and listens. Throws with a mend where the data folder is in use or the port is taken. */
export async function startGatehouse(settings: Settings): Promise<Gatehouse> {
  const masterKey = openMasterKey(settings.dataFolder, process.env);
  const lock = lockDataFolder(settings.dataFolder);
  const logs = openLog(settings.configuration.log.level);
  const store = await openSqlite(settings.dataFolder);
  const keys = await KeyDirectory.open(store);
  const books = await openBooks(settings, store, (id) =>
    logs.log.error({ price_override: id }, "stored price left out: it can't be read"),
  );
  const snapshot = processSnapshot(settings);
  const delay = new EventLoopDelay();
  const history = ledgerHistory(store, () => books.ledger.caughtUp());
  const egress = new Egress();
  const alerts = openAlerts({ settings, store, egress, log: logs.log });
  const budgets = new Budgets(history, alerts.budgets.noteSpent);
  const tokens = browserTokens(settings, keys, masterKey);
  const parts = gatewayParts({ settings, snapshot, keys, tokens, budgets, egress, logs, delay, ...books });
  const watch = new ChangeWatch(store, [keys, books.prices], (error) =>
    logs.log.error({ cause: String(error) }, "changes not taken in"),
  );
  const reader = new ReaderThread(storePath(settings.dataFolder));
  const administered: AdminParts = {
    store,
    budgets,
    reader,
    snapshot: () => snapshot,
    prices: () => books.prices,
    routing: () => parts.routing,
    testWebhook: () => testWebhook(settings, egress),
    changed: () => watch.refresh(),
  };
  const administration = { resources, version: VERSION, parts: administered };
  const readiness = new Readiness();
  const close = async (): Promise<void> => {
    parts.ticker.stop();
    await alerts.stop();
    egress.close();
    delay.stop();
    watch.stop();
    reader.close();
    await books.ledger.drain();
    await store.destroy();
    lock.release();
    parts.telemetry.settle();
    logs.flush();
  };
  let server: Bun.Server<undefined>;
  try {
    server = listenOn(settings, parts, keys, administration, readiness);
  } catch (failure) {
    await close();
    throw failure;
  }
  // Made only when nothing can fail any more: the keys of a start that failed would be shown to nobody, ever.
  const firstSecrets = await firstRun(administration.parts);
  await watch.refresh();
  watch.start();
  alerts.start();
  parts.ticker.start();
  return {
    url: `http://${server.hostname?.includes(":") === true ? `[${server.hostname}]` : server.hostname}:${server.port}`,
    snapshot,
    firstSecrets,
    masterKey,
    async stop() {
      readiness.draining = true;
      const closed = server.stop();
      await drain(parts.liveCalls, DRAIN_MS);
      await Promise.race([closed, Bun.sleep(1000)]);
      await server.stop(true);
      await close();
    },
  };
}

/**
 * A journal that can't be written is no reason not to be ready: each call tries it again and is told, and without
 * calls nothing would find out that it has healed.
 */
class Readiness {
  draining = false;

  notReadyBecause(): string | undefined {
    return this.draining ? "draining" : undefined;
  }
}

/** What the gateway's parts are made of. */
export interface Ingredients
  extends Pick<Parts, "keys" | "tokens" | "ledger" | "prices" | "budgets" | "egress"> {
  readonly settings: Settings;
  readonly snapshot: Snapshot;
  readonly logs: Logs;
  readonly delay: EventLoopDelay;
}

/** Puts the gateway's parts together. */
export function gatewayParts(ingredients: Ingredients): Parts {
  const { settings, snapshot, keys, tokens, ledger, prices, budgets, egress, logs, delay } = ingredients;
  const concurrency = new ConcurrencyLimit(snapshot.limits.maxInFlight);
  const rates = new RateLimits();
  const upstreamCalls = new UpstreamCalls();
  const openStreams = new Set<Interruptible>();
  const recorded = new Set(settings.configuration.log.content_of_projects);
  const metrics = new Metrics({
    openStreams: () => openStreams.size,
    inFlight: () => concurrency.inFlight,
    upstreamInFlight: () => upstreamCalls.entries(),
    journalLag: () => ledger.lag(),
    ledgerHealth: () => ledger.health(),
    eventLoopDelayMs: () => delay.worstMs(),
  });
  return {
    snapshot: () => snapshot,
    dialects,
    keys,
    tokens,
    configuredOrigins: new Set(settings.configuration.server.cors.origins),
    admissions: new Admissions(concurrency, rates, budgets),
    rates,
    budgets,
    forecast: new OutputForecast(),
    routing: new RoutingState(() => snapshot.routing),
    egress,
    ledger,
    prices,
    telemetry: new Telemetry(metrics, logs),
    ticker: new Ticker(),
    upstreamCalls,
    liveCalls: new Set<Interruptible>(),
    openStreams,
    recordsContent: (project) => recorded.has(project),
  };
}

function browserTokens(settings: Settings, keys: KeyDirectory, masterKey: MasterKey): BrowserTokens {
  const configuredOrigins = new Set(settings.configuration.server.cors.origins);
  return new BrowserTokens(keys, masterKey.derive("browser tokens"), configuredOrigins);
}

function listenOn(
  settings: Settings,
  parts: Parts,
  keys: KeyDirectory,
  administration: Administration,
  readiness: Readiness,
) {
  const { server } = settings.configuration;
  return listen({
    host: server.host,
    port: server.port,
    routes: routeTable(parts, administration, readiness),
    dialects,
    hostGuard: hostGuard(server.trusted_hosts),
    originGuard: originGuard(server.cors, (origin) => keys.listsOrigin(origin)),
    telemetry: parts.telemetry,
    identifyCaller: (request) => identify(request, parts),
    identifyAdministrator: (headers) => identifyAdministrator(headers, keys),
  });
}
