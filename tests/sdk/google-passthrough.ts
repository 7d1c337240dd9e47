import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import type { GoogleGenAI } from "@google/genai";
import { UPSTREAM_KEY } from "../process/pair.ts";
import type { Body, Scenario } from "../upstream/client.ts";
import { recordingFolders } from "../upstream/recordings.ts";
import { type GooglePair, outcomeOf, startGooglePair } from "./google-clients.ts";

export const folders = recordingFolders();
const MODEL = "gemini-3.8-flash";

/** The model by the name that the gateway has for it, and what it is asked. */
export const NAMED = `gemini/${MODEL}`;
export const contents = "Who stands at the gate?";

/** What `runGoogle` started. */
export let pair: GooglePair;

/** A gateway and a provider, for the tests of a file; scenarios and calls are cleared before each. */
export function runGoogle(): void {
  beforeAll(async () => {
    pair = await startGooglePair();
  });

  afterAll(() => pair.dispose());

  beforeEach(async () => {
    await pair.upstream.clearScenarios();
    await pair.upstream.clearCalls();
  });
}

/** Where the SDK calls the provider itself for an action. */
export const pathOf = (action: string): string => `/v1beta/models/${MODEL}:${action}`;

/** Has the provider answer an action. */
export const answering = (action: string, body: Body, rest: Scenario = {}): Promise<void> =>
  pair.upstream.scenario(pathOf(action), { body, ...rest });

/** Calls the provider itself and then the gateway; both must give the same, and send the same. */
export async function both(call: (client: GoogleGenAI, model: string) => Promise<object>) {
  const expected = await outcomeOf(() => call(pair.direct, MODEL));
  const given = await outcomeOf(() => call(pair.through, NAMED));
  const calls = await pair.upstream.calls();
  const [first, second] = calls.slice(-2);
  expect(second?.path).toBe(first?.path ?? "");
  expect(second?.bodyText).toBe(first?.bodyText ?? "");
  const headers = Object.fromEntries(
    second?.headers.map(([name, value]) => [name.toLowerCase(), value]) ?? [],
  );
  expect(headers["x-goog-api-key"]).toBe(UPSTREAM_KEY);
  expect(JSON.stringify(second?.headers)).not.toContain(pair.gateway.virtualKey);
  return { expected, given };
}

/** As `both`; what came, which must be the same. */
export async function same(call: (client: GoogleGenAI, model: string) => Promise<object>) {
  const { expected, given } = await both(call);
  expect(given).toStrictEqual(expected);
  return given;
}
