import type { GatewayProcess } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import type { CallRecord } from "../upstream/client.ts";

/** Calls that carry a number, in the prompt and as the end user, so that what the provider saw finds its row. */
export interface NumberedCall {
  readonly number: number;
  /** The model's name at the provider, which is the name of a scenario. */
  readonly model: string;
  readonly contract: "openai-chat" | "generate";
  readonly stream: boolean;
  /** The client leaves after so long. */
  readonly leaveAfterMs?: number;
}

/** What the client of a call was told. */
export interface Told {
  /** 0 where no answer came. */
  readonly status: number;
  /** What it read, as far as it came. */
  readonly text: string;
  /** The answer came to its end. */
  readonly isWhole: boolean;
}

/** Who is called: a gateway that was started again prints no key. */
export interface Callee {
  readonly url: string;
  readonly virtualKey: string;
}

/** A configuration in which each of these models of the replay server costs $1 in and $2 out a million tokens. */
export function pricedConfiguration(upstreamUrl: string, models: readonly string[], more = ""): string {
  const prices = models.map((model) => `  replay/${model}: { input: 1, output: 2 }\n`);
  return `${configurationFor(upstreamUrl)}${prices.join("")}${more}`;
}

/** The end user of a call. */
export function nameOf(number: number): string {
  return `call-${number}`;
}

/** The end user that a call seen by the provider was made for. */
export function nameIn(call: Pick<CallRecord, "bodyText">): string {
  return /call-\d+/.exec(call.bodyText)?.[0] ?? "nobody";
}

/** Makes a call and reads its answer to the end, or leaves. Never throws. */
export async function makeCall({ url, virtualKey }: Callee, call: NumberedCall): Promise<Told> {
  let status = 0;
  let text = "";
  try {
    const answer = await fetch(url + PATHS[call.contract], {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${virtualKey}` },
      body: JSON.stringify(bodyOf(call)),
      ...(call.leaveAfterMs === undefined ? {} : { signal: AbortSignal.timeout(call.leaveAfterMs) }),
    });
    status = answer.status;
    const decoder = new TextDecoder();
    for await (const part of answer.body ?? []) text += decoder.decode(part, { stream: true });
    return { status, text, isWhole: true };
  } catch {
    return { status, text, isWhole: false };
  }
}

/** One metric's value on the page of a gateway; undefined where it has none. */
export async function metric(
  gateway: Pick<GatewayProcess, "url" | "adminKey">,
  series: string,
): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${gateway.adminKey}` };
  const page = await (await fetch(`${gateway.url}/metrics`, { headers })).text();
  const line = page.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const PATHS = { "openai-chat": "/v1/chat/completions", generate: "/generate" } as const;

function bodyOf({ number, model, contract, stream }: NumberedCall): object {
  const user = nameOf(number);
  const prompt = `Say who goes there: ${user}.`;
  return contract === "generate"
    ? { model: `replay/${model}`, stream, prompt, metadata: { user } }
    : { model: `replay/${model}`, stream, messages: [{ role: "user", content: prompt }], user };
}
