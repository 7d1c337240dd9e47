import type { Dialect, NumberPath } from "../../model/dialect.ts";
import { decodeError } from "../openai-chat/decode-error.ts";
import { encodeError } from "../openai-chat/encode-error.ts";
import { encodeLimits } from "../openai-chat/encode-limits.ts";
import { modelList } from "../openai-chat/model-list.ts";
import { FIELDS } from "./bounds.ts";
import { decodeCount, encodeCount, encodeCountRequest, scanCount } from "./count-tokens.ts";
import { decodeCountRequest, decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeStreamError } from "./encode-error.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";
import { openStreamScanner, scanResponse } from "./usage-scanner.ts";

/**
 * What coding agents tell their own provider beside the body, and what its caches and routing go by
 * (https://github.com/openai/codex, codex-rs/core/src/client.rs).
 */
const AGENT_HEADERS = [
  "openai-beta",
  "originator",
  "session_id",
  "session-id",
  "conversation_id",
  "thread-id",
  "x-client-request-id",
  "x-codex-beta-features",
  "x-codex-parent-thread-id",
  "x-codex-routing-hint",
  "x-codex-turn-metadata",
  "x-codex-turn-state",
  "x-codex-window-id",
  "x-openai-subagent",
  "x-responsesapi-include-timing-metrics",
];

/** OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses). */
export const openaiResponses: Dialect = Object.freeze({
  id: "openai-responses",
  inbound: Object.freeze({
    operations: {
      chat: Object.freeze({ decodeRequest, encodeResponse, openStreamEncoder }),
      "count-tokens": Object.freeze({ decodeRequest: decodeCountRequest, encodeResponse: encodeCount }),
    },
    encodeError,
    encodeStreamError,
    forwardedHeaders: AGENT_HEADERS,
    forwardedQuery: [],
    encodeLimits,
    fields: FIELDS,
  }),
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: { whole: "/responses" },
        encodeRequest,
        outputBounds: (): readonly NumberPath[] => [["max_output_tokens"]],
        decodeResponse,
        openStreamDecoder,
        scanResponse,
        openStreamScanner,
      }),
      "count-tokens": Object.freeze({
        paths: { whole: "/responses/input_tokens" },
        encodeRequest: encodeCountRequest,
        decodeResponse: decodeCount,
        scanResponse: scanCount,
      }),
    },
    decodeError,
    modelList,
  }),
});
