import { SseFraming } from "../../dialects/stream/sse-framing.ts";
import type { AnswerForm, StreamDecoder, StreamEncoder } from "../../model/dialect.ts";
import type { Upstream } from "../../model/snapshot.ts";
import type { HandOver } from "../continuation/hand-over.ts";
import type { Junction } from "../junction.ts";
import { MAX_EVENT_BYTES } from "./relay.ts";
import { TranslateRelay } from "./translate.ts";

/** A stream whose events are said again to somebody. */
export interface Translation {
  readonly junction: Pick<Junction, "endpoint" | "face" | "upstream">;
  /** How the request was put, which is how its answer must be read. */
  readonly form: AnswerForm;
  readonly upstream: Upstream;
  /** Undefined where the client's dialect has no streams of the operation. */
  readonly encoder: StreamEncoder | undefined;
  /** Bounds the answer's text. */
  readonly limitBytes: number;
  /** Where another provider may have to go on, or this one goes on. */
  readonly handOver?: HandOver | undefined;
  /** What the provider's events go through before they are said. */
  readonly through?: (decoder: StreamDecoder) => StreamDecoder;
}

/** Opens a relay that translates. Throws where one of the sides has no streams of the operation. */
export function openTranslateRelay(translation: Translation): TranslateRelay {
  const { junction, form, upstream, encoder, limitBytes, handOver, through } = translation;
  const { endpoint, face } = junction;
  const decoder = junction.upstream.openStreamDecoder?.(form);
  if (decoder === undefined || encoder === undefined)
    throw new Error(`the operation that ${endpoint.url} is for has no streams`);
  const framing = face.openFraming?.() ?? new SseFraming(MAX_EVENT_BYTES);
  return new TranslateRelay(framing, through?.(decoder) ?? decoder, encoder, upstream, limitBytes, handOver);
}
