import type { Answer } from "../../src/egress/answer.ts";
import { type Endpoint, prepareEndpoint } from "../../src/egress/endpoint.ts";
import { type Carrier, type ConnectionSource, Exchange } from "../../src/egress/exchange.ts";
import { EgressFailure } from "../../src/egress/failure.ts";

/** What became of an exchange's connection. */
export type ConnectionEnd = "held" | "released" | "cut";

/** An exchange over a connection that is no socket. */
export interface DryRun {
  readonly exchange: Exchange;
  readonly connection: { end: ConnectionEnd; isPaused: boolean; isWritten: boolean; isUnsent: boolean };
  /** How often it asked for another connection. */
  readonly acquired: () => number;
  readonly hintMs: () => number | undefined;
  /** The connection brings bytes, as a socket's handler would. */
  bring(bytes: Buffer | string): void;
}

const METHODS = { POST: endpointFor("POST"), HEAD: endpointFor("HEAD") } as const;

function endpointFor(method: "POST" | "HEAD"): Endpoint {
  return prepareEndpoint({ method, url: "http://server.test/path?x=1", headers: {} });
}

export function dryRun(options: { method?: keyof typeof METHODS; isReused?: boolean } = {}): DryRun {
  const connection: DryRun["connection"] = {
    end: "held",
    isPaused: false,
    isWritten: true,
    isUnsent: false,
  };
  let acquired = 0;
  let hint: number | undefined;
  const source: ConnectionSource = {
    acquire: () => acquired++,
    withdraw: () => {},
    release: (_carrier, hintMs) => {
      connection.end = "released";
      hint = hintMs;
    },
  };
  const carrier: Carrier = {
    get isWritten() {
      return connection.isWritten;
    },
    get isUnsent() {
      return connection.isUnsent;
    },
    serve: () => {},
    rest: () => {},
    pause() {
      connection.isPaused = true;
    },
    resume() {
      connection.isPaused = false;
    },
    cut() {
      connection.end = "cut";
    },
  };
  const exchange = new Exchange(METHODS[options.method ?? "POST"], "{}", source);
  exchange.answer.catch(() => {});
  exchange.begin(carrier, options.isReused ?? false);
  return {
    exchange,
    connection,
    acquired: () => acquired,
    hintMs: () => hint,
    bring(bytes) {
      if (connection.end !== "held") return;
      try {
        exchange.receive(Buffer.from(bytes));
      } catch (thrown) {
        exchange.broke(thrown);
      }
    },
  };
}

/** What was told: the answer, or why there is none. */
export type Told = { readonly status: number; readonly body: string } | { readonly fault: string };

/** Reads an answer to its end. */
export async function told(answer: Promise<Answer>, limitBytes = 1_000_000): Promise<Told> {
  try {
    const head = await answer;
    const body = await head.bytes(limitBytes);
    return { status: head.status, body: Buffer.from(body).toString("latin1") };
  } catch (thrown) {
    return { fault: thrown instanceof EgressFailure ? thrown.fault : String(thrown) };
  }
}
