import type { Database } from "bun:sqlite";
import type { BodyPart, CallBodies } from "../../model/recorded-body.ts";
import type { RecordedBodyRow } from "../../storage/schema.ts";
import { openBody, type SealKey, sealBody } from "./body-seal.ts";

/** What is told of a recorded body without opening it. */
export type BodySummary = Pick<
  RecordedBodyRow,
  "part" | "content_type" | "body_bytes" | "is_cut" | "recorded_at_ms" | "expires_at_ms"
>;

/** Which body of which request. */
export interface BodyQuestion {
  readonly requestId: string;
  readonly part: BodyPart;
}

/** A recorded body; `bytes` are undefined where it is sealed under another key than those at hand. */
export interface FoundBody {
  readonly summary: BodySummary;
  readonly keyId: string;
  readonly bytes: Uint8Array | undefined;
}

const SUMMARY = "part, content_type, body_bytes, is_cut, recorded_at_ms, expires_at_ms";

/** Seals bodies and writes them, in one transaction. Throws SQLiteError. */
export function writeBodies(database: Database, key: SealKey, calls: readonly CallBodies[]): void {
  const insert = database.query<unknown, (string | number | Uint8Array)[]>(
    `insert into recorded_bodies
       (request_id, project, recorded_at_ms, expires_at_ms, part, content_type, body_bytes, is_cut, key_id, sealed)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  );
  database.transaction(() => {
    for (const { requestId, project, recordedAtMs, expiresAtMs, bodies } of calls) {
      for (const { part, contentType, bytes, totalBytes } of bodies) {
        const isCut = bytes.byteLength < totalBytes ? 1 : 0;
        const sealed = sealBody(key, { project, requestId, part }, bytes);
        const times = [recordedAtMs, expiresAtMs];
        insert.run(requestId, project, ...times, part, contentType, totalBytes, isCut, key.id, sealed);
      }
    }
  })();
}

/** The bodies that are kept of a request, in the order of asking and answering. */
export function bodiesOf(database: Database, requestId: string, nowMs: number): BodySummary[] {
  return database
    .query<BodySummary, [string, number]>(
      `select ${SUMMARY} from recorded_bodies where request_id = ? and expires_at_ms > ? order by part desc`,
    )
    .all(requestId, nowMs);
}

/** Reads and opens a body; undefined where none is kept. Throws where it was tampered with. */
export function readBody(
  database: Database,
  keys: readonly SealKey[],
  { requestId, part }: BodyQuestion,
  nowMs: number,
): FoundBody | undefined {
  const row = database
    .query<BodySummary & Pick<RecordedBodyRow, "project" | "key_id" | "sealed">, [string, string, number]>(
      `select ${SUMMARY}, project, key_id, sealed from recorded_bodies
       where request_id = ? and part = ? and expires_at_ms > ?`,
    )
    .get(requestId, part, nowMs);
  if (row === null) return undefined;
  const { project, key_id: keyId, sealed, ...summary } = row;
  const key = keys.find(({ id }) => id === keyId);
  const bytes = key === undefined ? undefined : openBody(key, { project, requestId, part }, sealed);
  return { summary, keyId, bytes };
}
