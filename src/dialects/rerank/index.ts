import type { Dialect } from "../../model/dialect.ts";
import { decodeError } from "./decode-error.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { encodeError, encodeStreamError } from "./encode-error.ts";
import { encodeResponse } from "./encode-response.ts";
import { scanResponse } from "./usage-scanner.ts";

/**
 * Ordering documents by how well they answer a query, in the form that Jina, vLLM, Together and others share. Only
 * clients who speak it are passed on in it, so there is nothing to translate into it.
 */
export const rerank: Dialect = Object.freeze({
  id: "rerank",
  inbound: Object.freeze({
    operations: { rerank: Object.freeze({ decodeRequest, encodeResponse }) },
    encodeError,
    encodeStreamError,
    forwardedHeaders: [],
    forwardedQuery: [],
    fields: Object.freeze({ "end-user": "user" }),
  }),
  upstream: Object.freeze({
    operations: {
      rerank: Object.freeze({ paths: { whole: "/rerank" }, decodeResponse, scanResponse }),
    },
    decodeError,
  }),
});
