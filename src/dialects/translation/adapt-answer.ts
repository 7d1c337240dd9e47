import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { FREE_FORM_ARGUMENT } from "./fit-tools.ts";

/** An answer's events as they would be, had the request been put as the client asked. */
export function adaptAnswer(events: readonly StreamEvent[], form: AnswerForm): readonly StreamEvent[] {
  if (isPlain(form)) return events;
  const adapter = new AnswerAdapter(form);
  return events.flatMap((event) => adapter.adapt(event));
}

/** The same for a stream, event by event. */
export function adaptStream(decoder: StreamDecoder, form: AnswerForm): StreamDecoder {
  if (isPlain(form)) return decoder;
  const adapter = new AnswerAdapter(form);
  return {
    get ended() {
      return decoder.ended;
    },
    step: (data, event) => decoder.step(data, event).flatMap((decoded) => adapter.adapt(decoded)),
    end: () => decoder.end().flatMap((decoded) => adapter.adapt(decoded)),
  };
}

function isPlain({ jsonTool, freeFormTools }: AnswerForm): boolean {
  return jsonTool === undefined && freeFormTools === undefined;
}

/** What is done with a block's events. */
type Role =
  | { readonly kind: "json" }
  | { readonly kind: "aside" }
  | { readonly kind: "free-form"; input: string };

/**
 * Turns the call of the tool that stood for a response format into text, and the calls of functions that stood for
 * free-form tools into free-form calls. Text beside the forced call is no part of the JSON that was asked for: it is
 * held until it is known whether the call comes.
 */
class AnswerAdapter {
  readonly #jsonTool: string | undefined;
  readonly #freeFormTools: ReadonlySet<string>;
  readonly #roles = new Map<string, Role>();
  #held: StreamEvent[] = [];
  #hasJson = false;

  constructor({ jsonTool, freeFormTools }: AnswerForm) {
    this.#jsonTool = jsonTool;
    this.#freeFormTools = new Set(freeFormTools);
  }

  adapt(event: StreamEvent): readonly StreamEvent[] {
    switch (event.type) {
      case "block-start":
        return this.#begin(event);
      case "block-delta":
      case "signature":
      case "citation":
      case "token-probabilities":
      case "block-end":
        return this.#continue(event, this.#roles.get(keyOf(event)));
      case "finish":
        return [...this.#release(), this.#finish(event)];
      default:
        return [event];
    }
  }

  #begin(event: Extract<StreamEvent, { type: "block-start" }>): readonly StreamEvent[] {
    const { block } = event;
    if (block.kind === "tool-call" && block.name === this.#jsonTool) {
      this.#hasJson = true;
      this.#held = [];
      this.#roles.set(keyOf(event), { kind: "json" });
      return [{ ...event, block: { kind: "text" } }];
    }
    if (block.kind === "tool-call" && this.#freeFormTools.has(block.name)) {
      this.#roles.set(keyOf(event), { kind: "free-form", input: "" });
      return [{ ...event, block: { ...block, freeForm: true } }];
    }
    if (this.#jsonTool === undefined || block.kind !== "text") return [event];
    this.#roles.set(keyOf(event), { kind: "aside" });
    return this.#hold(event);
  }

  #continue(event: StreamEvent & Place, role: Role | undefined): readonly StreamEvent[] {
    switch (role?.kind) {
      case "aside":
        return this.#hold(event);
      case "free-form":
        return freeFormEvents(event, role);
      default:
        return [event];
    }
  }

  #hold(event: StreamEvent): readonly StreamEvent[] {
    if (!this.#hasJson) this.#held.push(event);
    return [];
  }

  #release(): readonly StreamEvent[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  #finish(event: Extract<StreamEvent, { type: "finish" }>): StreamEvent {
    return this.#hasJson && event.reason === "tool-calls" ? { ...event, reason: "stop" } : event;
  }
}

interface Place {
  readonly choice: number;
  readonly index: number;
}

function keyOf({ choice, index }: Place): string {
  return `${choice}.${index}`;
}

/** The input stands inside JSON, so it is whole only when the arguments are. */
function freeFormEvents(
  event: StreamEvent & Place,
  role: Extract<Role, { kind: "free-form" }>,
): readonly StreamEvent[] {
  if (event.type === "block-delta") {
    role.input += event.text;
    return [];
  }
  if (event.type !== "block-end") return [event];
  const { choice, index } = event;
  return [{ type: "block-delta", choice, index, text: inputOf(role.input) }, event];
}

function inputOf(json: string): string {
  try {
    const parsed: unknown = JSON.parse(json);
    const input = isJsonObject(parsed) ? parsed[FREE_FORM_ARGUMENT] : undefined;
    return typeof input === "string" ? input : json;
  } catch {
    // The model did not keep to the form: what it said is given as it is.
    return json;
  }
}
