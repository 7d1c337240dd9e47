import type { Citation } from "./citation.ts";
import type { GatewayError } from "./gateway-error.ts";
import type { Signature } from "./signature.ts";
import type { BlockStart, FinishEvent, FinishReason, StartEvent, StreamEvent } from "./stream-event.ts";
import type { TokenProbability } from "./token-probability.ts";
import type { Usage } from "./usage.ts";

/** A finished block: what opened it, and all its text (for a tool call, its arguments' JSON). */
export type Block = BlockStart & {
  readonly text: string;
  readonly signature?: Signature;
  readonly citations?: readonly Citation[];
  readonly tokenProbabilities?: readonly TokenProbability[];
};

/** One of the answers asked for. */
export interface Choice {
  readonly blocks: readonly Block[];
  readonly finishReason?: FinishReason;
  readonly rawFinishReason?: string;
  readonly stopSequence?: string;
}

/** The canonical answer; what a stream folds to. */
export interface InferenceResponse {
  readonly id?: string;
  readonly model?: string;
  readonly createdAtS?: number;
  readonly serviceTier?: string;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly error?: GatewayError;
}

interface OpenBlock {
  readonly start: BlockStart;
  text: string;
  signature?: Signature;
  citations?: Citation[];
  tokenProbabilities?: TokenProbability[];
}

interface OpenChoice {
  readonly blocks: OpenBlock[];
  finish: FinishEvent | undefined;
}

/** Folds the events of one answer, streamed or whole, into the answer itself. The last usage wins. */
export function fold(events: Iterable<StreamEvent>): InferenceResponse {
  const folding = new Folding();
  for (const event of events) folding.take(event);
  return folding.response();
}

class Folding {
  readonly #head: {
    id?: string;
    model?: string;
    createdAtS?: number;
    serviceTier?: string;
    usage?: Usage;
    error?: GatewayError;
  } = {};
  readonly #choices: OpenChoice[] = [];

  take(event: StreamEvent): void {
    switch (event.type) {
      case "start":
        this.#start(event);
        break;
      case "block-start":
        this.#choiceAt(event.choice).blocks[event.index] = { start: event.block, text: "" };
        break;
      case "block-delta":
      case "signature":
      case "citation":
      case "token-probabilities": {
        const block = this.#choiceAt(event.choice).blocks[event.index];
        if (block !== undefined) addTo(block, event);
        break;
      }
      case "usage":
        this.#head.usage = event.usage;
        break;
      case "finish":
        this.#choiceAt(event.choice).finish = event;
        break;
      case "error":
        this.#head.error ??= event.error;
        break;
      case "block-end":
      case "unknown":
        break;
    }
  }

  response(): InferenceResponse {
    return { ...this.#head, choices: Array.from(this.#choices, closeChoice) };
  }

  #start({ id, model, createdAtS, serviceTier }: StartEvent): void {
    if (id !== undefined) this.#head.id ??= id;
    if (model !== undefined) this.#head.model ??= model;
    if (createdAtS !== undefined) this.#head.createdAtS ??= createdAtS;
    if (serviceTier !== undefined) this.#head.serviceTier = serviceTier;
  }

  #choiceAt(index: number): OpenChoice {
    const existing = this.#choices[index];
    if (existing !== undefined) return existing;
    const opened: OpenChoice = { blocks: [], finish: undefined };
    this.#choices[index] = opened;
    return opened;
  }
}

type BlockEvent = Extract<
  StreamEvent,
  { type: "block-delta" | "signature" | "citation" | "token-probabilities" }
>;

function addTo(block: OpenBlock, event: BlockEvent): void {
  switch (event.type) {
    case "block-delta":
      block.text += event.text;
      break;
    case "signature":
      block.signature = event.signature;
      break;
    case "citation":
      block.citations = [...(block.citations ?? []), event.citation];
      break;
    case "token-probabilities":
      block.tokenProbabilities = [...(block.tokenProbabilities ?? []), ...event.tokens];
      break;
  }
}

/** A choice that no event opened (a provider skipped a number) is an empty one. */
function closeChoice(choice: OpenChoice | undefined): Choice {
  if (choice === undefined) return { blocks: [] };
  const { finish } = choice;
  return {
    ...(finish && { finishReason: finish.reason, rawFinishReason: finish.rawReason }),
    ...(finish?.stopSequence !== undefined && { stopSequence: finish.stopSequence }),
    blocks: choice.blocks
      .filter((block) => block !== undefined)
      .map(({ start, ...rest }) => ({ ...start, ...rest })),
  };
}
