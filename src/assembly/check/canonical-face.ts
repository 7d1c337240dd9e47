import type { InboundFace, StreamEncoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import type { StreamEvent } from "../../model/stream-event.ts";

/**
 * The face of a client that speaks no wire format: it hands the gateway a canonical request, and is handed the canonical
 * answer. So a check goes through the whole gateway, the provider's encoder and decoder included, and sees what any
 * client's dialect would be given to say.
 */
export class CanonicalFace implements InboundFace {
  readonly forwardedHeaders = [];
  readonly forwardedQuery = [];
  readonly fields = {};
  readonly operations: InboundFace["operations"];
  readonly #events: StreamEvent[] = [];
  #whole: InferenceResponse | undefined;
  /** What a stream that had begun broke off with. */
  failure: GatewayError | undefined;

  constructor(request: InferenceRequest<"chat">) {
    const encoder: StreamEncoder = { encode: (event) => this.#note(event), close: () => "" };
    this.operations = {
      chat: {
        decodeRequest: () => request,
        encodeResponse: (answer) => {
          this.#whole = answer;
          return "";
        },
        openStreamEncoder: () => encoder,
      },
    };
  }

  /** The answer as far as it has come, streamed or whole. */
  answer(): InferenceResponse {
    return this.#whole ?? fold(this.#events);
  }

  encodeError(error: GatewayError) {
    this.failure = error;
    return { status: error.status, contentType: "text/plain", body: "" };
  }

  encodeStreamError(error: GatewayError): string {
    this.failure = error;
    return "";
  }

  #note(event: StreamEvent): string {
    this.#events.push(event);
    return "";
  }
}
