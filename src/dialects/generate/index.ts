import type { Dialect } from "../../model/dialect.ts";
import { encodeLimits } from "../openai-chat/encode-limits.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeError, encodeStreamError } from "./encode-error.ts";
import { encodeResponse } from "./encode-response.ts";
import { openStreamEncoder } from "./encode-stream.ts";

/** The simple contract: a prompt in, a text out. No provider speaks it, so it has no upstream face. */
export const generate: Dialect = Object.freeze({
  id: "generate",
  inbound: Object.freeze({
    operations: { chat: Object.freeze({ decodeRequest, encodeResponse, openStreamEncoder }) },
    encodeError,
    encodeStreamError,
    encodeLimits,
    forwardedHeaders: [],
    forwardedQuery: [],
    fields: Object.freeze({ temperature: "temperature", "end-user": "metadata.user" }),
  }),
});
