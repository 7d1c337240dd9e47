import { describe, expect, test } from "bun:test";
import { USER } from "./anthropic.ts";
import { conversationOf, fromChat, lossesOf, sent } from "./anthropic-requests.ts";

describe("messages as Anthropic takes them", () => {
  const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });

  test("instructions are the system prompt; results of parallel calls are one turn, with what follows", () => {
    const { parsed } = fromChat({
      messages: [
        { role: "system", content: "One." },
        { role: "developer", content: "Two." },
        USER,
        { role: "assistant", content: null, tool_calls: [call("a"), call("functions.f:0")] },
        { role: "tool", tool_call_id: "a", content: "1" },
        { role: "tool", tool_call_id: "functions.f:0", content: "2" },
        { role: "user", content: "go on" },
      ],
    });
    expect(parsed["system"]).toEqual([
      { type: "text", text: "One." },
      { type: "text", text: "Two." },
    ]);
    expect(parsed["messages"]).toEqual([
      USER,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "f", input: {} },
          { type: "tool_use", id: "functions_2e_f_3a_0", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "1" },
          { type: "tool_result", tool_use_id: "functions_2e_f_3a_0", content: "2" },
          { type: "text", text: "go on" },
        ],
      },
    ]);
  });

  const late = {
    messages: [
      USER,
      { role: "assistant", content: "ha" },
      { role: "system", content: "Now in verse." },
      USER,
    ],
  };

  test("late instructions stand behind the user's turn where the model takes them", () => {
    const { parsed, losses } = fromChat(late, "claude-opus-5");
    expect(parsed["messages"]).toEqual([
      USER,
      { role: "assistant", content: "ha" },
      USER,
      { role: "system", content: "Now in verse." },
    ]);
    expect(losses).toEqual([]);
  });

  test("and are told inside the user's turn where not", () => {
    const { parsed, losses } = fromChat(late, "claude-sonnet-5");
    expect(parsed["messages"]).toEqual([
      USER,
      { role: "assistant", content: "ha" },
      { role: "user", content: "<system>\nNow in verse.\n</system>" },
      USER,
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["late-system-message"]);
  });

  test("members beside a late instruction reach Anthropic and are lost elsewhere", () => {
    const messages = [USER, { role: "system", content: "Hush.", clear_at: "next_user_message" }];
    expect(sent({ messages }, "claude-opus-5-5")["messages"]).toEqual(messages);
    expect(conversationOf({ messages }).messages[1]?.content).toHaveLength(2);
  });

  test("an assistant that begins, a conversation of instructions alone, turns that say nothing", () => {
    const greeting = fromChat({ messages: [{ role: "assistant", content: "Welcome." }, USER] }).parsed;
    expect(greeting["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", content: "Welcome." },
      USER,
    ]);
    expect(fromChat({ messages: [{ role: "system", content: "Sing." }] }).parsed["messages"]).toEqual([
      { role: "user", content: "Sing." },
    ]);
    const silent = [USER, { role: "assistant", content: "" }, { role: "user", content: " " }];
    expect(fromChat({ messages: silent }).parsed["messages"]).toEqual([USER]);
  });

  test("arguments that are no JSON are kept; refusals are text; unsigned reasoning is left out", () => {
    const { parsed, losses } = fromChat({
      messages: [
        USER,
        {
          role: "assistant",
          content: null,
          refusal: "No.",
          reasoning_content: "hm",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{broken" } }],
        },
      ],
    });
    expect(parsed["messages"]).toMatchObject([
      USER,
      {
        role: "assistant",
        content: [
          { type: "text", text: "No." },
          { type: "tool_use", id: "a", name: "f", input: { input: "{broken" } },
        ],
      },
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });

  test("what no member exists for is named", () => {
    expect(
      lossesOf({
        seed: 1,
        n: 2,
        logprobs: true,
        frequency_penalty: 1,
        presence_penalty: 0,
        prompt_cache_key: "k",
        metadata: { a: "b" },
        verbosity: "low",
        store: true,
        temperature: 2,
        logit_bias: { "1": 2 },
      }),
    ).toEqual([
      "verbosity",
      "choices",
      "log-probabilities",
      "cache-key",
      "metadata",
      "store",
      "extension",
      "seed",
      "frequency-penalty",
      "temperature",
    ]);
  });
});
