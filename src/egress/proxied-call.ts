import type { Answer, Call } from "./answer.ts";
import type { Endpoint } from "./endpoint.ts";
import { asFailure, FetchedAnswer } from "./fetched-answer.ts";
import { type RequestBody, wholeBody } from "./request-writer.ts";

/**
 * Sends a request through an HTTP proxy, by the runtime's fetch, which knows every way to speak to one. What it can't
 * tell is when it has connected: the limit on connecting does not hold there, that on the first byte does.
 */
export function sendThroughProxy(endpoint: Endpoint, proxy: string, body: RequestBody): Call {
  const controller = new AbortController();
  const { method, url, headers, ca } = endpoint;
  const answer = fetch(url, {
    method,
    headers,
    body: wholeBody(body),
    signal: controller.signal,
    redirect: "manual",
    // Our own limits hold; Bun's idle timer would cut a model that thinks for long.
    timeout: false,
    proxy,
    ...(ca === undefined ? {} : { tls: { ca } }),
  }).then(
    (response): Answer => new FetchedAnswer(response, controller),
    (thrown: unknown) => {
      throw asFailure(thrown, controller.signal);
    },
  );
  return { answer, isConnected: true, abort: () => controller.abort() };
}
