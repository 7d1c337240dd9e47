import type { Dialect } from "../../model/dialect.ts";
import { operationAt } from "./actions.ts";
import { FIELDS } from "./bounds.ts";
import {
  decodeCount,
  decodeCountRequest,
  encodeCount,
  encodeCountRequest,
  scanCount,
} from "./count-tokens.ts";
import { decodeEmbeddingRequest } from "./decode-embedding-request.ts";
import { decodeError } from "./decode-error.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { decodeEmbeddings, encodeEmbeddings, scanEmbeddings } from "./embedding-answer.ts";
import { encodeEmbeddingRequest } from "./encode-embedding-request.ts";
import { encodeError, encodeStreamError } from "./encode-error.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";
import { openJsonArrayFraming } from "./json-array-framing.ts";
import { modelList } from "./model-list.ts";
import { outputBounds } from "./output-bounds.ts";
import { openStreamScanner, scanResponse } from "./usage-scanner.ts";

/**
 * Google's Gemini API: generateContent and streamGenerateContent (https://ai.google.dev/api/generate-content),
 * countTokens (/api/tokens), embedContent and batchEmbedContents (/api/embeddings). The model and what is asked of it
 * stand in the path.
 */
export const gemini: Dialect = Object.freeze({
  id: "gemini",
  inbound: Object.freeze({
    operations: {
      chat: Object.freeze({
        decodeRequest,
        encodeResponse,
        openStreamEncoder,
        isResumable: true,
        openClientFraming: openJsonArrayFraming,
      }),
      "count-tokens": Object.freeze({ decodeRequest: decodeCountRequest, encodeResponse: encodeCount }),
      embedding: Object.freeze({ decodeRequest: decodeEmbeddingRequest, encodeResponse: encodeEmbeddings }),
    },
    operationAt,
    encodeError,
    encodeStreamError,
    // How long the client's SDK will wait.
    forwardedHeaders: ["x-server-timeout"],
    forwardedQuery: [],
    fields: FIELDS,
  }),
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: {
          whole: "/models/{model}:generateContent",
          stream: "/models/{model}:streamGenerateContent?alt=sse",
        },
        encodeRequest,
        outputBounds,
        decodeResponse,
        openStreamDecoder,
        scanResponse,
        openStreamScanner,
      }),
      "count-tokens": Object.freeze({
        paths: { whole: "/models/{model}:countTokens" },
        encodeRequest: encodeCountRequest,
        decodeResponse: decodeCount,
        scanResponse: scanCount,
      }),
      embedding: Object.freeze({
        paths: {
          whole: "/models/{model}:batchEmbedContents",
          single: "/models/{model}:embedContent",
        },
        encodeRequest: encodeEmbeddingRequest,
        decodeResponse: decodeEmbeddings,
        scanResponse: scanEmbeddings,
      }),
    },
    decodeError,
    modelList,
  }),
});
