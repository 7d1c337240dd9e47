import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import type { FinishEvent, StartEvent, StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import { errorEvents, failureOf } from "./encode-error.ts";
import { encodeEvent } from "./event.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { namespacedNames } from "./namespaces.ts";
import { OutputWriter } from "./output-writer.ts";
import { echoOf, type ResponseState, responseObject } from "./response-object.ts";

/** An encoder for one stream (https://platform.openai.com/docs/api-reference/responses-streaming). */
export function openStreamEncoder(request: InferenceRequest<"chat">): StreamEncoder {
  return new ResponseStreamEncoder(request);
}

/** Only one answer can be asked for in this dialect, so there is one to tell. */
class ResponseStreamEncoder implements StreamEncoder {
  readonly #echo: JsonObject;
  readonly #writer: OutputWriter;
  #head: { id?: string; model: string; createdAtS?: number; serviceTier?: string };
  #said = "";
  #sequence = 0;
  #begun = false;
  #finish: FinishEvent | undefined;
  #usage: Usage | undefined;

  constructor(request: InferenceRequest<"chat">) {
    this.#echo = echoOf(request);
    this.#head = { model: request.model };
    const names = namespacedNames(request.original?.body?.["tools"]);
    this.#writer = new OutputWriter((type, members) => this.#say(type, members), names);
  }

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "start":
        this.#note(event);
        break;
      case "usage":
        this.#usage = event.usage;
        break;
      case "finish":
        if (event.choice === 0) this.#end(event);
        break;
      case "block-start":
      case "block-delta":
      case "block-end":
      case "signature":
      case "citation":
      case "token-probabilities":
        if (event.choice !== 0) break;
        this.#begin();
        this.#writer.take(event);
        break;
      // An error leaves by `fail`; another dialect's own events mean nothing here.
      case "error":
      case "unknown":
        break;
    }
    return this.#takeSaid();
  }

  close(receipt: Receipt): string {
    this.#begin();
    const ending = finishReasonToWire(this.#finish?.reason, this.#writer.hasRefusal);
    this.#writer.end("completed");
    const usage = this.#usage ?? receipt.usage;
    this.#say(`response.${ending.status}`, { response: this.#response({ ...ending, usage }) });
    return this.#takeSaid();
  }

  fail(error: GatewayError, requestId: string): string {
    const response = this.#response({ status: "failed", error: failureOf(error) });
    return errorEvents(error, requestId, this.#sequence, response);
  }

  /** What only comes to be known once the answer has begun stays out: its head is said twice by then. */
  #note({ id, model, createdAtS, serviceTier }: StartEvent): void {
    if (serviceTier !== undefined) this.#head.serviceTier = serviceTier;
    if (this.#begun) return;
    if (id !== undefined) this.#head.id ??= id;
    if (model !== undefined) this.#head.model = model;
    if (createdAtS !== undefined) this.#head.createdAtS ??= createdAtS;
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const response = this.#response({ status: "in_progress" });
    this.#say("response.created", { response });
    this.#say("response.in_progress", { response });
  }

  #end(finish: FinishEvent): void {
    this.#begin();
    this.#finish = finish;
    const { status } = finishReasonToWire(finish.reason, this.#writer.hasRefusal);
    this.#writer.end(status === "incomplete" ? "incomplete" : "completed");
  }

  #response(
    state: Omit<ResponseState, "id" | "model" | "createdAtS" | "serviceTier" | "output">,
  ): JsonObject {
    this.#head.id ??= `resp_${crypto.randomUUID().replaceAll("-", "")}`;
    this.#head.createdAtS ??= Math.floor(Date.now() / 1000);
    const { id, model, createdAtS, serviceTier } = this.#head;
    return responseObject(this.#echo, {
      id,
      model,
      createdAtS,
      serviceTier,
      output: this.#writer.output,
      ...state,
    });
  }

  #say(type: string, members: JsonObject): void {
    this.#said += encodeEvent(type, this.#sequence++, members);
  }

  #takeSaid(): string {
    const said = this.#said;
    this.#said = "";
    return said;
  }
}
