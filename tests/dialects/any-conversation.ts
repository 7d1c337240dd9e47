import fc from "fast-check";
import type { ContentPart, MediaSource } from "../../src/model/content-part.ts";
import type { Conversation, Message, ResponseFormat, ToolMessage } from "../../src/model/conversation.ts";
import type { Feature } from "../../src/model/loss.ts";
import type { Tool, ToolChoice } from "../../src/model/tool.ts";
import type { Vendor } from "../../src/model/vendor.ts";

/** What the conversations may use: whatever the dialect under test can say. */
export interface Sayable {
  readonly lacks: readonly Feature[];
  readonly signatures: readonly Vendor[];
  /** Whose uploaded files the dialect names. */
  readonly vendor?: Vendor;
  readonly maxTemperature: number;
  /** The least bound on the output that the dialect takes. */
  readonly minOutputTokens?: number;
  readonly efforts: readonly NonNullable<Conversation["reasoning"]>["effort"][];
  /** In place of `efforts`, where the dialect asks for reasoning in more words. */
  readonly reasonings?: readonly NonNullable<Conversation["reasoning"]>[];
  /** The one form of schema that the dialect enforces, where it is bound to one: without a name, wholly closed. */
  readonly closedSchema?: { readonly name: string };
  /** Whether no tool can be demanded. */
  readonly isUnforced?: boolean;
  /** Whether there may be a system prompt, documents of text, results with images and errors, cache markers. */
  readonly isRich?: boolean;
}

const text = fc
  .string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((value) => value.trim() !== "");
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const schema = fc
  .dictionary(name, fc.constantFrom({ type: "string" }, { type: "integer" }), { minKeys: 1, maxKeys: 2 })
  .map((properties) => ({ type: "object", properties: { ...properties } }));

/** Any conversation that the dialect can say, with its tool calls answered, as vendors demand it. */
export function anyConversation(sayable: Sayable): fc.Arbitrary<Conversation> {
  return fc
    .record({
      turns: fc.array(turn(sayable), { minLength: 1, maxLength: 3 }),
      system: sayable.isRich === true ? systemPrompt : fc.constant([]),
      settings: settings(sayable),
    })
    .map(({ turns, system, settings: rest }) => ({
      ...rest,
      messages: [...system, ...renumbered(turns.flat())],
      extensions: {},
    }));
}

const cache = fc.constantFrom<{ readonly cache?: { readonly ttl: "5m" | "1h" } }[]>(
  {},
  { cache: { ttl: "5m" } },
  { cache: { ttl: "1h" } },
);

const systemPrompt: fc.Arbitrary<readonly Message[]> = fc
  .array(
    fc.tuple(text, cache).map(([value, marker]): ContentPart => ({ kind: "text", text: value, ...marker })),
    { maxLength: 2 },
  )
  .map((content) => (content.length === 0 ? [] : [{ role: "system", content }]));

const textDocument: fc.Arbitrary<ContentPart> = fc
  .record(
    { name: text, context: text, citable: fc.boolean(), marker: cache, source: text },
    { requiredKeys: ["source"] },
  )
  .map(({ marker, source, ...rest }) => ({
    kind: "document",
    source: { from: "text", text: source },
    ...rest,
    ...marker,
  }));

function says(sayable: Sayable, feature: Feature): boolean {
  return !sayable.lacks.includes(feature);
}

/** Those of the choices that the dialect has the feature for. */
function sayableOf<T>(
  sayable: Sayable,
  choices: readonly [Feature | undefined, fc.Arbitrary<T>][],
): fc.Arbitrary<T> {
  const sayableOnes = choices.filter(([feature]) => feature === undefined || says(sayable, feature));
  return fc.oneof(...sayableOnes.map(([, arbitrary]) => arbitrary));
}

const bytes = (mediaType: string): fc.Arbitrary<MediaSource> =>
  base64.map((data) => ({ from: "base64", mediaType, data }));
