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
let connection: Connection | undefined;

/** One that questions share while they are answered. */
interface Connection {
  readonly reader: StoreReader;
  /** So many questions are being answered from it. */
  asked: number;
}

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
  connection ??= connect();
  const own = connection;
  own.asked++;
  try {
    return await ask(own.reader, question);
  } catch (failure) {
    // A connection that has failed may be that of a file which is gone; the next question takes a new one.
    if (connection === own) connection = undefined;
    throw failure;
  } finally {
    own.asked--;
    if (connection !== own && own.asked === 0) own.reader.close();
  }
}

function connect(): Connection {
  const database = openDatabase(storePath, { create: false, checkpoint: false });
  return { reader: new StoreReader(database, () => sealKeys), asked: 0 };
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
