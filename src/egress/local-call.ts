import type { LocalProvider } from "../model/provider.ts";
import type { Answer, Call } from "./answer.ts";
import { asFailure, FetchedAnswer } from "./fetched-answer.ts";
import { type RequestBody, wholeBody } from "./request-writer.ts";

/** A call to a local server: nothing leaves the process, and all the rest is as with any other. */
export function startLocalCall(serve: LocalProvider, body: RequestBody): Call {
  const controller = new AbortController();
  const { signal } = controller;
  const answer = serve(wholeBody(body), signal).then(
    (response): Answer => new FetchedAnswer(response, controller),
    (thrown: unknown) => {
      throw asFailure(thrown, signal);
    },
  );
  return { answer, isConnected: true, abort: () => controller.abort() };
}