const address: fc.Arbitrary<MediaSource> = fc.webUrl().map((url) => ({ from: "url", url }));

function userPart(sayable: Sayable): fc.Arbitrary<ContentPart> {
  const plain = plainUserPart(sayable);
  if (sayable.isRich !== true) return plain;
  return fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: textDocument, weight: 1 });
}

/** What a tool gave. */
function result(sayable: Sayable): fc.Arbitrary<Omit<ToolMessage, "role" | "toolCallId">> {
  const plain = text.map(
    (value): Omit<ToolMessage, "role" | "toolCallId"> => ({
      content: [{ kind: "text", text: value }],
    }),
  );
  if (sayable.isRich !== true) return plain;
  const rich = fc.tuple(text, bytes("image/png"), fc.boolean(), cache).map(
    ([value, source, isError, marker]): Omit<ToolMessage, "role" | "toolCallId"> => ({
      content: [
        { kind: "text", text: value },
        { kind: "image", source },
      ],
      isError,
      ...marker,
    }),
  );
  return fc.oneof(plain, rich);
}

function plainUserPart(sayable: Sayable): fc.Arbitrary<ContentPart> {
  return sayableOf<ContentPart>(sayable, [
    [undefined, text.map((value) => ({ kind: "text", text: value }))],
    ["image-base64", bytes("image/png").map((source) => ({ kind: "image", source }))],
    ["image-url", address.map((source) => ({ kind: "image", source }))],
    ["audio", bytes("audio/wav").map((source) => ({ kind: "audio", source }))],
    [
      "document-base64",
      bytes("application/pdf").map((source) => ({ kind: "document", source, name: "a.pdf" })),
    ],
  ]);
}

/** A question, and perhaps an answer to it, with tools called and their results. */
function turn(sayable: Sayable): fc.Arbitrary<readonly Message[]> {
  const user = fc
    .array(userPart(sayable), { minLength: 1, maxLength: 3 })
    .map((content): Message => ({ role: "user", content }));
  const calls = fc.array(fc.tuple(name, schema), { maxLength: 2 });
  const answer = fc.record({
    reasoning: reasoning(sayable),
    said: fc.option(text, { nil: undefined }),
    calls,
  });
  return fc
    .tuple(user, fc.option(answer, { nil: undefined }), result(sayable))
    .map(([asked, answered, gave]) => {
      if (answered === undefined) return [asked];
      const content: ContentPart[] = [
        ...answered.reasoning,
        ...(answered.said === undefined ? [] : [{ kind: "text", text: answered.said } as const]),
        ...answered.calls.map(
          ([called, args]) =>
            ({ kind: "tool-call", id: "", name: called, arguments: JSON.stringify(args) }) as const,
        ),
      ];
      if (content.every((part) => part.kind === "reasoning")) return [asked];
      const results = answered.calls.map((): Message => ({ role: "tool", toolCallId: "", ...gave }));
      return [asked, { role: "assistant", content }, ...results];
    });
}

function reasoning({ signatures, lacks }: Sayable): fc.Arbitrary<readonly ContentPart[]> {
  const unsigned = text.map((value): ContentPart => ({ kind: "reasoning", text: value }));
  if (signatures.length === 0)
    return lacks.includes("reasoning-history") ? fc.constant([]) : fc.array(unsigned, { maxLength: 1 });
  const signed = fc.tuple(text, base64, fc.constantFrom(...signatures)).map(
    ([value, proof, vendor]): ContentPart => ({
      kind: "reasoning",
      text: value,
      signature: { vendor, value: proof },
    }),
  );
  return fc.array(signed, { maxLength: 1 });
}

/** Ids are unique, and each result names the call that it answers. */
function renumbered(messages: readonly Message[]): readonly Message[] {
  let count = 0;
  let pending: string[] = [];
  return messages.map((message): Message => {
    if (message.role === "tool") return { ...message, toolCallId: pending.shift() ?? "" };
    const content = message.content.map((part) =>
      part.kind === "tool-call" ? { ...part, id: `call_${++count}` } : part,
    );
    pending = content.flatMap((part) => (part.kind === "tool-call" ? [part.id] : []));
    return { ...message, content };
  });
}

