import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { ArrivingEvents } from "../stream/arriving-events.ts";
import { CandidateDecoder } from "./candidate-decoder.ts";
import { isFinish } from "./finish-reason.ts";
import { listOf, numberOf, objectOf, textOf } from "./members.ts";
import { tierFromGoogle, tierInUsage } from "./service-tier.ts";
import { failureOfFinish } from "./stream-failure.ts";
import { readUsage } from "./usage.ts";

/** More answers at once no provider gives; a greater index would make folding fill a list up to it. */
const MAX_CANDIDATES = 128;

/**
 * Turns answers of generateContent into events: chunks of a stream one after another, or a whole answer as if it were
 * the only chunk (https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse). Nothing in them is relied
 * upon: what has another form than documented is passed over.
 */
export class GenerationDecoder {
  readonly #events = new ArrivingEvents();
  #id: string | undefined;
  #model: string | undefined;
  #serviceTier: string | undefined;
  #started = false;
  #blocked = false;
  readonly #candidates = new Map<number, CandidateDecoder>();

  /** True once a finish reason said that the answer came to nothing. */
  get failed(): boolean {
    return this.#events.hasFailed;
  }

  /** True where every candidate that began has finished, and at least one did; or the prompt was refused. */
  get isFinished(): boolean {
    const candidates = [...this.#candidates.values()];
    return this.#blocked || (candidates.length > 0 && candidates.every((candidate) => candidate.isFinished));
  }

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return [...this.#candidates.values()].some((candidate) => candidate.hasContent);
  }

  /** The events of one chunk or whole answer. */
  decode(chunk: JsonObject): readonly StreamEvent[] {
    this.#decodeHead(chunk);
    listOf(chunk, "candidates").forEach((candidate, place) => {
      if (isJsonObject(candidate)) this.#decodeCandidate(candidate, place);
    });
    this.#decodeFeedback(chunk);
    const searches = [...this.#candidates.values()].reduce((sum, candidate) => sum + candidate.searches, 0);
    const usage = readUsage(objectOf(chunk, "usageMetadata"), searches);
    if (usage !== undefined) this.#events.add({ type: "usage", usage });
    return this.#events.take();
  }

  /** Ends what is open. A candidate that the provider left without a reason is finished with none. */
  close(): readonly StreamEvent[] {
    for (const candidate of this.#candidates.values()) {
      if (!candidate.isFinished && candidate.hasContent) this.#finish(candidate, "");
    }
    return this.#events.take();
  }

  #decodeHead(chunk: JsonObject): void {
    const usage = objectOf(chunk, "usageMetadata");
    const id = this.#id === undefined ? textOf(chunk, "responseId") : undefined;
    const model = this.#model === undefined ? textOf(chunk, "modelVersion") : undefined;
    const serviceTier = this.#serviceTier === undefined ? tierFromGoogle(tierInUsage(usage)) : undefined;
    const isNews = id ?? model ?? serviceTier;
    if (this.#started && isNews === undefined) return;
    const createdAtS = this.#started ? undefined : secondsOf(textOf(chunk, "createTime"));
    this.#started = true;
    this.#id ??= id;
    this.#model ??= model;
    this.#serviceTier ??= serviceTier;
    this.#events.add({
      type: "start",
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(createdAtS !== undefined && { createdAtS }),
      ...(serviceTier !== undefined && { serviceTier }),
    });
  }

  #decodeCandidate(wire: JsonObject, place: number): void {
    const index = numberOf(wire, "index") ?? place;
    if (!Number.isInteger(index) || index < 0 || index >= MAX_CANDIDATES) return;
    const candidate = this.#candidateAt(index);
    if (candidate.isFinished) return;
    candidate.decode(wire);
    const reason = textOf(wire, "finishReason");
    if (reason !== undefined && isFinish(reason)) this.#finish(candidate, reason);
  }

  /** A prompt that was refused has no candidates: the answer is that it was filtered, never an empty success. */
  #decodeFeedback(chunk: JsonObject): void {
    const feedback = objectOf(chunk, "promptFeedback");
    const reason = feedback && textOf(feedback, "blockReason");
    if (reason === undefined || this.#candidates.size > 0 || this.#blocked) return;
    this.#blocked = true;
    this.#events.add({ type: "finish", choice: 0, reason: "content-filter", rawReason: reason });
  }

  #finish(candidate: CandidateDecoder, rawReason: string): void {
    if (!candidate.finish(rawReason)) this.#events.fail(failureOfFinish(rawReason));
  }

  #candidateAt(index: number): CandidateDecoder {
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    // Ids must differ from those of other turns, so without the answer's own id there is only chance.
    const answer = this.#id?.slice(0, 64) ?? crypto.randomUUID();
    const candidate = new CandidateDecoder(
      index,
      this.#events.add,
      (ordinal) => `call_${answer}_${index}_${ordinal}`,
    );
    this.#candidates.set(index, candidate);
    return candidate;
  }
}

function secondsOf(time: string | undefined): number | undefined {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? Math.trunc(ms / 1000) : undefined;
}
