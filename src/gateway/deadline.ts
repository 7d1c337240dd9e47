import type { CallGuard } from "./call-guard.ts";

/** A day; nobody who says more means it. */
const LONGEST_MS = 86_400_000;

/**
 * How long the caller waits for its answer, all attempts together: `x-gatehouse-deadline-ms`, or the timeout that its
 * SDK tells of in seconds: `x-stainless-timeout` of OpenAI's and Anthropic's for TypeScript, `x-stainless-read-timeout`
 * of those for Python (https://github.com/openai/openai-node, src/client.ts; https://github.com/openai/openai-python,
 * src/openai/_base_client.py). What is no duration says nothing.
 */
export function waitUntilDeadline(guard: CallGuard, headers: Headers): void {
  const own = durationMs(headers.get("x-gatehouse-deadline-ms"), 1);
  if (own !== undefined) guard.endBy(own);
  const ofClient = headers.get("x-stainless-timeout") ?? headers.get("x-stainless-read-timeout");
  const timeoutMs = durationMs(ofClient, 1000);
  if (timeoutMs !== undefined) guard.endByUntilHead(timeoutMs);
}

function durationMs(text: string | null, unitMs: number): number | undefined {
  if (text === null || text.trim() === "") return undefined;
  const ms = Number(text) * unitMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}
