import type { Dialect } from "../../model/dialect.ts";
import { decodeError } from "./decode-error.ts";
import { decodeResponse } from "./decode-response.ts";
import { openStreamDecoder } from "./decode-stream.ts";
import { encodeRequest } from "./encode-request.ts";
import { openFraming } from "./event-stream/framing.ts";
import { scanResponse } from "./usage-scanner.ts";

/**
 * Amazon Bedrock's Converse and ConverseStream
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). The model, or the ARN of an
 * inference profile, stands in the path; a stream is no server-sent events but AWS's binary one. Spoken to Bedrock only.
 */
export const bedrockConverse: Dialect = Object.freeze({
  id: "bedrock-converse",
  upstream: Object.freeze({
    operations: {
      chat: Object.freeze({
        paths: { whole: "/model/{model}/converse", stream: "/model/{model}/converse-stream" },
        encodeRequest,
        decodeResponse,
        openStreamDecoder,
        scanResponse,
      }),
    },
    decodeError,
    openFraming,
  }),
});
