/** A provider that stores responses, in the test's own thread: each of its accounts knows its own alone. */
export interface ResponsesProvider {
  readonly url: string;
  /** The account (key) that each response was made with. */
  readonly madeBy: ReadonlyMap<string, string>;
  /** How many calls came. */
  calls(): number;
  stop(): Promise<void>;
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly store?: boolean;
  readonly previous_response_id?: string;
}

/** Starts one; it answers with responses of that name. */
export function startResponsesProvider(name: string): ResponsesProvider {
  const madeBy = new Map<string, string>();
  let made = 0;
  let calls = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      calls++;
      const account = request.headers.get("authorization") ?? "";
      if (request.method !== "POST") return readBack(request, account);
      const asked = (await request.json()) as Asked;
      const previous = asked.previous_response_id;
      if (previous !== undefined && madeBy.get(previous) !== account) return unknown(previous);
      const id = `resp_${name}_${++made}`;
      const { store = true } = asked;
      if (store) madeBy.set(id, account);
      const response = answered(id, asked, store);
      return asked.stream === true ? streamed(response) : Response.json(response);
    },
  });
  const readBack = ({ method, url }: Request, account: string): Response => {
    const { pathname, search } = new URL(url);
    const [, id = "", rest = ""] = /^\/v1\/responses\/([^/]+)(.*)$/.exec(pathname) ?? [];
    if (madeBy.get(id) !== account) return unknown(id);
    if (method === "DELETE") madeBy.delete(id);
    return Response.json({ id, object: "response", output: [], name, method, rest, search });
  };
  return {
    url: `http://127.0.0.1:${server.port}`,
    madeBy,
    calls: () => calls,
    stop: () => server.stop(true),
  };
}

function unknown(id: string): Response {
  const error = {
    message: `Previous response with id '${id}' not found.`,
    type: "invalid_request_error",
    param: "previous_response_id",
    code: "previous_response_not_found",
  };
  return Response.json({ error }, { status: 400 });
}

function answered(
  id: string,
  { model, previous_response_id = null }: { model: string; previous_response_id?: string | null },
  store: boolean,
) {
  const content = [{ type: "output_text", text: "Well.", annotations: [] }];
  return {
    id,
    object: "response",
    created_at: 1,
    status: "completed",
    model,
    output: [{ type: "message", id: `msg_${id}`, role: "assistant", status: "completed", content }],
    previous_response_id,
    store,
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  };
}

function streamed(response: ReturnType<typeof answered>): Response {
  const events = [
    { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
    { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Well." },
    { type: "response.completed", response },
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
