import type { Dialect } from "../../model/dialect.ts";
import { FIELDS } from "./bounds.ts";
import { decodeError } from "./decode-error.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeError, encodeStreamError } from "./encode-error.ts";
import { encodeLimits } from "./encode-limits.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";
import { modelList } from "./model-list.ts";
import { outputBounds } from "./output-bounds.ts";
import { openStreamScanner, scanResponse } from "./usage-scanner.ts";

/** OpenAI Chat Completions, which most vendors speak (https://platform.openai.com/docs/api-reference/chat). */
export const openaiChat: Dialect = Object.freeze({
  id: "openai-chat",
  inbound: Object.freeze({
    operations: {
      chat: Object.freeze({ decodeRequest, encodeResponse, openStreamEncoder, isResumable: true }),
    },
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
        paths: { whole: "/chat/completions" },
        encodeRequest,
        outputBounds,
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
