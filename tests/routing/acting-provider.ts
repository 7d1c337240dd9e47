/** A provider in the test's own thread that behaves as it is told, by model and key. Speaks chat completions. */
export interface ActingProvider {
  readonly url: string;
  /** Calls so far, in their order. */
  readonly calls: readonly ActedCall[];
  stop(): Promise<void>;
}

/** A call that came. */
export interface ActedCall {
  readonly model: string;
  readonly key: string;
  readonly stream: boolean;
  readonly atMs: number;
  /** Set when whoever called has left. */
  leftAtMs?: number;
}

/** What is done with a call: a status for a refusal, or how an answer comes. */
export type Act =
  | { readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly status?: undefined;
      readonly delayMs?: number;
      /** It is answered then. */
      readonly until?: Promise<unknown>;
      readonly breaks?: boolean;
      /** A whole answer has this body. */
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    };

const ANSWER = "A gatehouse stands at the entrance.";

/** Starts one; `act` says what is done with a call. */
export function startActingProvider(act: (call: ActedCall) => Act): ActingProvider {
  const calls: ActedCall[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { model, stream = false } = (await request.json()) as { model: string; stream?: boolean };
      const key = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
      const call: ActedCall = { model, key, stream, atMs: performance.now() };
      calls.push(call);
      request.signal.addEventListener("abort", () => {
        call.leftAtMs = performance.now();
      });
      const acting = act(call);
      if (acting.status !== undefined) return refusal(acting);
      await acting.until;
      if (acting.delayMs !== undefined) await Bun.sleep(acting.delayMs);
      const headers = acting.headers ?? {};
      if (stream) return streamed(model, acting.breaks === true, headers);
      return acting.body === undefined ? whole(model, headers) : Response.json(acting.body, { headers });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    calls,
    stop: () => server.stop(true),
  };
}

function refusal({ status, code = "failed", headers = {} }: Extract<Act, { status: number }>): Response {
  return Response.json({ error: { message: "no", type: code, code } }, { status, headers });
}

function whole(model: string, headers: Readonly<Record<string, string>>): Response {
  const message = { role: "assistant", content: ANSWER };
  const body = {
    id: "c",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17 },
  };
  return Response.json(body, { headers });
}

/** One that breaks off says so before anything meaningful. */
function streamed(model: string, breaks: boolean, headers: Readonly<Record<string, string>>): Response {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const events = [chunk({ role: "assistant", content: "" }, null)];
  if (!breaks) events.push(chunk({ content: ANSWER }, null), chunk({}, "stop"), "data: [DONE]\n\n");
  return new Response(events.join(""), { headers: { ...headers, "content-type": "text/event-stream" } });
}
