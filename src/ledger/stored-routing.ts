import type { RoutedCall, RoutingRecord, TriedTarget } from "../model/routing-record.ts";

/**
 * A request's routing as the journal and its row keep it. Of most there is this to say and nothing else: one target was
 * chosen first, and called. As a list that takes a quarter of the space and of the time.
 */
export type StoredRouting = UsualRouting | RoutingRecord;

type UsualRouting = readonly [
  target: string,
  tier: number,
  score: number | null,
  atMs: number,
  afterMs: number,
  totalMs: number,
  firstTokenMs: number | null,
];

/** What is kept of a routing. */
export function storedRouting(record: RoutingRecord): StoredRouting {
  const { tried, calls, atMs } = record;
  const [only] = tried;
  const call = calls?.[0];
  if (only === undefined || call === undefined || atMs === undefined) return record;
  if (tried.length > 1 || calls?.length !== 1) return record;
  if (hasMore(record) || isUnusualTarget(only) || isUnusualCall(call)) return record;
  const { afterMs, totalMs, firstTokenMs } = call;
  return [only.target, only.tier, only.score ?? null, atMs, afterMs, totalMs, firstTokenMs ?? null];
}

function hasMore({ passedOver, stopped, facts }: RoutingRecord): boolean {
  return passedOver.length > 0 || stopped !== undefined || facts !== undefined;
}

function isUnusualTarget({ reason, credential, turn }: TriedTarget): boolean {
  return reason !== "first" || credential !== undefined || turn !== undefined;
}

function isUnusualCall({ ordinal, retryAfterMs }: RoutedCall): boolean {
  return ordinal !== 1 || retryAfterMs !== undefined;
}

/** The routing that was kept. */
export function readRouting(stored: StoredRouting): RoutingRecord {
  if (!isUsual(stored)) return stored;
  const [target, tier, score, atMs, afterMs, totalMs, firstTokenMs] = stored;
  return {
    tried: [{ target, tier, reason: "first", ...(score === null ? undefined : { score }) }],
    passedOver: [],
    atMs,
    calls: [{ ordinal: 1, afterMs, totalMs, ...(firstTokenMs === null ? undefined : { firstTokenMs }) }],
  };
}

function isUsual(stored: StoredRouting): stored is UsualRouting {
  return Array.isArray(stored);
}

/** The routing of a request's row. A gateway wrote it; one of another version may have had other words. */
export function routingOfRow({ routing }: { readonly routing: string | null }): RoutingRecord | undefined {
  return routing === null ? undefined : readRouting(JSON.parse(routing) as StoredRouting);
}
