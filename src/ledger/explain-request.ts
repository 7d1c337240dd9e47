import type { Kysely } from "kysely";
import { attemptIdsOf } from "../storage/row-ids.ts";
import type { AttemptRow, RequestRow, Tables } from "../storage/schema.ts";
import { type AttemptExplanation, explainAttempt } from "./attempt-explanation.ts";

/** What a request cost, attempt by attempt. */
export interface RequestExplanation {
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly project: string;
  readonly keyId: string;
  readonly requestedModel: string;
  /** In the order in which they were made. Copies at shadows are none of them. */
  readonly attempts: readonly AttemptExplanation[];
  /** The sums of what the ledger has, in nano-dollars. */
  readonly cost: bigint;
  readonly billed: bigint;
  /** Attempts that have no price, hence add nothing. */
  readonly unpriced: number;
}

/** Explains the cost of a request; undefined where the store has no such request. Reads only. */
export async function explainRequest(
  store: Kysely<Tables>,
  requestId: string,
): Promise<RequestExplanation | undefined> {
  const request = await store
    .selectFrom("requests")
    .selectAll()
    .where("id", "=", requestId)
    .executeTakeFirst();
  if (request === undefined) return undefined;
  const rows = await attemptsOf(store, request);
  const sheets = await sheetTexts(store, rows);
  const attempts = rows.map((row) => explainAttempt(row, sheets.get(row.price_sheet ?? "")));
  return {
    requestId,
    receivedAtMs: request.received_at_ms,
    project: request.project,
    keyId: request.key_id,
    requestedModel: request.requested_model,
    attempts,
    cost: attempts.reduce((sum, { cost }) => sum + BigInt(cost ?? 0), 0n),
    billed: attempts.reduce((sum, { billed }) => sum + BigInt(billed ?? 0), 0n),
    unpriced: attempts.filter(({ outcome, cost }) => outcome !== undefined && cost === undefined).length,
  };
}

/** Attempts are found by time, in whose order they stand; by their request alone only where a clock was set far in between. */
async function attemptsOf(store: Kysely<Tables>, request: RequestRow): Promise<AttemptRow[]> {
  const ofRequest = store
    .selectFrom("attempts")
    .selectAll()
    .where("request_id", "=", request.id)
    .where("purpose", "is not", "shadow")
    .orderBy("ordinal");
  const { from, before } = attemptIdsOf(request);
  const near = await ofRequest.where("id", ">=", from).where("id", "<", before).execute();
  return near.length >= request.attempts ? near : await ofRequest.execute();
}

async function sheetTexts(
  store: Kysely<Tables>,
  rows: readonly AttemptRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ price_sheet }) => price_sheet ?? []);
  if (ids.length === 0) return new Map();
  const sheets = await store.selectFrom("price_sheets").selectAll().where("id", "in", ids).execute();
  return new Map(sheets.map(({ id, content }) => [id, content]));
}
