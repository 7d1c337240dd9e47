/** What every SDK is asked to do, in its own words. */

export const QUESTION = "Who stands at the gate?";
export const ANSWER = "A friend: 门 and 🚪.";
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const TOOL = {
  name: "open_gate",
  description: "Opens a gate.",
  parameters: {
    type: "object",
    properties: { gate: { type: "string" } },
    required: ["gate"],
    additionalProperties: false,
  },
} as const;
export const CALLS = [
  { id: "call_1", name: "open_gate", arguments: '{"gate":"north"}' },
  { id: "call_2", name: "open_gate", arguments: '{"gate":"süd"}' },
] as const;
export const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, friend: { type: "boolean" } },
  required: ["name", "friend"],
  additionalProperties: false,
} as const;
export const PERSON = { name: "Ödön", friend: true };

/** What the tool gives for a gate. */
export const opened = (gate: unknown): string => `${String(gate)} is open`;

/** What an SDK made of an answer. */
export interface Told {
  readonly text: string;
  /** As the SDK's own dialect counts it: cached tokens included or not. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** An official SDK, doing all tasks through the gateway. */
export interface JudgingSdk {
  /** The tool of its own by which it asks for JSON, where it uses no format. */
  readonly jsonTool?: string;
  text(model: string): Promise<Told>;
  stream(model: string): Promise<Told>;
  /** Asks with the tool, runs what is called, gives the results back, and tells the final answer. */
  tools(model: string): Promise<string>;
  structured(model: string): Promise<unknown>;
  image(model: string): Promise<string>;
}
