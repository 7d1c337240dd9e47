import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import { encodeText } from "./blocks/text.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { CandidateEncoder, type ChunkContent } from "./candidate-encoder.ts";
import { contentText } from "./encode-response.ts";
import { type JsonText, listText, objectText, valueText } from "./json-text.ts";
import { tierOfAnswer } from "./service-tier.ts";
import { usageToWire } from "./usage.ts";

/**
 * An encoder for one stream of streamGenerateContent, as server-sent events
 * (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). The last chunk tells why each
 * candidate ended and what it took, as Google's does.
 */
export function openStreamEncoder(request: InferenceRequest<"chat">): StreamEncoder {
  return new GenerationStreamEncoder(request.model);
}

class GenerationStreamEncoder implements StreamEncoder {
  readonly #candidates = new Map<number, CandidateEncoder>();
  #id: string | undefined;
  #model: string;
  #serviceTier: string | undefined;
  #usage: Usage | undefined;

  constructor(model: string) {
    this.#model = model;
  }

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "start":
        this.#id ??= event.id;
        this.#model = event.model ?? this.#model;
        this.#serviceTier = event.serviceTier ?? this.#serviceTier;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finish":
        this.#candidateAt(event.choice).finish(event);
        return "";
      case "block-start":
      case "block-delta":
      case "block-end":
      case "signature":
      case "citation":
      case "token-probabilities":
        return this.#content(event.choice, this.#candidateAt(event.choice).encode(event));
      // An error leaves by encodeStreamError; another dialect's own events mean nothing here.
      case "error":
      case "unknown":
        return "";
    }
  }

  close(receipt: Receipt): string {
    const usage = usageToWire(this.#usage ?? receipt.usage, tierOfAnswer(this.#serviceTier));
    const candidates = [...this.#candidates].map(([index, candidate]) =>
      objectText({
        content: contentText([encodeText("")]),
        finishReason: JSON.stringify(candidate.finishReason),
        index: String(index),
        groundingMetadata: valueText(candidate.grounding()),
      }),
    );
    return this.#chunk(listText(candidates), JSON.stringify(usage));
  }

  #content(index: number, content: ChunkContent | undefined): string {
    if (content === undefined) return "";
    const { parts, tokens } = content;
    const candidate = objectText({
      content: contentText(parts),
      index: String(index),
      logprobsResult: tokens && JSON.stringify(encodeTokenProbabilities(tokens)),
    });
    return this.#chunk(listText([candidate]), undefined);
  }

  #chunk(candidates: JsonText, usageMetadata: JsonText | undefined): string {
    this.#id ??= crypto.randomUUID();
    const chunk = objectText({
      candidates,
      usageMetadata,
      modelVersion: JSON.stringify(this.#model),
      responseId: JSON.stringify(this.#id),
    });
    return `data: ${chunk}\r\n\r\n`;
  }

  #candidateAt(index: number): CandidateEncoder {
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    const candidate = new CandidateEncoder();
    this.#candidates.set(index, candidate);
    return candidate;
  }
}
