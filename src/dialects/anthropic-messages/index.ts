import type { Dialect, NumberPath } from "../../model/dialect.ts";
import { FIELDS } from "./bounds.ts";
import { decodeError } from "./decode-error.ts";
import { decodeCountRequest, decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeError, encodeStreamError } from "./encode-error.ts";
import { encodeLimits } from "./encode-limits.ts";
import { encodeCountRequest, encodeRequest } from "./encode-request.ts";
import { encodeResponse, encodeTokenCount } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";
import { modelList } from "./model-list.ts";
import { decodeTokenCount, scanTokenCount } from "./token-count.ts";
import { openStreamScanner, scanResponse } from "./usage-scanner.ts";

/** Anthropic Messages and the counting of its tokens (https://platform.claude.com/docs/en/api/messages). */
export const anthropicMessages: Dialect = Object.freeze({
  id: "anthropic-messages",
  inbound: Object.freeze({
    operations: {
      chat: Object.freeze({ decodeRequest, encodeResponse, openStreamEncoder, isResumable: true }),
      "count-tokens": Object.freeze({ decodeRequest: decodeCountRequest, encodeResponse: encodeTokenCount }),
    },
    encodeError,
    encodeStreamError,
    requestIdHeader: "request-id",
    forwardedHeaders: ["anthropic-version", "anthropic-beta"],
    forwardedQuery: ["beta"],
    encodeLimits,
    fields: FIELDS,
  }),
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: { whole: "/messages" },
        encodeRequest,
        outputBounds: (): readonly NumberPath[] => [["max_tokens"]],
        decodeResponse,
        openStreamDecoder,
        scanResponse,
        openStreamScanner,
      }),
      "count-tokens": Object.freeze({
        paths: { whole: "/messages/count_tokens" },
        encodeRequest: encodeCountRequest,
        decodeResponse: decodeTokenCount,
        scanResponse: scanTokenCount,
      }),
    },
    decodeError,
    modelList,
  }),
});
