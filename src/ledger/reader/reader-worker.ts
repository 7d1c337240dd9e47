import { openDatabase } from "../../storage/open-database.ts";
import type { SealKey } from "../bodies/body-seal.ts";
import { setThreadPriority } from "../thread-priority.ts";
import type { FromReader, Question, ToReader } from "./reader-messages.ts";
import { StoreReader } from "./store-reader.ts";

// The reading thread: answers questions about the ledger, in turn; long ones let others in between.

declare const self: Worker;

/** Calls come first where cores are scarce, then the store writer. */
const NICE = 10;

let storePath = "";
let sealKeys: readonly SealKey[] = [];
let reader: StoreReader | undefined;

self.onmessage = (event: MessageEvent<ToReader>) => {
  const message = event.data;
  if (message.kind === "start") {
    ({ storePath, sealKeys } = message);
    setThreadPriority(NICE);
    return;
  }
  const { number, question } = message;
  answer(question).then(
    (found) => send({ number, answer: found }),
    (failure: unknown) => send({ number, failure: String(failure) }),
  );
};

async function answer(question: Question): Promise<unknown> {
  reader ??= new StoreReader(openDatabase(storePath, { create: false, checkpoint: false }), () => sealKeys);
  const asked = reader;
  try {
    return await ask(asked, question);
  } catch (failure) {
    // A connection that has failed may be that of a file which is gone; the next question takes a new one.
    asked.close();
    if (reader === asked) reader = undefined;
    throw failure;
  }
}

function ask(reader: StoreReader, question: Question): Promise<unknown> {
  switch (question.kind) {
    case "usage":
      return reader.usage(question.input);
    case "usageExport":
      return reader.usageExport(question.input);
    case "requests":
      return reader.requests(question.input);
    case "request":
      return reader.request(question.input);
    case "body":
      return reader.body(question.input);
    case "rowExport":
      return reader.rowExport(question.input);
    case "routeResults":
      return reader.routeResults(question.input);
  }
}

function send(message: FromReader): void {
  self.postMessage(message);
}
