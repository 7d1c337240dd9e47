import type { Dialect, NumberPath } from "../../model/dialect.ts";
import { decodeError } from "../openai-chat/decode-error.ts";
import { encodeError, encodeStreamError } from "../openai-chat/encode-error.ts";
import { encodeLimits } from "../openai-chat/encode-limits.ts";
import { modelList } from "../openai-chat/model-list.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeResponse } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";
import { FIELDS } from "./fields.ts";
import { openStreamScanner, scanResponse } from "./usage-scanner.ts";

/**
 * OpenAI's legacy completions (https://platform.openai.com/docs/api-reference/completions). A prompt is put to a model
 * that converses as what its user says; a conversation is never put to a model that only completes.
 */
export const openaiCompletions: Dialect = Object.freeze({
  id: "openai-completions",
  inbound: Object.freeze({
    operations: { chat: Object.freeze({ decodeRequest, encodeResponse, openStreamEncoder }) },
    encodeError,
    encodeStreamError,
    forwardedHeaders: [],
    forwardedQuery: [],
    encodeLimits,
    fields: FIELDS,
  }),
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: { whole: "/completions" },
        outputBounds: (): readonly NumberPath[] => [["max_tokens"]],
        decodeResponse,
        openStreamDecoder,
        scanResponse,
        openStreamScanner,
      }),
    },
    decodeError,
    modelList,
  }),
});
