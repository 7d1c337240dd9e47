import { JournalProgress } from "./journal-progress.ts";
import { setThreadPriority } from "./thread-priority.ts";
import { type StepResult, StoreWriter } from "./writer.ts";
import type { FromWriter, ToWriter, WriterStart } from "./writer-messages.ts";

// The store writer's thread: steps, pauses, and tells the main thread when something changes.

const POLL_MS = 150;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;

declare const self: Worker;

let writer: StoreWriter | undefined;
let isStopping = false;
let failures = 0;
let told = "";

self.onmessage = (event: MessageEvent<ToWriter>) => {
  const message = event.data;
  if (message.kind === "stop") isStopping = true;
  else if (message.kind === "keep-bodies") writer?.keepBodies(message.bodies);
  else if (message.kind === "seal-key") writer?.sealBodiesWith(message.sealKey);
  else start(message);
};

/** Calls come first where cores are scarce; a quarter of one is still more than the rows of that core's calls need. */
const NICE = 5;

function start({ storePath, journalFolder, memory, sealKey }: WriterStart): void {
  writer = new StoreWriter({
    storePath,
    journalFolder,
    progress: new JournalProgress(memory),
    ...(sealKey === undefined ? {} : { sealKey }),
    bodiesKept: (bytes) => send({ kind: "bodies-kept", bytes }),
  });
  setThreadPriority(NICE);
  run(writer);
}

function run(current: StoreWriter): void {
  const result = current.step();
  failures = result.kind === "down" ? failures + 1 : 0;
  tell(result, current.rejectedLines);
  if (isStopping && result.kind === "idle") stop(current);
  else setTimeout(run, pauseAfter(result), current);
}

function pauseAfter(result: StepResult): number {
  if (result.kind === "down") return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
  // After a smaller chunk more is worth waiting for: a transaction's calls are added to each rollup together, and opening
  // and end of a call become one row.
  return isStopping || (result.kind === "moved" && result.lines > FULL_CHUNK_LINES) ? 0 : POLL_MS;
}

/** A thousand calls. */
const FULL_CHUNK_LINES = 3_000;

function tell(result: StepResult, rejectedLines: number): void {
  const failure = result.kind === "down" ? result.reason : undefined;
  const key = `${rejectedLines} ${failure}`;
  if (key === told) return;
  told = key;
  send({ kind: "state", failure, rejectedLines });
}

function stop(current: StoreWriter): void {
  current.close();
  send({ kind: "stopped" });
}

function send(message: FromWriter): void {
  self.postMessage(message);
}
