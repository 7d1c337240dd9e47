/** What a token endpoint was asked. */
export interface TokenCall {
  readonly path: string;
  readonly form: URLSearchParams;
}

/** A token endpoint of the tests' own, on this machine. */
export interface TokenEndpoint {
  readonly url: string;
  readonly calls: TokenCall[];
  /** How the next calls are answered; by default with a token that holds for an hour. */
  answer: (call: TokenCall) => Response | Promise<Response>;
  stop(): Promise<void>;
}

export function startTokenEndpoint(): TokenEndpoint {
  const calls: TokenCall[] = [];
  const endpoint: Omit<TokenEndpoint, "url" | "stop"> = {
    calls,
    answer: () =>
      Response.json({ access_token: `token-${calls.length}`, expires_in: 3600, token_type: "Bearer" }),
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const call = { path: new URL(request.url).pathname, form: new URLSearchParams(await request.text()) };
      calls.push(call);
      return endpoint.answer(call);
    },
  });
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${server.port}`,
    stop: () => server.stop(true),
  });
}
