/**
 * Opens many streams over bare sockets and reports one line of JSON. A process of its own; its order is a JSON
 * argument, `LoadOrder`. With `holdSeconds` it reports while all streams are open, and keeps them until it is killed.
 */
import { connect } from "node:net";
import { LAST_CHUNK, parseAnswer } from "./http-framing.ts";

/** What to open, and against whom. */
export interface LoadOrder {
  port: number;
  path: string;
  headers: Record<string, string>;
  body: string;
  streams: number;
  /** The opening is spread over this time, so that a stream's start is measured while others flow. */
  openingMilliseconds: number;
  /** The text that each stream must bring; unset means it isn't looked at (held streams). */
  expectedText?: string;
  /** Hold the streams open this long and then report; unset means wait for their ends. */
  holdSeconds?: number;
}

/** What became of them. */
export interface LoadReport {
  /** `data:` events over all streams, `[DONE]` included. */
  events: number;
  alive: number;
  firstEventP50: number;
  firstEventP99: number;
  /** One entry per stream that failed or brought something else than expected, at most 5 are kept. */
  faults: string[];
  faultCount: number;
}

interface Stream {
  chunks: Buffer[];
  firstEventMilliseconds: number;
  isClosed: boolean;
  ended: Promise<void>;
}

/** A stream that brings nothing for so long has failed. */
const SILENCE_MILLISECONDS = 8000;

const order: LoadOrder = JSON.parse(process.argv[2] ?? "{}");
const request = [
  `POST ${order.path} HTTP/1.1`,
  `host: 127.0.0.1:${order.port}`,
  "content-type: application/json",
  `content-length: ${Buffer.byteLength(order.body)}`,
  ...Object.entries(order.headers).map(([name, value]) => `${name}: ${value}`),
  "",
  order.body,
].join("\r\n");

/** Opens one stream and keeps what it brings; it is looked at after all have ended, off the clock. */
function open(): Stream {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stream: Stream = { chunks: [], firstEventMilliseconds: Number.NaN, isClosed: false, ended: promise };
  const begun = performance.now();
  const socket = connect(order.port, "127.0.0.1", () => socket.write(request));
  let tail: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.setTimeout(SILENCE_MILLISECONDS, () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    stream.chunks.push(bytes);
    tail = bytes.length < LAST_CHUNK.length ? Buffer.concat([tail, bytes]) : bytes;
    if (Number.isNaN(stream.firstEventMilliseconds) && bytes.includes("data:"))
      stream.firstEventMilliseconds = performance.now() - begun;
    // An event never ends in the bytes of the last chunk.
    if (tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) socket.destroy();
  });
  socket.on("error", (error) => stream.chunks.push(Buffer.from(`(${error.message})`)));
  socket.on("close", () => {
    stream.isClosed = true;
    resolve();
  });
  return stream;
}

/** Opens all of them, evenly spread over the opening time. */
async function openAll(): Promise<Stream[]> {
  const streams: Stream[] = [];
  const begun = performance.now();
  while (streams.length < order.streams) {
    const share = Math.min(1, (performance.now() - begun) / order.openingMilliseconds);
    while (streams.length < Math.ceil(share * order.streams)) streams.push(open());
    await Bun.sleep(1);
  }
  return streams;
}

/** The events of one stream, and what is wrong with it, if anything. */
function inspect(stream: Stream): { events: number; fault?: string } {
  const { status, body } = parseAnswer(Buffer.concat(stream.chunks));
  const data = body.split("\n").filter((line) => line.startsWith("data:"));
  const events = data.length;
  if (status !== 200) return { events, fault: `status ${status}: ${body.slice(0, 200)}` };
  if (order.expectedText === undefined) return events > 0 ? { events } : { events, fault: "no event" };
  if (!data.at(-1)?.includes("[DONE]"))
    return { events, fault: `ended after ${events} events without [DONE]` };
  const parsed = data.slice(0, -1).map((line) => JSON.parse(line.slice(5)));
  const text = parsed.map((event) => event.choices[0]?.delta.content ?? "").join("");
  if (text !== order.expectedText) return { events, fault: `other text than sent, after ${events} events` };
  if (!parsed.some((event) => event.usage)) return { events, fault: "no usage event" };
  return { events };
}

function report(streams: Stream[]): LoadReport {
  const inspected = streams.map(inspect);
  const faults = inspected.flatMap(({ fault }) => fault ?? []);
  const firsts = streams
    .map((stream) => stream.firstEventMilliseconds)
    .filter((value) => !Number.isNaN(value));
  firsts.sort((a, b) => a - b);
  const quantile = (share: number) =>
    firsts[Math.min(firsts.length - 1, Math.floor(share * firsts.length))] ?? 0;
  return {
    events: inspected.reduce((sum, { events }) => sum + events, 0),
    alive: streams.filter((stream) => !stream.isClosed).length,
    firstEventP50: quantile(0.5),
    firstEventP99: quantile(0.99),
    faults: faults.slice(0, 5),
    faultCount: faults.length,
  };
}

const streams = await openAll();
if (order.holdSeconds === undefined) await Promise.all(streams.map((stream) => stream.ended));
else await Bun.sleep(order.holdSeconds * 1000);
console.log(JSON.stringify(report(streams)));
if (order.holdSeconds === undefined) process.exit(0);
