import { existsSync } from "node:fs";
import type { Kysely } from "kysely";
import { identifyAdministrator } from "../admin/identify.ts";
import type { AdminParts } from "../admin/resource.ts";
import { RevisionStore } from "../admin/revisions/revision-store.ts";
import { SecretStore } from "../admin/revisions/secret-store.ts";
import { FileWatch } from "../config/file-watch.ts";
import type { Problem } from "../config/problem.ts";
import { dialects } from "../dialects/index.ts";
import { Egress } from "../egress/egress.ts";
import { HealthProbes } from "../gateway/health-probes.ts";
import { identify } from "../gateway/identify.ts";
import type { Interruptible, Parts } from "../gateway/parts.ts";
import { Ticker } from "../gateway/ticker.ts";
import { UpstreamCalls } from "../gateway/upstream-calls.ts";
import { ReaderThread } from "../ledger/reader/reader-thread.ts";
import { Admissions } from "../policy/admission.ts";
import { Budgets } from "../policy/budgets/budgets.ts";
import { OutputForecast } from "../policy/budgets/output-forecast.ts";
import { ledgerHistory } from "../policy/budgets/spend-history.ts";
import { AnswerSeal } from "../policy/idempotency/answer-seal.ts";
import { KeptAnswers } from "../policy/idempotency/kept-answers.ts";
import { BrowserTokens } from "../policy/identity/browser-tokens.ts";
import { KeyDirectory } from "../policy/identity/key-directory.ts";
import { ConcurrencyLimit } from "../policy/limits/concurrency.ts";
import { RateLimits } from "../policy/limits/rate-limits.ts";
import { RoutingState } from "../routing/routing-state.ts";
import { listen } from "../server/listener.ts";
import type { Administration } from "../server/routes/administration.ts";
import { routeTable } from "../server/routes/index.ts";
import { AnswerDatabase } from "../storage/answer-database.ts";
import { ChangeWatch } from "../storage/change-watch.ts";
import { type DataLock, lockDataFolder } from "../storage/data-lock.ts";
import { openSqlite, storePath } from "../storage/open-sqlite.ts";
import type { Tables } from "../storage/schema.ts";
import { StoredResponseDatabase } from "../storage/stored-response-database.ts";
import { type Logs, openLog } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { resources } from "./administration.ts";
import { openAlerts, testWebhook } from "./alerts.ts";
import { bodySealKeys } from "./body-seal-key.ts";
import { VERSION } from "./compile/version.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { type FirstSecrets, firstRun } from "./first-run.ts";
import { followMasterKey, sealAnew } from "./follow-master-key.ts";
import type { MasterKey } from "./master-key.ts";
import { MasterKeys } from "./master-keys.ts";
import { openBooks } from "./open-books.ts";
import { configurationControl } from "./revisions/configuration-control.ts";
import { CurrentGuards } from "./revisions/current-guards.ts";
import { followRevisions } from "./revisions/follow-revisions.ts";
import { needsRestart } from "./revisions/needs-restart.ts";
import { sealerOf } from "./revisions/open-sealer.ts";
import { type RevisionParts, type Running, RunningConfiguration } from "./revisions/running-configuration.ts";
import { atMost, shutDown } from "./shutdown.ts";

/** A gateway that runs. */
export interface Gatehouse {
  readonly url: string;
  /** What is in force. */
  readonly running: Running;
  /** What keeps something newer from being in force. */
  readonly problems: readonly Problem[];
  /** The secrets of a first start, to be shown once. */
  readonly firstSecrets: FirstSecrets | undefined;
  /** What is encrypted at rest and signed is so with keys derived from it. */
  readonly masterKey: MasterKey;
  /** Stops taking calls, lets those in flight end, settles every row, and closes everything. */
  stop(): Promise<void>;
}

/** Whether a gateway has been started on a data folder before, so that something may be stored there. */
export function hasStore(dataFolder: string): boolean {
  return existsSync(storePath(dataFolder));
}

/**
 * Puts the parts together and listens. Throws with a mend where the data folder is in use or the port is taken, and
 * ConfigurationUnusable where there is no configuration to run.
 */
export async function startGatehouse(dataFolder: string): Promise<Gatehouse> {
  const masterKeys = new MasterKeys(dataFolder, process.env);
  const lock = lockDataFolder(dataFolder);
  const store = await openSqlite(dataFolder, lock);
  try {
    const revisionParts = await openRevisions(store, masterKeys);
    const running = await RunningConfiguration.open(revisionParts);
    return await startParts({ masterKeys, lock, store, revisionParts, running });
  } catch (failure) {
    await store.destroy();
    lock.release();
    throw failure;
  }
}

