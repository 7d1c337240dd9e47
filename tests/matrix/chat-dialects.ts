import { dialects } from "../../src/dialects/index.ts";
import { SseFraming } from "../../src/dialects/stream/sse-framing.ts";
import {
  type InboundOperation,
  PLAIN_FORM,
  type RequestSource,
  type StreamDecoder,
  type StreamFraming,
  type UpstreamOperation,
} from "../../src/model/dialect.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { InferenceResponse } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { receipt } from "../dialects/chat.ts";
import type { Unsayable } from "./answer-meaning.ts";
import { type DialectRow, ROWS } from "./dialect-rows.ts";

/** A dialect that chat is spoken in to us. */
export interface ClientDialect {
  readonly id: DialectId;
  readonly inbound: InboundOperation<"chat">;
  readonly row: DialectRow;
  readonly unsayable: Unsayable;
  /** How what it says is read again. */
  readonly reader: Reader;
}

/** A dialect that chat is spoken in to providers. */
export interface ProviderDialect {
  readonly id: DialectId;
  readonly upstream: UpstreamOperation<"chat">;
  readonly row: DialectRow;
  openFraming(): StreamFraming;
}

/** Reads answers, whole and streamed. */
export interface Reader {
  whole(body: unknown): InferenceResponse;
  openDecoder(): StreamDecoder;
  openFraming(): StreamFraming;
}

export const MAX_EVENT_BYTES = 4_000_000;

function rowOf(id: DialectId): DialectRow {
  const row = ROWS[id];
  if (row === undefined) throw new Error(`tests/matrix/dialect-rows.ts has no row for the dialect ${id}`);
  return row;
}

/** Every dialect of the table that providers are asked to chat in. */
export const providerDialects: readonly ProviderDialect[] = [...dialects.values()].flatMap(
  ({ id, upstream: face }) => {
    const upstream = face?.operations.chat;
    if (face === undefined || upstream === undefined) return [];
    const openFraming = () => face.openFraming?.() ?? new SseFraming(MAX_EVENT_BYTES);
    return [{ id, upstream, row: rowOf(id), openFraming }];
  },
);

/** Every dialect of the table that clients chat in. */
export const clientDialects: readonly ClientDialect[] = [...dialects.values()].flatMap(
  ({ id, inbound: face }) => {
    const inbound = face?.operations.chat;
    if (inbound === undefined) return [];
    const row = rowOf(id);
    const { unsayable } = row;
    if (unsayable === undefined) throw new Error(`the row of ${id} doesn't say what its answers can't say`);
    return [{ id, inbound, row, unsayable, reader: readerOf(id, row) }];
  },
);

/** Those of both that say requests too, so that a conversation can go through them. */
export const conversationDialects = providerDialects.flatMap(({ id, upstream, row }) => {
  const client = clientDialects.find((one) => one.id === id);
  const { encodeRequest } = upstream;
  return client === undefined || encodeRequest === undefined
    ? []
    : [{ id, row, encodeRequest, inbound: client.inbound }];
});

function readerOf(id: DialectId, { reader }: DialectRow): Reader {
  const own = providerDialects.find((provider) => provider.id === id);
  if (own !== undefined) return readerOfProvider(own);
  if (reader === undefined) throw new Error(`nobody reads the answers of ${id}: its row needs a reader`);
  return reader;
}

/** How a provider's answers are read. */
export function readerOfProvider({ upstream, openFraming }: ProviderDialect): Reader {
  const { openStreamDecoder } = upstream;
  if (openStreamDecoder === undefined) throw new Error("a chat dialect without streams");
  return {
    whole: (body) => upstream.decodeResponse(body, PLAIN_FORM),
    openDecoder: () => openStreamDecoder(PLAIN_FORM),
    openFraming,
  };
}

/** All events of a stream, given its bytes in pieces. */
export function readStream(reader: Reader, pieces: Iterable<Uint8Array>): readonly StreamEvent[] {
  const framing = reader.openFraming();
  const decoder = reader.openDecoder();
  const events: StreamEvent[] = [];
  const take = ({ data, event }: { readonly data: string; readonly event?: string }): void => {
    events.push(...decoder.step(data, event));
  };
  for (const piece of pieces) framing.push(piece, take);
  framing.end(take);
  events.push(...decoder.end());
  return events;
}

/** A provider's payloads as it sends them. */
export function framed({ row }: ProviderDialect, payloads: readonly string[], newline = "\n"): Uint8Array {
  if (row.frame !== undefined) return row.frame(payloads);
  const events = [...payloads, ...(row.terminal === undefined ? [] : [row.terminal])].map((data) => {
    const name = typeOf(data);
    return `${name === undefined ? "" : `event: ${name}${newline}`}data: ${data}${newline}${newline}`;
  });
  return new TextEncoder().encode(events.join(""));
}

function typeOf(payload: string): string | undefined {
  if (!payload.startsWith("{")) return undefined;
  try {
    const parsed: unknown = JSON.parse(payload);
    const type = isJsonObject(parsed) ? parsed["type"] : undefined;
    return typeof type === "string" ? type : undefined;
  } catch {
    return undefined;
  }
}

/** The least request of a client, read. */
export function askedBy(client: ClientDialect, stream: boolean): InferenceRequest<"chat"> {
  return client.inbound.decodeRequest(sourceOf(client.row, client.row.request(stream), stream));
}

/** A body as it comes to the gateway. */
export function sourceOf(row: DialectRow, body: JsonObject | string, stream: boolean): RequestSource {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    bytes: new TextEncoder().encode(text),
    pathRest: row.pathRest?.(stream) ?? "",
    query: () => new URLSearchParams(),
  };
}

/** The answer as its client is given it, and what the client reads of it: whole, and as a stream of the same events. */
export function saidWhole(client: ClientDialect, answer: InferenceResponse): InferenceResponse {
  const body = client.inbound.encodeResponse(answer, askedBy(client, false), receipt);
  return asTaken(client, client.reader.whole(JSON.parse(body)));
}

/** The answer as the client's next turn has it. */
export function asTaken({ row }: ClientDialect, answer: InferenceResponse): InferenceResponse {
  const { proofsBack } = row;
  if (proofsBack === undefined) return answer;
  const choices = answer.choices.map((choice) => ({ ...choice, blocks: proofsBack(choice.blocks) }));
  return { ...answer, choices };
}

export function saidStreamed(client: ClientDialect, events: readonly StreamEvent[]): readonly StreamEvent[] {
  return readStream(client.reader, [new TextEncoder().encode(writtenStream(client, events))]);
}

/** The text of a client's stream. */
export function writtenStream(client: ClientDialect, events: readonly StreamEvent[]): string {
  const encoder = client.inbound.openStreamEncoder?.(askedBy(client, true));
  if (encoder === undefined) throw new Error("a chat dialect without streams");
  return events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
}
