import type { Settings } from "../configuration/load-settings.ts";

/** What is read once, at the start: the address that is listened on, how the journal is written, what answers are kept. */
const AT_START: { readonly [path: string]: (settings: Settings) => unknown } = Object.freeze({
  "server.host": ({ configuration }) => configuration.server.host,
  "server.port": ({ configuration }) => configuration.server.port,
  "ledger.durability": ({ configuration }) => configuration.ledger.durability,
  "ledger.journal_bytes": ({ configuration }) => configuration.ledger.journal_bytes,
  "idempotency.answer_bytes": ({ configuration }) => configuration.idempotency.answer_bytes,
  "idempotency.store_bytes": ({ configuration }) => configuration.idempotency.store_bytes,
});

/** The settings that differ from those at the start and take effect at the next one only. */
export function needsRestart(started: Settings, current: Settings): readonly string[] {
  return Object.entries(AT_START).flatMap(([path, read]) => (read(started) === read(current) ? [] : [path]));
}
