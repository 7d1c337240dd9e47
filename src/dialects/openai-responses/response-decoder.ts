import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { numberMember, textMember } from "../json/members.ts";
import { AnswerBlocks } from "./answer-blocks.ts";
import { type BilledTools, withBilled } from "./billed-tools.ts";
import { isCall } from "./blocks/tool-call.ts";
import { finishReasonFromWire, rawFinish } from "./finish-reason.ts";
import type { ItemDecoder } from "./item-decoder.ts";
import { itemDecoder, itemTypeOf } from "./item-kinds.ts";
import { readUsage } from "./usage.ts";

/** An item of which something has come. */
interface ArrivingItem {
  readonly id: string | undefined;
  readonly decoder: ItemDecoder;
  done: boolean;
}

/** More items no answer has; a greater index is a fault. */
const MAX_ITEMS = 10_000;

/**
 * Turns a response into events, item by item: as its stream brings them, or a whole one as if all came at once. Nothing
 * is relied upon: items may lack their beginning, come again, or be told only by the last event.
 */
export class ResponseDecoder {
  #events: StreamEvent[] = [];
  readonly #blocks = new AnswerBlocks((event) => this.#events.push(event));
  readonly #items = new Map<number, ArrivingItem>();
  readonly #indexById = new Map<string, number>();
  #last = 0;
  #started = false;
  #head: { id?: string; model?: string } = {};
  #billedTools: BilledTools = {};
  #hasCalls = false;

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return !this.#blocks.isEmpty;
  }

  /** The events since they were last taken. */
  takeEvents(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** What a response object says of the answer as a whole. */
  decodeHead(response: JsonObject): void {
    const id = this.#head.id === undefined ? textMember(response, "id") : undefined;
    const model = this.#head.model === undefined ? textMember(response, "model") : undefined;
    const createdAtS = this.#started ? undefined : numberMember(response, "created_at");
    const serviceTier = textMember(response, "service_tier");
    this.#head = { ...this.#head, ...(id !== undefined && { id }), ...(model !== undefined && { model }) };
    this.#started = true;
    const start = {
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(createdAtS !== undefined && { createdAtS: Math.trunc(createdAtS) }),
      ...(serviceTier !== undefined && { serviceTier }),
    };
    if (Object.keys(start).length > 0) this.#events.push({ type: "start", ...start });
  }

  /** `response.output_item.added`. */
  beginItem(event: JsonObject): void {
    const { item } = event;
    if (!isJsonObject(item)) return;
    const index = this.#indexOf(event, textMember(item, "id"));
    if (index !== undefined && !this.#items.has(index)) this.#open(index, item["type"], item);
  }

  /** An event inside an item. */
  continueItem(type: string, event: JsonObject): void {
    const index = this.#indexOf(event, textMember(event, "item_id"));
    if (index === undefined) return;
    const arriving = this.#items.get(index) ?? this.#open(index, itemTypeOf(type), undefined);
    if (!arriving.done) arriving.decoder.take(type, event);
  }

  /** `response.output_item.done`. */
  endItem(event: JsonObject): void {
    const { item } = event;
    if (!isJsonObject(item)) return;
    const index = this.#indexOf(event, textMember(item, "id"));
    if (index !== undefined) this.#end(index, item);
  }

  /** The response as it is in the end. */
  complete(response: JsonObject): void {
    this.decodeHead(response);
    this.#endItems(response["output"]);
    this.#blocks.endAll();
    const usage = readUsage(response["usage"], this.#billedTools);
    if (usage !== undefined) this.#events.push({ type: "usage", usage });
    const rawReason = rawFinish(response) ?? "";
    const reason = finishReasonFromWire(rawReason, this.#hasCalls);
    this.#events.push({ type: "finish", choice: 0, reason, rawReason });
  }

  /**
   * A stream that told its items is believed; only what it began and did not end is looked up, by its id, since the
   * places in the list need not be those of the stream.
   */
  #endItems(output: unknown): void {
    const items = Array.isArray(output) ? output.filter(isJsonObject) : [];
    if (this.#items.size === 0) for (const [index, item] of items.entries()) this.#end(index, item);
    for (const arriving of this.#items.values()) {
      if (arriving.done) continue;
      const item = items.find(({ id }) => id !== undefined && id === arriving.id);
      this.#finish(arriving, item);
    }
  }

  #end(index: number, item: JsonObject): void {
    const arriving = this.#items.get(index) ?? this.#open(index, item["type"], undefined);
    if (!arriving.done) this.#finish(arriving, item);
  }

  #finish(arriving: ArrivingItem, item: JsonObject | undefined): void {
    arriving.done = true;
    arriving.decoder.done(item);
    if (item !== undefined) this.#billedTools = withBilled(this.#billedTools, item);
  }

  #open(index: number, type: unknown, item: JsonObject | undefined): ArrivingItem {
    const id = item === undefined ? undefined : textMember(item, "id");
    const arriving = { id, decoder: itemDecoder(type, item, this.#blocks), done: false };
    this.#items.set(index, arriving);
    if (id !== undefined) this.#indexById.set(id, index);
    this.#last = index;
    this.#hasCalls ||= isCall(type);
    return arriving;
  }

  /** By its place, which every event names; else by its id; else the item that came last. */
  #indexOf(event: JsonObject, id: string | undefined): number | undefined {
    const index = numberMember(event, "output_index");
    if (index === undefined) return (id === undefined ? undefined : this.#indexById.get(id)) ?? this.#last;
    return Number.isInteger(index) && index >= 0 && index < MAX_ITEMS ? index : undefined;
  }
}
