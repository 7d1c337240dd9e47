import type { Problem } from "../../config/problem.ts";
import type { Egress } from "../../egress/egress.ts";
import { type Origin, originAt } from "../../egress/endpoint.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { ConcurrencyLimit } from "../../policy/limits/concurrency.ts";
import type { Log } from "../../telemetry/log.ts";
import type { CurrentPriceBook } from "../current-price-book.ts";
import type { CurrentGuards } from "./current-guards.ts";
import { needsRestart } from "./needs-restart.ts";
import type { RunningConfiguration } from "./running-configuration.ts";

/** What outlives revisions and goes by the one in force. */
export interface Survivors {
  readonly prices: CurrentPriceBook;
  readonly concurrency: ConcurrencyLimit;
  readonly egress: Egress;
  readonly guards: CurrentGuards;
  readonly log: Log;
}

/** Keeps what outlives revisions in line with each that comes into force, and tells the log of it. */
export function followRevisions(running: RunningConfiguration, survivors: Survivors): void {
  const { prices, concurrency, egress, guards, log } = survivors;
  const started = running.current.settings;
  let before = running.current.snapshot;
  running.onChange(({ number, settings, snapshot }) => {
    prices.use(settings);
    concurrency.maxTotal = snapshot.limits.maxInFlight;
    egress.moveOn(originsOf(before), originsOf(snapshot));
    guards.use(settings);
    log.level = settings.configuration.log.level;
    before = snapshot;
    log.info({ revision: number, needs_restart: needsRestart(started, settings) }, "configuration in force");
  });
  const tell = (problems: readonly Problem[]): void => {
    for (const { file, line, path, message, mend } of problems)
      log.error({ file, line, path, mend }, `configuration not taken in: ${message}`);
  };
  tell(running.problems);
  running.onProblems((problems) => {
    if (problems.length === 0) log.info("configuration mended");
    tell(problems);
  });
}

function originsOf({ upstreams }: Snapshot): Origin[] {
  return [...upstreams.values()].flatMap(({ origin, tls, reach, local }) =>
    local === undefined
      ? [originAt({ url: origin, ca: tls?.ca, ...(reach === undefined ? {} : { reach }) })]
      : [],
  );
}
