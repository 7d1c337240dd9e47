import { afterAll, beforeAll } from "bun:test";
import type { Scenario } from "../upstream/client.ts";
import { type CloudPair, startCloud } from "./cloud-pair.ts";

/** The model that is asked, and the paths under which Bedrock has it. */
export const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
export const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
export const path = (model: string, action: string): string =>
  `/model/${encodeURIComponent(model)}/${action}`;
export const WHOLE = path(CLAUDE, "converse");
export const STREAM = path(CLAUDE, "converse-stream");
export const framing = "amazon-event-stream";
export const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate?" }];

/** What `runBedrock` started. */
export let cloud: CloudPair;

/** A gateway before a Bedrock, for the tests of a file. */
export function runBedrock(): void {
  beforeAll(async () => {
    cloud = await startCloud((url) =>
      [
        "providers:",
        "  bedrock:",
        `    base_url: ${url}`,
        "    options: { region: eu-west-1 }",
        `    credentials: { access_key_id: AKIDEXAMPLE, secret_access_key: "${SECRET}" }`,
        "prices:",
        `  "bedrock/${CLAUDE}": { input: 3, output: 15, cached_input: 0.3, cache_write: 3.75, cache_write_1h: 6 }`,
        "",
      ].join("\n"),
    );
  });

  afterAll(() => cloud.dispose());
}

/** A recorded answer. */
export const sample = (recording: string): Scenario => ({ body: { kind: "recording", recording } });

/** A recorded stream, in Amazon's framing. */
export const streamed = (recording: string, more: Scenario = {}): Scenario => ({
  ...more,
  body: { kind: "stream-recording", recording, framing },
});
