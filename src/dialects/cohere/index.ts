import type { Dialect } from "../../model/dialect.ts";
import { decodeEmbedding } from "./decode-embedding.ts";
import { decodeError } from "./decode-error.ts";
import { decodeRerank } from "./decode-rerank.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeEmbedding } from "./encode-embedding.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeRerank } from "./encode-rerank.ts";
import { scanMeta, scanResponse } from "./usage-scanner.ts";

/** Cohere's own API, version 2: chat, embeddings, rankings (https://docs.cohere.com/v2/reference). Spoken to it only. */
export const cohere: Dialect = Object.freeze({
  id: "cohere",
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: { whole: "/chat" },
        encodeRequest,
        decodeResponse,
        openStreamDecoder,
        scanResponse,
      }),
      embedding: Object.freeze({
        paths: { whole: "/embed" },
        encodeRequest: encodeEmbedding,
        decodeResponse: decodeEmbedding,
        scanResponse: scanMeta,
      }),
      rerank: Object.freeze({
        paths: { whole: "/rerank" },
        encodeRequest: encodeRerank,
        decodeResponse: decodeRerank,
        scanResponse: scanMeta,
      }),
    },
    decodeError,
  }),
});
