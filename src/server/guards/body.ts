import { GatewayError } from "../../model/gateway-error.ts";
import { Deadlines } from "./deadlines.ts";

/** Up to this declared size a body is read in one go: the runtime holds no more than was declared. */
const READ_AT_ONCE_BYTES = 1024 * 1024;

const deadlines = new Deadlines();

/** Bounds on a request's body. */
export interface BodyLimits {
  readonly bodyBytes: number;
  readonly requestBodyMs: number;
}

/**
 * Reads a request's body, counting while it comes: a false Content-Length, or none, gets no further than a true one.
 * Rejects with `unsupported_encoding`, `request_too_large`, `request_timeout`, `client_closed`.
 */
export function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    return Promise.reject(new GatewayError("unsupported_encoding"));
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limits.bodyBytes) return Promise.reject(tooLarge(limits));
  if (declared !== null && Number(declared) <= READ_AT_ONCE_BYTES) return withinTime(request.bytes(), limits);
  return readByParts(request, limits);
}

async function readByParts(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const deadlineMs = performance.now() + limits.requestBodyMs;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const left = { ...limits, requestBodyMs: Math.max(0, deadlineMs - performance.now()) };
    const { done, value } = await withinTime(reader.read(), left).catch((thrown: unknown) => {
      reader.cancel().catch(() => {});
      throw thrown;
    });
    if (done) return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    length += value.byteLength;
    if (length > limits.bodyBytes) {
      reader.cancel().catch(() => {});
      throw tooLarge(limits);
    }
    parts.push(value);
  }
}

/** One promise and a deadline: this is on every request's path. */
function withinTime<Value>(reading: Promise<Value>, limits: BodyLimits): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const deadline = deadlines.add(limits.requestBodyMs, reject);
  reading.then(
    (value) => {
      deadlines.remove(deadline);
      resolve(value);
    },
    (cause: unknown) => {
      deadlines.remove(deadline);
      reject(new GatewayError("client_closed", { cause }));
    },
  );
  return promise;
}

function tooLarge({ bodyBytes }: BodyLimits): GatewayError {
  return new GatewayError("request_too_large", {
    message: `The request body is larger than ${bodyBytes} bytes.`,
  });
}
