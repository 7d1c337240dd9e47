import type { Dialect } from "../../model/dialect.ts";
import { decodeError } from "../openai-chat/decode-error.ts";
import { encodeError, encodeStreamError } from "../openai-chat/encode-error.ts";
import { encodeLimits } from "../openai-chat/encode-limits.ts";
import { modelList } from "../openai-chat/model-list.ts";
import { FIELDS } from "./bounds.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse, scanResponse } from "./decode-response.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";

/** OpenAI's embeddings, which most vendors speak (https://platform.openai.com/docs/api-reference/embeddings). */
export const openaiEmbeddings: Dialect = Object.freeze({
  id: "openai-embeddings",
  inbound: Object.freeze({
    operations: { embedding: Object.freeze({ decodeRequest, encodeResponse }) },
    encodeError,
    encodeStreamError,
    forwardedHeaders: [],
    forwardedQuery: [],
    encodeLimits,
    fields: FIELDS,
  }),
  upstream: Object.freeze({
    operations: {
      embedding: Object.freeze({
        paths: { whole: "/embeddings" },
        encodeRequest,
        decodeResponse,
        scanResponse,
      }),
    },
    decodeError,
    modelList,
  }),
});