/** What is there before anything is configured. */
interface Foundation {
  readonly masterKeys: MasterKeys;
  readonly lock: DataLock;
  readonly store: Kysely<Tables>;
  readonly revisionParts: RevisionParts;
  readonly running: RunningConfiguration;
}

async function openRevisions(store: Kysely<Tables>, masterKeys: MasterKeys): Promise<RevisionParts> {
  const sealer = sealerOf(masterKeys);
  const parts = {
    store,
    revisions: new RevisionStore(store, sealer),
    secrets: new SecretStore(store, sealer),
  };
  // Where the master key was changed, all is sealed anew with the one that there is now.
  await sealAnew(parts);
  return parts;
}

async function startParts(foundation: Foundation): Promise<Gatehouse> {
  const { masterKeys, lock, store, running } = foundation;
  const { settings } = running.current;
  const logs = openLog(settings.configuration.log.level);
  const keys = await KeyDirectory.open(store);
  const books = await openBooks(settings, store, bodySealKeys(masterKeys)[0], (id) =>
    logs.log.error({ price_override: id }, "stored price left out: it can't be read"),
  );
  const delay = new EventLoopDelay();
  const history = ledgerHistory(store, () => books.ledger.caughtUp());
  const egress = new Egress();
  const current = () => running.current.settings;
  const alerts = openAlerts({ settings: current, store, egress, log: logs.log });
  const budgets = new Budgets(history, alerts.budgets.noteSpent);
  const concurrency = new ConcurrencyLimit(running.current.snapshot.limits.maxInFlight);
  const guards = new CurrentGuards(settings, (origin) => keys.listsOrigin(origin));
  const { configuredOrigins } = guards;
  const tokens = new BrowserTokens(keys, () => masterKeys.derive("browser tokens"), configuredOrigins);
  const answers = keptAnswers(settings, masterKeys);
  const storedResponses = new StoredResponseDatabase(settings.dataFolder, (error) =>
    logs.log.error({ cause: String(error) }, "stored responses not remembered"),
  );
  const parts = gatewayParts({
    ...{ running, concurrency, configuredOrigins, keys, tokens, answers, storedResponses, budgets, egress },
    ...{ logs, delay },
    ...books,
  });
  followRevisions(running, { ...books, concurrency, egress, guards, log: logs.log });
  const watch = new ChangeWatch(store, [keys, books.prices, running], (error) =>
    logs.log.error({ cause: String(error) }, "changes not taken in"),
  );
  const files = new FileWatch(
    () => running.files,
    () =>
      running.takeFile().catch((error: unknown) => {
        logs.log.error({ cause: String(error) }, "configuration file not taken in");
        throw error;
      }),
  );
  const reader = new ReaderThread(storePath(settings.dataFolder), bodySealKeys(masterKeys));
  const masterKeyWatch = followMasterKey({
    ...{ masterKeys, ledger: books.ledger, reader, stored: foundation.revisionParts, log: logs.log },
  });
  const probes = new HealthProbes(parts);
  const administered: AdminParts = {
    store,
    budgets,
    reader,
    configuration: controlOf(foundation),
    snapshot: () => running.current.snapshot,
    prices: () => books.prices,
    routing: () => parts.routing,
    testWebhook: () => testWebhook(current(), egress),
    changed: () => watch.refresh(),
  };
  const administration = { resources, version: VERSION, parts: administered };
  const readiness = new Readiness(running);
  const close = async (limitMs?: number): Promise<void> => {
    files.stop();
    masterKeyWatch.stop();
    watch.stop();
    probes.stop();
    parts.ticker.stop();
    const endMs = performance.now() + (limitMs ?? Number.POSITIVE_INFINITY);
    await atMost(alerts.stop(), (limitMs ?? Number.POSITIVE_INFINITY) / 2);
    egress.close();
    delay.stop();
    answers.close();
    storedResponses.close();
    reader.close();
    await books.ledger.drain(endMs - performance.now());
    await store.destroy();
    lock.release();
    parts.telemetry.settle();
    logs.flush();
  };
  let server: Bun.Server<undefined>;
  try {
    server = listenOn(settings, parts, keys, guards, administration, readiness);
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
  probes.start();
  return {
    url: `http://${server.hostname?.includes(":") === true ? `[${server.hostname}]` : server.hostname}:${server.port}`,
    running: running.current,
    problems: running.problems,
    firstSecrets,
    masterKey: masterKeys.current,
    stop() {
      readiness.draining = true;
      const { unready_ms: unreadyMs, drain_ms: drainMs } = current().configuration.server.shutdown;
      const { liveCalls: calls, shadowCalls } = parts;
      return shutDown({ server, calls, shadowCalls, close }, { unreadyMs, drainMs });
    },
  };
}

/**
 * A journal that can't be written is no reason not to be ready: each call tries it again and is told, and without
 * calls nothing would find out that it has healed.
 */
class Readiness {
  readonly #running: RunningConfiguration;
  draining = false;

  constructor(running: RunningConfiguration) {
    this.#running = running;
  }

  notReadyBecause(): string | undefined {
    return this.draining ? "draining" : undefined;
  }

  /** What whoever looks after the gateway should know, though it is no reason not to call it. Holds no value of it. */
  remarks(): object {
    const { problems } = this.#running;
    if (problems.length === 0) return {};
    const told = problems.map(({ line, path, mend }) => ({ line, path, mend }));
    return { configuration: { revision: this.#running.current.number, not_in_force_because: told } };
  }
}

/** What the gateway's parts are made of. */
export interface Ingredients
  extends Pick<
    Parts,
    | "keys"
    | "tokens"
    | "answers"
    | "storedResponses"
    | "configuredOrigins"
    | "ledger"
    | "prices"
    | "budgets"
    | "egress"
  > {
  readonly running: Pick<RunningConfiguration, "current" | "problems">;
  readonly concurrency: ConcurrencyLimit;
  readonly logs: Logs;
  readonly delay: EventLoopDelay;
}

/** Puts the gateway's parts together. */
export function gatewayParts(ingredients: Ingredients): Parts {
  const {
    running,
    concurrency,
    configuredOrigins,
    keys,
    tokens,
    answers,
    storedResponses,
    ledger,
    prices,
    budgets,
    egress,
    logs,
    delay,
  } = ingredients;
  const rates = new RateLimits();
  const upstreamCalls = new UpstreamCalls();
  const openStreams = new Set<Interruptible>();
  const metrics = new Metrics({
    openStreams: () => openStreams.size,
    inFlight: () => concurrency.inFlight,
    upstreamInFlight: () => upstreamCalls.entries(),
    journalLag: () => ledger.lag(),
    ledgerHealth: () => ledger.health(),
    eventLoopDelayMs: () => delay.worstMs(),
    configuration: () => ({ revision: running.current.number, problems: running.problems }),
  });
  return {
    snapshot: () => running.current.snapshot,
    dialects,
    keys,
    tokens,
    answers,
    storedResponses,
    configuredOrigins,
    admissions: new Admissions(concurrency, rates, budgets),
    rates,
    budgets,
    forecast: new OutputForecast(),
    routing: new RoutingState(() => running.current.snapshot.routing),
    egress,
    ledger,
    prices,
    telemetry: new Telemetry(metrics, logs),
    ticker: new Ticker(),
    upstreamCalls,
    liveCalls: new Set<Interruptible>(),
    shadowCalls: new Set<Interruptible>(),
    openStreams,
    recordsContent: (project) => running.current.snapshot.contentProjects.has(project),
  };
}

function keptAnswers({ dataFolder, configuration }: Settings, masterKeys: MasterKeys): KeptAnswers {
  const { answer_bytes, store_bytes } = configuration.idempotency;
  const seal = new AnswerSeal(
    () => masterKeys.derive("kept answers"),
    () => masterKeys.derive("names of kept answers"),
  );
  return new KeptAnswers(new AnswerDatabase(dataFolder, store_bytes), seal, answer_bytes);
}

function controlOf({ revisionParts, running }: Foundation): AdminParts["configuration"] {
  const started = running.current.settings;
  return configurationControl(revisionParts, {
    settings: () => running.current.settings,
    state: async () => ({
      number: running.current.number,
      file: running.file,
      problems: running.problems,
      needsRestart: needsRestart(started, running.current.settings),
    }),
  });
}

function listenOn(
  settings: Settings,
  parts: Parts,
  keys: KeyDirectory,
  guards: CurrentGuards,
  administration: Administration,
  readiness: Readiness,
) {
  const { server } = settings.configuration;
  return listen({
    host: server.host,
    port: server.port,
    routes: routeTable(parts, administration, readiness),
    dialects,
    hostGuard: guards.host,
    originGuard: guards.origin,
    telemetry: parts.telemetry,
    identifyCaller: (request) => identify(request, parts),
    identifyAdministrator: (headers) => identifyAdministrator(headers, keys),
  });
}