function settings(sayable: Sayable): fc.Arbitrary<Omit<Conversation, "messages" | "extensions">> {
  const tool: fc.Arbitrary<Tool> = fc
    .record({ name, description: text, parameters: schema })
    .map((known) => ({ kind: "function", ...known }));
  const optional: { -readonly [M in keyof Conversation]?: fc.Arbitrary<Conversation[M]> } = {
    ...(says(sayable, "json-schema") && {
      responseFormat: fc.tuple(name, schema).map(([called, value]) => schemaFormat(called, value, sayable)),
    }),
    ...(sayable.reasonings !== undefined && { reasoning: fc.constantFrom(...sayable.reasonings) }),
    ...(sayable.efforts.length > 0 && {
      reasoning: fc
        .constantFrom(...sayable.efforts)
        .map((effort) => (effort === undefined ? {} : { effort })),
    }),
  };
  return fc
    .record(
      {
        tools: fc.uniqueArray(tool, {
          maxLength: 2,
          selector: ({ kind: _kind, ...rest }) => JSON.stringify(rest),
        }),
        sampling: sampling(sayable),
        ...optional,
      },
      { requiredKeys: ["tools", "sampling"] },
    )
    .chain((rest) => choice(rest.tools, sayable).map((toolChoice) => ({ ...rest, ...toolChoice })));
}

function schemaFormat(
  called: string,
  schemaValue: { readonly type: string; readonly properties: object },
  { closedSchema }: Sayable,
): ResponseFormat {
  if (closedSchema === undefined) return { kind: "json-schema", name: called, schema: schemaValue };
  const required = Object.keys(schemaValue.properties);
  const closed = { ...schemaValue, required, additionalProperties: false };
  return { kind: "json-schema", name: closedSchema.name, schema: closed, strict: true };
}

/** Vendors refuse a choice among no tools. */
function choice(
  tools: readonly Tool[],
  sayable: Sayable,
): fc.Arbitrary<{ readonly toolChoice?: ToolChoice }> {
  const [first] = tools;
  if (first === undefined || first.kind === "vendor" || !says(sayable, "tool-choice")) return fc.constant({});
  if (sayable.isUnforced === true)
    return fc.constantFrom<{ readonly toolChoice?: ToolChoice }[]>({}, { toolChoice: { kind: "auto" } });
  return fc.constantFrom<{ readonly toolChoice?: ToolChoice }[]>(
    {},
    { toolChoice: { kind: "auto" } },
    { toolChoice: { kind: "none" } },
    { toolChoice: { kind: "required" } },
    { toolChoice: { kind: "tool", name: first.name } },
  );
}

function sampling(sayable: Sayable): fc.Arbitrary<Conversation["sampling"]> {
  const share = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
  return fc.record(
    {
      maxOutputTokens: fc.integer({ min: sayable.minOutputTokens ?? 1, max: 100_000 }),
      ...(says(sayable, "temperature") && {
        temperature: share.map((value) => value * sayable.maxTemperature),
      }),
      ...(says(sayable, "top-p") && { topP: share }),
      ...(says(sayable, "top-k") && { topK: fc.integer({ min: 1, max: 100 }) }),
      ...(says(sayable, "seed") && { seed: fc.integer({ min: 0, max: 2_147_483_647 }) }),
      ...(says(sayable, "stop") && { stop: fc.array(text, { minLength: 1, maxLength: 2 }) }),
      ...(says(sayable, "frequency-penalty") && { frequencyPenalty: share }),
      ...(says(sayable, "presence-penalty") && { presencePenalty: share }),
    },
    { requiredKeys: ["maxOutputTokens"] },
  );
}
