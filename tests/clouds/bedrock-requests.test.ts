import { describe, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import type { CallRecord } from "../upstream/client.ts";
import {
  CLAUDE,
  cloud,
  MESSAGES,
  runBedrock,
  SECRET,
  STREAM,
  sample,
  streamed,
  WHOLE,
} from "./bedrock-cloud.ts";
import { bodyOf, headerOf, startCloud } from "./cloud-pair.ts";

/** What a gateway process sends to Amazon Bedrock: signed, with its tools and what it thought in earlier turns. */

runBedrock();

test("requests are signed, and the signature is what AWS would make of them", async () => {
  await cloud.answer(WHOLE, sample("amazon-bedrock/bedrock-chat-text"));
  await cloud.openai.chat.completions.create({
    model: `bedrock/${CLAUDE}`,
    messages: [{ role: "user", content: "é 門 😀" }],
  });
  const [call] = await cloud.calls();
  expect(headerOf(call, "authorization")).toBe(expectedSignature(call, "eu-west-1"));
  expect(JSON.stringify(call)).not.toContain(SECRET);
  expect(cloud.gateway.log() + cloud.gateway.printed).not.toContain(SECRET);
});

/** AWS's signature, version 4, worked out by hand from what arrived. */
function expectedSignature(call: CallRecord | undefined, region: string): string {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string): Buffer =>
    createHmac("sha256", key).update(text).digest();
  const time = headerOf(call, "x-amz-date") ?? "";
  const canonical = [
    "POST",
    (call?.path ?? "").replaceAll("%", "%25"),
    "",
    `host:${headerOf(call, "host")}`,
    `x-amz-date:${time}`,
    "",
    "host;x-amz-date",
    sha256(call?.bodyText ?? ""),
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/bedrock/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${SECRET}`);
  const signature = hmac(key, toSign).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
}

const LOOK = {
  type: "function" as const,
  function: {
    name: "look",
    description: "Looks at a gate",
    parameters: { type: "object", properties: { gate: { type: "string" } }, required: ["gate"] },
  },
};

describe("tools", () => {
  test("two turns: what the model thought goes back with its signature, and results to their calls", async () => {
    await cloud.answer(
      WHOLE,
      sample("amazon-bedrock/bedrock-chat-tool-calls"),
      sample("amazon-bedrock/bedrock-chat-text"),
    );
    const asked = { model: `bedrock/${CLAUDE}`, tools: [LOOK], tool_choice: "auto" as const };
    const first = await cloud.openai.chat.completions.create({ ...asked, messages: MESSAGES });
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error("no message");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(message).toMatchObject({
      content: "I shall look at both gates.",
      reasoning_content: "Two gates, two questions.",
      tool_calls: [
        { id: "tooluse_north", type: "function", function: { name: "look", arguments: '{"gate":"north"}' } },
        { id: "tooluse_all", type: "function", function: { name: "list_gates", arguments: "{}" } },
      ],
    });
    const results = (message.tool_calls ?? []).map(({ id }, index) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: `result ${index}`,
    }));
    const second = await cloud.openai.chat.completions.create({
      ...asked,
      messages: [...MESSAGES, message, ...results],
    });
    expect(second.choices[0]?.message.content).toBe("The gate stands open. 門");
    const [, call] = await cloud.calls(2);
    expect(bodyOf(call)["messages"]).toEqual([
      { role: "user", content: [{ text: MESSAGES[0]?.content }] },
      {
        role: "assistant",
        content: [
          {
            reasoningContent: {
              reasoningText: { text: "Two gates, two questions.", signature: "EqQBCgIYAhIkMWE=" },
            },
          },
          { text: "I shall look at both gates." },
          { toolUse: { toolUseId: "tooluse_north", name: "look", input: { gate: "north" } } },
          { toolUse: { toolUseId: "tooluse_all", name: "list_gates", input: {} } },
        ],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "tooluse_north", content: [{ text: "result 0" }] } },
          { toolResult: { toolUseId: "tooluse_all", content: [{ text: "result 1" }] } },
        ],
      },
    ]);
  });

  test("the same calls streamed, by the SDK's own runner of tools", async () => {
    await cloud.answer(
      STREAM,
      streamed("amazon-bedrock/bedrock-chat-tool-calls", { split: "every-byte" }),
      streamed("amazon-bedrock/bedrock-chat-text"),
    );
    const seen: unknown[] = [];
    const tool = (name: string) => ({
      type: "function" as const,
      function: {
        name,
        parse: JSON.parse,
        function: (input: unknown) => {
          seen.push([name, input]);
          return "open";
        },
        description: name,
        parameters: { type: "object", properties: {} },
      },
    });
    const runner = cloud.openai.chat.completions.runTools({
      model: `bedrock/${CLAUDE}`,
      messages: MESSAGES,
      stream: true,
      tools: [tool("look"), tool("list_gates")],
    });
    expect(await runner.finalContent()).toBe("The gate stands open. 門");
    expect(seen).toEqual([
      ["look", { gate: "north" }],
      ["list_gates", {}],
    ]);
  });
});

test("a Bedrock API key travels as it is, with no signature", async () => {
  const keyed = await startCloud((url) =>
    [
      "providers:",
      `  bedrock: { base_url: "${url}", key: "bedrock-api-key-1", options: { region: eu-west-1 } }`,
      "",
    ].join("\n"),
  );
  try {
    await keyed.answer(WHOLE, sample("amazon-bedrock/bedrock-chat-text"));
    await keyed.openai.chat.completions.create({ model: `bedrock/${CLAUDE}`, messages: MESSAGES });
    const [call] = await keyed.calls();
    expect(headerOf(call, "authorization")).toBe("Bearer bedrock-api-key-1");
    expect(headerOf(call, "x-amz-date")).toBeUndefined();
  } finally {
    await keyed.dispose();
  }
});
