import type { CallRecord } from "./call-log.ts";
import type { Connection } from "./connection.ts";
import type { Ending } from "./fault.ts";
import type { ResponsePlan } from "./plan.ts";

/** Answers one call as planned and writes in its record how that went. True: the connection may serve another. */
export async function send(connection: Connection, plan: ResponsePlan, record: CallRecord): Promise<boolean> {
  const ending = await sendBody(connection, plan, record);
  if (ending === "hang") await connection.untilClosed();
  if (ending === "reset") await connection.wait(plan.endingDelayMs);
  if (connection.closed) {
    record.outcome = "client-closed";
    record.abortedAtMs = connection.closedAtMs ?? Date.now();
    return false;
  }
  record.outcome = plan.faulty ? "fault" : "finished";
  record.finishedAtMs = Date.now();
  if (ending === "reset") connection.socket.resetAndDestroy();
  if (ending === "close") connection.socket.end();
  return ending === "complete";
}

async function sendBody(connection: Connection, plan: ResponsePlan, record: CallRecord): Promise<Ending> {
  if (plan.single !== undefined) {
    await connection.write(plan.single.wire);
    if (!connection.closed) count(record, plan.single);
    return plan.ending;
  }
  await connection.wait(plan.delayBeforeHeadersMs);
  if (plan.insteadOfHeaders !== undefined) return plan.insteadOfHeaders;
  await connection.write(plan.head);
  await (connection.wait(plan.delayBeforeBodyMs) ?? connection.turn());

  let written = 0;
  for (const piece of plan.pieces) {
    if (written > 0) {
      if (plan.paceMs > 0) await connection.wait(plan.paceMs);
      else if (written % plan.piecesPerTurn === 0) await connection.turn();
    }
    await connection.write(piece.wire);
    if (connection.closed) break;
    count(record, piece);
    written += 1;
  }
  return plan.ending;
}

function count(record: CallRecord, sent: { readonly bytes: number; readonly events: number }): void {
  record.bytesSent += sent.bytes;
  record.eventsSent += sent.events;
}
